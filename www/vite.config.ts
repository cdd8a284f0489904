/**
 * How the page is built.
 *
 * The server may mount the page under any path and sends a Content-Security-Policy without `unsafe-inline`,
 * so addresses are relative and nothing (no preload helper, no small asset) is inlined into the HTML.
 */
import { defineConfig, type Plugin } from "vite";

/** What the page may do. Keyward's server sends the same as a header; here it also holds on a host that sends none. */
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; " +
  "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'";

/** Writes the policy into the built page, not into the development server's, which needs inline styles. */
function policy(): Plugin {
  return {
    name: "policy",
    apply: "build",
    transformIndexHtml: () => [
      { tag: "meta", attrs: { "http-equiv": "Content-Security-Policy", content: POLICY }, injectTo: "head-prepend" },
    ],
  };
}

export default defineConfig({
  base: "./",
  plugins: [policy()],
  build: {
    target: "es2023",
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    modulePreload: false,
    assetsInlineLimit: 0,
  },
});

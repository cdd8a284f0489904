/**
 * Serves a built page as the product's server does: static files under the strict policy, nothing else.
 *
 * The tests serve the files themselves so that what they prove holds for any host of `www/dist`.
 */
import { createReadStream } from "node:fs";
import { access, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The built page. */
export const DIST = fileURLToPath(new URL("../../www/dist/", import.meta.url));

/** The policy under which the page has to work. */
export const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
].join("; ");

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** Listens on a free port below a path of its own, so that a page with absolute addresses is found out. */
export async function serve({ policy = POLICY } = {}) {
  await access(join(DIST, "index.html")).catch(() => {
    throw new Error(`${DIST} holds no page; build it first: cargo xtask build`);
  });
  const server = createServer((request, response) => void answer(policy, request, response));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    origin,
    url: `${origin}/demo/`,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

async function answer(policy, request, response) {
  const { pathname } = new URL(request.url, "http://localhost");
  const name = pathname === "/demo/" ? "index.html" : normalize(pathname.replace(/^\/demo\//, ""));
  const path = join(DIST, name);
  const found =
    path.startsWith(DIST) && !name.startsWith(`..${sep}`) && (await stat(path).catch(() => undefined))?.isFile();
  if (!found) {
    response.writeHead(404, { "content-type": "text/plain" }).end("not found\n");
    return;
  }
  response.writeHead(200, {
    "content-type": TYPES[extname(path)] ?? "application/octet-stream",
    "content-security-policy": policy,
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
  });
  createReadStream(path).pipe(response);
}

/**
 * Makes `pkg/dist` from `pkg/src` and the module that wasm-pack has left in `pkg/wasm`:
 *
 *   dist/index.js         the `default` entry, the module inlined as base64
 *   dist/workerd.js       the `workerd` entry, which imports dist/keyward.wasm
 *   dist/edge-light.js    the `edge-light` entry, which imports it as `?module`
 *   dist/slim.js          the entry without a module: its caller brings it
 *   dist/hono.js, dist/cloudflare.js, dist/admin.js
 *   dist/presets/*.js     a module for each preset
 *   dist/**\/*.d.ts        the declarations that the entries reach, no others
 */
import { build } from "esbuild";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, readdir, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const src = join(root, "src");
const dist = join(root, "dist");
const wasm = join(root, "wasm", "keyward_bg.wasm");
const glue = join(root, "wasm", "keyward.js");

/** What the package calls. The rest of the glue (loading by `fetch`) is left out. */
const USED = ["initSync", "Engine", "generateKey", "digestKey", "parseKey", "inspectHead"];

const common = {
  bundle: true,
  format: "esm",
  target: "es2022",
  platform: "neutral",
  charset: "utf8",
  absWorkingDir: root,
  logLevel: "warning",
};

/** What is imported by `#…`: the platform shim, the WebAssembly module in the two forms the shims ask for, its glue. */
const inside = (platform) => ({
  name: "inside",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^#platform$/ }, () => ({ path: join(src, "platform", `${platform}.ts`) }));
    onResolve({ filter: /^#wasm\/module$/ }, () => ({
      path: platform === "edge-light" ? "./keyward.wasm?module" : "./keyward.wasm",
      external: true,
    }));
    onResolve({ filter: /^#wasm\/base64$/ }, () => ({ path: wasm }));
    onLoad({ filter: /\.wasm$/ }, async ({ path }) => ({ contents: await readFile(path), loader: "base64" }));
    onResolve({ filter: /^#glue$/ }, () => ({ path: "glue", namespace: "glue" }));
    onLoad({ filter: /^glue$/, namespace: "glue" }, async () => ({ contents: await glueFactory() }));
  },
});

if (!existsSync(wasm)) {
  console.error("pkg/wasm is empty: run `cargo xtask build`, which makes the WebAssembly module first.");
  process.exit(1);
}
execFileSync(process.execPath, [typescript(), "--project", root], { stdio: "inherit", cwd: root });
await entry("index", "default");
await entry("index", "workerd");
await entry("index", "edge-light");
await entry("slim", "slim");
const alone = ["admin", "hono", "cloudflare", ...(await presets())];
const entryPoints = alone.map((name) => join(src, `${name}.ts`));
await build({ ...common, entryPoints, outbase: src, outdir: dist });
await cp(wasm, join(dist, "keyward.wasm"));
await cp(join(src, "keyward.wasm.d.ts"), join(dist, "keyward.wasm.d.ts"));
// What was there before is overwritten, not removed first: whoever uses the package meanwhile finds it.
await keepOnly([
  ...["index", "workerd", "edge-light", "slim", ...alone].map((name) => join(dist, `${name}.js`)),
  ...["keyward.wasm", "keyward.wasm.d.ts"].map((name) => join(dist, name)),
  ...(await reached(["index", "slim", ...alone])),
]);

/** One entry: the sources of that name over a platform shim. The file is called after the shim, the default's `index`. */
async function entry(name, platform) {
  const outfile = join(dist, platform === "default" ? "index.js" : `${platform}.js`);
  await build({ ...common, entryPoints: [join(src, `${name}.ts`)], outfile, plugins: [inside(platform)] });
}

/**
 * wasm-bindgen's glue is a module that holds one instance. As a function it can be called once for each instance.
 * An engine lives as long as its instance and goes with it, so the glue's finalizers are switched off: they would call
 * into instances that have trapped.
 */
async function glueFactory() {
  const { outputFiles } = await build({
    ...common,
    // Not by `export`, for which esbuild would walk over members with `for … in`, those of a polluted prototype included.
    stdin: {
      contents: `import { ${USED.join(", ")} } from ${JSON.stringify(glue)}; glue = { ${USED.join(", ")} };`,
      resolveDir: root,
    },
    format: "iife",
    banner: { js: "export function createGlue() { let glue; const FinalizationRegistry = undefined;" },
    footer: { js: "return glue; }" },
    write: false,
  });
  return outputFiles[0].text;
}

async function presets() {
  const files = await readdir(join(src, "presets"));
  return files.filter((name) => name.endsWith(".ts")).map((name) => `presets/${name.slice(0, -3)}`);
}

/** The declarations that the entries' types lead to. The others are the inside of the package. */
async function reached(entries) {
  const found = new Set();
  const visit = async (path) => {
    if (found.has(path)) return;
    found.add(path);
    const text = await readFile(path, "utf8");
    if (/"#\w/.test(text)) throw new Error(`${path} shows the inside of the package`);
    for (const [, to] of text.matchAll(/\bfrom "(\.[^"]*)\.js"/g)) await visit(join(dirname(path), `${to}.d.ts`));
  };
  for (const name of entries) await visit(join(dist, `${name}.d.ts`));
  return found;
}

/** Removes every other file. */
async function keepOnly(paths) {
  const kept = new Set(paths);
  for (const entry of await readdir(dist, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !kept.has(path)) await rm(path);
  }
}

function typescript() {
  return createRequire(import.meta.url).resolve("typescript/lib/tsc.js");
}

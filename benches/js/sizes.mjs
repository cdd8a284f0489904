/** What is shipped, by entry: goal 4, its second part. */
import { build } from "esbuild";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { atMost, wanted } from "./goals.mjs";
import { here, root } from "./place.mjs";
import { bytes, table } from "./table.mjs";

const WORKERD = ["workerd", "worker", "browser"];

/** Scripts, the conditions under which their host resolves them, and what to say of them. */
const SCRIPTS = {
  default: { script: 'export * from "keyward";', what: "`keyward`, default entry, the module inlined" },
  workerd: {
    script: 'export { connect } from "keyward";',
    conditions: WORKERD,
    what: "`keyward` in workerd, with `connect`",
  },
  edge: {
    script: 'export { connect } from "keyward";',
    conditions: ["edge-light"],
    what: "`keyward` in edge-light, with `connect`",
  },
  slim: {
    script: 'export { connect, init } from "keyward/slim"; export { default } from "keyward/keyward.wasm";',
    what: "`keyward/slim` with `connect`, and keyward.wasm",
  },
  hono: { script: 'export * from "keyward/hono";', what: "`keyward/hono`, the middleware" },
  cloudflare: { script: 'export * from "keyward/cloudflare";', what: "`keyward/cloudflare`" },
};

const PEERS = [
  { script: 'export { jwtVerify } from "jose";', what: "jose, `jwtVerify`" },
  { script: 'export { sha256 } from "@noble/hashes/sha2.js";', what: "@noble/hashes, `sha256`" },
  { script: 'export * from "prefixed-api-key";', platform: "node", what: "prefixed-api-key" },
];

export async function sizesSection({ say }) {
  say("sizes");
  const entries = await Promise.all(Object.values(SCRIPTS).map(weigh));
  const [whole, workerd] = entries;
  const presets = readdirSync(join(root, "pkg/dist/presets")).filter((name) => name.endsWith(".js"));
  const ofPresets = await Promise.all(
    presets.map((file) => {
      const name = file.slice(0, -3);
      return weigh({ script: `export * from "keyward/presets/${name}";`, what: `\`keyward/presets/${name}\`` });
    }),
  );
  const rows = [...entries, ...ofPresets, ...(await Promise.all(PEERS.map(weigh)))];
  return `## What is shipped

Bundled and minified by esbuild; the script and, where one lies beside it, the module, each after gzip.

${table(
  ["", "script", "module", "all of it after gzip"],
  rows.map(({ what, script, module, packed }) => [
    what,
    bytes(script),
    module === 0 ? "" : bytes(module),
    bytes(packed),
  ]),
)}

${wanted(4, [
  atMost("a Worker's whole bundle", 40_000, workerd.packed, bytes),
  atMost("the default entry", 52_000, whole.packed, bytes),
])}`;
}

async function weigh({ script: contents, conditions = [], platform = "neutral", what }) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: here },
    outdir: here,
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    platform,
    conditions,
    mainFields: ["module", "main"],
    loader: { ".wasm": "copy" },
    external: ["cloudflare:*"],
    plugins: [
      {
        // As Vercel's bundler does: the module comes by its name with `?module` behind.
        name: "module",
        setup({ onResolve }) {
          onResolve({ filter: /\.wasm\?module$/ }, ({ path, resolveDir }) => ({
            path: join(resolveDir, path.split("?")[0]),
          }));
        },
      },
    ],
    logLevel: "warning",
  });
  const isModule = ({ path }) => path.endsWith(".wasm");
  const sum = (files, size) => files.reduce((all, { contents }) => all + size(contents), 0);
  return {
    what,
    script: sum(
      outputFiles.filter((file) => !isModule(file)),
      (contents) => contents.length,
    ),
    module: sum(outputFiles.filter(isModule), (contents) => contents.length),
    packed: sum(outputFiles, (contents) => gzipSync(contents, { level: 9 }).length),
  };
}

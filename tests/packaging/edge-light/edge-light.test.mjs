/** The suite in Vercel's edge runtime, over the `edge-light` entry, bundled as Next.js bundles edge functions. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { makeProject } from "../project.mjs";
import { report, tools, versionOf } from "../runtime.mjs";
import { webpacked } from "../webpack.mjs";

const { EdgeRuntime } = tools("edge-runtime");

const project = makeProject();
const loader = fileURLToPath(new URL("module-loader.cjs", import.meta.url));
const bundle = await webpacked(project, "launch/listener.mjs", {
  target: "webworker",
  resolve: { conditionNames: ["edge-light", "..."] },
  module: {
    parser: { javascript: { dynamicImportMode: "eager" } },
    rules: [{ test: /\.wasm$/, resourceQuery: /^\?module$/, type: "javascript/auto", use: loader }],
  },
});
const script = readFileSync(bundle, "utf8");
const wasm = new WebAssembly.Module(readFileSync(join(project, "node_modules/keyward/dist/keyward.wasm")));
const runtime = new EdgeRuntime({
  initialCode: script,
  extend: (context) => Object.assign(context, { keyward_wasm: wasm }),
});
const response = await runtime.dispatchFetch("https://suite.example/");
const results = await response.json();

const how = `bundled by webpack ${versionOf("webpack", tools)}`;
report({ runtime: "Vercel's edge-runtime", version: versionOf("edge-runtime", tools), how }, results);

test("the bundle takes the module from its host", () => {
  assert.match(script, /\.keyward_wasm\b/);
  assert.ok(!script.includes("AGFzbQ"), "no base64 of a module");
});

/** The suite in workerd, over the `workerd` entry of the packed package. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Miniflare } from "miniflare";
import { makeProject } from "../project.mjs";
import { bundle, options } from "./bundle.mjs";

const modules = await bundle(makeProject(), "suite/worker.mjs");
const miniflare = new Miniflare({ ...options, modules });
after(() => miniflare.dispose());

const response = await miniflare.dispatchFetch("http://suite/");
const text = await response.text();
assert.equal(response.status, 200, text);
const results = JSON.parse(text);

assert.ok(results.length >= 50, `${results.length} cases`);
for (const { name, error } of results) {
  test(name, () => {
    if (error !== undefined) throw new Error(error);
  });
}

test("the bundle carries the module once, and not as text", () => {
  const [script, ...rest] = modules;
  assert.deepEqual(
    rest.map(({ type }) => type),
    ["CompiledWasm"],
  );
  assert.ok(script.contents.length < 600_000, `${script.contents.length} bytes`);
  assert.ok(!script.contents.includes("AGFzbQ"), "no base64 of a module");
});

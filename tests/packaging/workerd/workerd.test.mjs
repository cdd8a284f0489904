/** The suite in workerd, over the `workerd` entry of the packed package, as new and as old Workers are run. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { Miniflare } from "miniflare";
import { makeProject } from "../project.mjs";
import { report, versionOf } from "../runtime.mjs";
import { bundle, NEW, options } from "./bundle.mjs";

/** The oldest day that has all of it: `URL.canParse` came a month before, the streams that the suite makes on this one. */
const OLD = "2022-11-30";

const project = makeProject();
const withNode = await bundle(project, "launch/worker.mjs");
const assertion = { "node:assert/strict": join(project, "launch/assert.mjs") };
const withoutNode = await bundle(project, "launch/worker.mjs", { alias: assertion });

const runs = [];
for (const compatibilityDate of [NEW, OLD]) {
  for (const compatibilityFlags of [["nodejs_compat"], []]) {
    const modules = compatibilityFlags.length > 0 ? withNode : withoutNode;
    const miniflare = new Miniflare({ ...options, modules, compatibilityDate, compatibilityFlags });
    const response = await miniflare.dispatchFetch("http://suite/");
    const text = await response.text();
    await miniflare.dispose();
    assert.equal(response.status, 200, text);
    const how = [compatibilityDate, ...compatibilityFlags.map((flag) => `\`${flag}\``)].join(", ");
    runs.push([`compatibility date ${how}`, JSON.parse(text)]);
  }
}

const version = versionOf("workerd");
for (const [how, results] of runs) report({ runtime: "workerd", version, how }, results);

test("the bundle carries the module once, and not as text", () => {
  const [script, ...rest] = withoutNode;
  assert.deepEqual(
    rest.map(({ type }) => type),
    ["CompiledWasm"],
  );
  assert.ok(!script.contents.includes("AGFzbQ"), "no base64 of a module");
});

/** The suite in Node, over the `default` entry of the packed package. */
import { test } from "node:test";
import { importFrom, makeProject } from "../project.mjs";
import { printed, report } from "../runtime.mjs";

const project = makeProject();
const { default: overHttp } = await importFrom(project, "suite/node-http.mjs");
const { version, results } = printed(process.execPath, ["launch/print.mjs"], { cwd: project });

report({ runtime: "Node", version, how: "as installed", host: true }, results);
for (const [name, run] of Object.entries(overHttp)) test(`http: ${name}`, run);

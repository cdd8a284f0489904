/** The suite in Node, over the `default` entry of the packed package. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { importFrom, makeProject } from "../project.mjs";

const project = makeProject();
const { cases } = await importFrom(project, "suite/index.mjs");
const { default: overHttp } = await importFrom(project, "suite/node-http.mjs");

assert.ok(cases.length >= 50, `${cases.length} cases`);
for (const { name, run } of cases) test(name, run);
for (const [name, run] of Object.entries(overHttp)) test(`http: ${name}`, run);

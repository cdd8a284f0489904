/** The suite in Node, over the `default` entry of the packed package. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { importFrom, makeProject } from "../project.mjs";

const { cases } = await importFrom(makeProject(), "suite/index.mjs");

assert.ok(cases.length >= 50, `${cases.length} cases`);
for (const { name, run } of cases) test(name, run);

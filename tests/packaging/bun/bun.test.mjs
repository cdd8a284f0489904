/** The suite in Bun, over the `default` entry of the packed package. */
import { join } from "node:path";
import { makeProject } from "../project.mjs";
import { printed, report, tools } from "../runtime.mjs";

const cwd = makeProject();
const bun = join(tools.resolve("bun/package.json"), "../bin/bun.exe");
const env = { DO_NOT_TRACK: "1", BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" };
const { version, results } = printed(bun, ["run", "--no-install", "launch/print.mjs"], { cwd, env });
report({ runtime: "Bun", version, how: "as installed" }, results);

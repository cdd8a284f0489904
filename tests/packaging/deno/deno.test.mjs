/** The suite in Deno, over the `default` entry as it resolves it from `node_modules`; with no permission at all. */
import { join } from "node:path";
import { makeProject } from "../project.mjs";
import { printed, report, tools } from "../runtime.mjs";

const cwd = makeProject();
const deno = join(tools.resolve("deno/package.json"), "../bin.cjs");
const offline = ["--no-remote", "--cached-only", "--no-lock", "--node-modules-dir=manual", "--no-prompt"];
const env = { DENO_DIR: join(cwd, "deno"), DENO_NO_UPDATE_CHECK: "1" };
const { version, results } = printed(deno, ["run", ...offline, "launch/print.mjs"], { cwd, env });
report({ runtime: "Deno", version, how: "as installed, without any permission" }, results);

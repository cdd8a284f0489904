/** Node processes of their own: one gets an input, measures, and says what came of it. */
import { fork } from "node:child_process";
import { join } from "node:path";
import { here } from "./place.mjs";

/** What `script` has reported for `input`. */
export function inNode(script, input, { execArgv = [] } = {}) {
  const child = fork(join(here, script), [JSON.stringify(input)], {
    execArgv,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  return new Promise((resolve, reject) => {
    child.once("message", resolve);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`${script} ended with ${code} and no result`)));
  });
}

/** In the process: its input. */
export function input() {
  return JSON.parse(process.argv[2]);
}

/** In the process: says what came of it, and ends it. */
export function report(result) {
  process.send(result, () => process.exit());
}

/** One kind of use in Node, in a process of its own. */
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { input, report } from "../child.mjs";
import { readKeys } from "../keys.mjs";
import { measure } from "../measure.mjs";
import { floorSubject, keywardSubjects } from "./subjects.mjs";

const { kind, keys: dir, floor, unrolled, peers, effort } = input();
const keys = readKeys(dir);
const subjects = [
  floorSubject(new WebAssembly.Module(readFileSync(floor)), keys, "encodeInto"),
  ...keywardSubjects(kind, keys),
];
if (peers) {
  // Imported only here: one kind of use shall not have others' code around it.
  const { peerSubjects } = await import("./peers.mjs");
  const { nodePeerSubjects } = await import("./node-peers.mjs");
  subjects.push(...(await peerSubjects(keys, await import(pathToFileURL(unrolled)))), ...(await nodePeerSubjects()));
}
const timed = [];
for (const { name, run } of subjects) {
  const answer = run();
  if ((await answer) !== true) throw new Error(`${kind}, ${name}: the wrong answer`);
  timed.push({ name, time: answer instanceof Promise ? timeAsync(run) : timeSync(run) });
}
report(await measure(timed, effort));

function timeSync(run) {
  return (count) => {
    const started = performance.now();
    for (let at = 0; at < count; at++) run();
    return performance.now() - started;
  };
}

function timeAsync(run) {
  return async (count) => {
    const started = performance.now();
    for (let at = 0; at < count; at++) await run();
    return performance.now() - started;
  };
}

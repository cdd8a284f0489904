/** All subjects in Node, one after another in each round. */
import { measure } from "./measure.mjs";
import { nodePeerSubjects } from "./node-peers.mjs";
import { peerSubjects } from "./peers.mjs";
import { floorSubject, keywardSubjects } from "./subjects.mjs";

export async function measureInNode({ floor, keys, rounds }) {
  process.stderr.write("Node\n");
  const subjects = [
    floorSubject(new WebAssembly.Module(floor), keys, "encodeInto"),
    ...keywardSubjects(keys),
    ...(await nodePeerSubjects(keys)),
    ...(await peerSubjects(keys)),
  ];
  const timed = [];
  for (const { name, run } of subjects) {
    const answer = run();
    if ((await answer) !== true) throw new Error(`${name}: the wrong answer`);
    timed.push({ name, time: answer instanceof Promise ? timeAsync(run) : timeSync(run) });
  }
  return measure(timed, rounds);
}

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

/**
 * Opening a large snapshot, in a process of its own. `small` is opened before, if there is one: without, all of the module's
 * code runs for the first time, and an engine goes on with what it has compiled in haste until a function is called again.
 * The hashing is repeated by the same code in a module that does nothing else.
 */
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { input, report } from "../child.mjs";
import { readKeys } from "../keys.mjs";
import { memories } from "./memories.mjs";

const { keys: dir, small, hasher } = input();
const { openSnapshot } = await import("keyward");
const open = ({ head, shard, publicKeys }) => openSnapshot({ head, shards: [shard] }, { publicKeys });

if (small !== undefined) {
  open(readKeys(small));
  await setTimeout(100);
}
const files = readKeys(dir);
const [openMs, verifier] = timed(() => open(files));
if (verifier.size !== files.count) throw new Error(`${verifier.size} keys`);
// Without what an instance has by itself, if another shows it.
const memory = memories.at(-1).buffer.byteLength - memories[0].buffer.byteLength;

const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(hasher)));
const { length } = files.shard;
const address = exports.memory.buffer.byteLength;
exports.memory.grow(Math.ceil(length / 65_536));
new Uint8Array(exports.memory.buffer, address).set(files.shard);
exports.hash(address, Math.min(length, 100_000));
await setTimeout(100);
const [hashMs] = timed(() => exports.hash(address, length));
report({ openMs, hashMs, memory, file: length });

function timed(work) {
  const started = performance.now();
  const result = work();
  return [performance.now() - started, result];
}

/** A million keys in memory, and ten million verifications: goal 5. */
import { inNode } from "../child.mjs";
import { atLeast, atMost, wanted } from "../goals.mjs";
import { median } from "../measure.mjs";
import { bytes, milliseconds, table, times, whole } from "../table.mjs";

const KEYS = 1_000_000;
/** So many a key: what collections of garbage leave behind by chance, over all of them. */
const NO_GROWTH = 100_000;

export async function loadSection({ keysOf, hasher, verifications, effort: { rounds }, say }) {
  const small = await keysOf(1_000);
  const [rich, bare] = [await keysOf(KEYS), await keysOf(KEYS, { bare: true })];
  const loads = {
    bare: { keys: bare, small },
    bareFirst: { keys: bare },
    rich: { keys: rich, small },
    richFirst: { keys: rich },
  };
  const json = { execArgv: ["--expose-gc", "--max-old-space-size=4096"] };
  const found = { bare: [], bareFirst: [], rich: [], richFirst: [], json: [] };
  const module = hasher();
  for (let round = 0; round < Math.ceil(rounds / 5); round++) {
    say(`a million keys, round ${round + 1} of ${Math.ceil(rounds / 5)}`);
    for (const [name, load] of Object.entries(loads)) {
      found[name].push(await inNode("load/keyward.mjs", { ...load, hasher: module }));
    }
    found.json.push(await inNode("load/json.mjs", { count: KEYS }, json));
  }
  say(`${whole(verifications)} verifications`);
  const keys = await keysOf(100_000);
  const growth = await inNode("load/growth.mjs", { keys, verifications }, { execArgv: ["--expose-gc"] });

  const of = (name, read) => median(found[name].map(read));
  const besides = ({ openMs, hashMs }) => openMs - hashMs;
  const aKey = (count) => `${(count / KEYS).toFixed(1)} B`;
  const row = (what, name) => [
    what,
    milliseconds(of(name, ({ openMs }) => openMs)),
    milliseconds(of(name, ({ hashMs }) => hashMs)),
    milliseconds(of(name, besides)),
    milliseconds(of(`${name}First`, ({ openMs }) => openMs)),
    aKey(of(name, ({ memory }) => memory)),
    aKey(of(name, ({ file }) => file)),
  ];
  const jsonMs = milliseconds(of("json", ({ ms }) => ms));
  const ahead = median(found.json.map(({ ms }, round) => ms / besides(found.bare[round])));
  return `## A million keys

Each opened in a Node process of its own that has opened a small snapshot before; medians of ${found.json.length} rounds. The hashing of the file,
which is part of opening it, is measured once more by the same SHA-256 in a module that does nothing else, and subtracted.
In a process that opens it first of all, Node hashes with code that it has compiled in haste.

${table(
  ["", "to load", "of it hashing", "the rest", "to load first of all", "memory, a key", "file, a key"],
  [
    row("keyward: digest, id, end, rights", "bare"),
    row("keyward: accounts, and constraints for a third of the keys, besides", "rich"),
    [
      "JSON into a `Map`",
      jsonMs,
      "",
      jsonMs,
      jsonMs,
      aKey(of("json", ({ memory }) => memory)),
      aKey(of("json", ({ file }) => file)),
    ],
  ],
)}

After ${whole(verifications)} verifications (allowed, within constraints, with a rate, of requests, refused; after a tenth as many to warm up) the
module's memory had grown by ${bytes(growth.wasm)}, JavaScript's heap by ${growth.heap < 0 ? "nothing" : bytes(growth.heap)}.

${wanted(5, [
  atMost("memory a key, in bytes,", 48, of("bare", ({ memory }) => memory) / KEYS, (count) => count.toFixed(1)),
  atMost("load besides hashing", 60, of("bare", besides), milliseconds),
  atLeast("JSON into a `Map`: times as long as that", 40, ahead, times),
  atMost("growth of the module's memory", 0, growth.wasm, bytes),
  atMost("growth of the heap", NO_GROWTH, Math.max(0, growth.heap), bytes),
])}

What a lookup among a million takes is in the tables of one verification.`;
}

/**
 * Measures the package against the floor and against what its users would pick instead, and prints the tables in
 * Markdown. Progress goes to stderr.
 *
 *     npm run bench --workspace benches/js -- [--quick] [--only <section>] [--verifications <number>]
 *
 * `--quick` tries everything in a few short rounds; its figures say nothing. KEYWARD_BIN names the keyward binary.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildFloor } from "./floor.mjs";
import { loadSection } from "./load/section.mjs";
import { makeKeys } from "./make-keys.mjs";
import { QUICK, WHOLE } from "./measure.mjs";
import { scratch } from "./place.mjs";
import { compileProfile } from "./profile.mjs";
import { sizesSection } from "./sizes.mjs";
import { startSection } from "./start/section.mjs";
import { whole } from "./table.mjs";
import { verifySection } from "./verify/section.mjs";
import { unrolledSource } from "./verify/unrolled.mjs";
import { workerSection } from "./worker/section.mjs";

const SECTIONS = {
  verify: verifySection,
  worker: workerSection,
  start: startSection,
  sizes: sizesSection,
  load: loadSection,
};

const { values: flags } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string" },
    verifications: { type: "string" },
  },
});
const names = flags.only === undefined ? Object.keys(SECTIONS) : flags.only.split(",");
const unknown = names.find((name) => SECTIONS[name] === undefined);
if (unknown !== undefined) throw new Error(`--only ${unknown}: there are ${Object.keys(SECTIONS).join(", ")}`);

// What an earlier run has left, if it failed.
rmSync(scratch, { recursive: true, force: true });
mkdirSync(scratch, { recursive: true });

const started = performance.now();
const say = (what) =>
  process.stderr.write(`${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s  ${what}\n`);
const made = (name, contents) => {
  const path = join(scratch, name);
  writeFileSync(path, contents);
  return path;
};
const profile = compileProfile();
const snapshots = new Map();
/** The directory of a snapshot of so many keys; it is made once. `bare`: without accounts and constraints. */
async function keysOf(count, { pepper = false, bare = false } = {}) {
  const name = `${pepper ? "peppered" : bare ? "bare" : "keys"}-${count}`;
  if (!snapshots.has(name)) {
    say(`${whole(count)} keys are made`);
    const options = { profile, level: "events", count, pepper, accounts: !bare, constraints: !bare };
    snapshots.set(name, await makeKeys(name, options));
  }
  return snapshots.get(name);
}

const given = {
  keysOf,
  floor: made("floor.wasm", buildFloor()),
  hasher: () => made("hasher.wasm", buildFloor("whole")),
  unrolled: made("unrolled.mjs", unrolledSource()),
  effort: flags.quick ? QUICK : WHOLE,
  verifications: Number(flags.verifications ?? (flags.quick ? 200_000 : 10_000_000)),
  say,
};
const sections = [];
for (const name of names) sections.push(await SECTIONS[name](given));
rmSync(scratch, { recursive: true });
console.log(sections.join("\n\n"));

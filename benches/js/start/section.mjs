/** From nothing to the first decision: goal 4, its first and its last part. */
import { SignJWT } from "jose";
import { build } from "esbuild";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { inNode } from "../child.mjs";
import { serveSnapshot } from "../feed.mjs";
import { atMost, wanted } from "../goals.mjs";
import { readKeys } from "../keys.mjs";
import { median } from "../measure.mjs";
import { here, scratch } from "../place.mjs";
import { bytes, milliseconds, table, times } from "../table.mjs";
import { bundleWorker, exporting } from "../workerd.mjs";
import { coldIsolates } from "./isolates.mjs";

const SMALL = 1_000;
const LARGE = 100_000;

export async function startSection({ floor, keysOf, effort: { rounds }, say }) {
  const [small, large] = [await keysOf(SMALL), await keysOf(LARGE)];
  const secret = randomBytes(32);
  const claims = new SignJWT({ scope: "events" }).setProtectedHeader({ alg: "HS256" }).setSubject("acme");
  const jwt = { token: await claims.setExpirationTime("1y").sign(secret), secret: secret.toString("hex") };
  say("starts in Node");
  const inProcesses = await nodeStarts({ small, large, floor, jwt, rounds });
  say("starts in workerd");
  const inIsolates = await workerdStarts({ small, large, jwt, rounds });
  return `## The start

From before the import to the first decision from a signed snapshot that is in memory already: signature, digest and decision
included, each in a process or an isolate that has never run. An empty module's or Worker's start is subtracted, round by
round; medians of ${rounds} rounds. In workerd the Worker is bundled and minified, and the time is that
of its first request from outside; that its modules are handed over to a new isolate is in it.

${inProcesses.first}

${inIsolates.first}

${wanted(`4, ${SMALL.toLocaleString("en")} keys`, [...inProcesses.goals, ...inIsolates.goals])}

### With ${LARGE.toLocaleString("en")} keys

${table(["", "to the first decision", "memory"], [inProcesses.large, inIsolates.large])}

Memory is what the process has grown by, in pages that are resident. Goal 4 asks for these to be shown.`;
}

/** Starts by name: the same in every round, each in a process of its own. */
async function nodeStarts({ small, large, floor, jwt, rounds }) {
  const wasm = createRequire(import.meta.url).resolve("keyward/keyward.wasm");
  const empty = join(scratch, "empty.mjs");
  writeFileSync(empty, "export {};\n");
  const starts = [
    { name: "empty", what: "empty", from: empty, keys: small },
    { name: "floor", what: "floor", from: empty, keys: small, floor },
    { name: "default", what: "default", from: "keyward", keys: small },
    { name: "bundled default", what: "default", from: await bundled("keyward"), keys: small },
    { name: "slim", what: "slim", from: "keyward/slim", keys: small, wasm },
    { name: "bundled slim", what: "slim", from: await bundled("keyward/slim"), keys: small, wasm },
    { name: "jose", what: "jose", from: "jose", keys: small, jwt },
    { name: "bundled jose", what: "jose", from: await bundled("jose"), keys: small, jwt },
    { name: "large", what: "default", from: "keyward", keys: large },
  ];
  const rows = await inRounds(starts, rounds, (start) => inNode("start/node.mjs", start));
  const { [`default`]: whole, slim, jose } = rows;
  const cells = (name) => [milliseconds(rows[name].ms), milliseconds((rows[`bundled ${name}`] ?? rows[name]).ms)];
  return {
    first: table(
      [`Node ${process.versions.node}`, "as installed", "bundled"],
      [
        ["floor: a module compiled, one key", milliseconds(rows.floor.ms), ""],
        ["keyward", ...cells("default")],
        ["keyward/slim with keyward.wasm", ...cells("slim")],
        ["jose, HS256", ...cells("jose")],
      ],
    ),
    goals: [
      atMost("keyward in Node: × jose", 1, against(whole, jose), times),
      atMost("keyward/slim in Node: × jose", 1, against(slim, jose), times),
      atMost("the two bundled: × jose, bundled too", 1, against(rows["bundled default"], rows["bundled jose"]), times),
    ],
    large: ["Node, the files in memory", milliseconds(rows.large.ms), bytes(rows.large.memory)],
  };
}

/** A package as one file, as a deployment has it. */
async function bundled(name) {
  const outfile = join(scratch, `start-${name.replace("/", "-")}.mjs`);
  const stdin = { contents: `export * from "${name}";`, resolveDir: here };
  await build({ stdin, outfile, bundle: true, minify: true, format: "esm", target: "es2022", platform: "node" });
  return outfile;
}

async function workerdStarts({ small, large, jwt, rounds }) {
  const [few, many] = [readKeys(small), readKeys(large)];
  const feed = await serveSnapshot(many);
  const keyOf = ({ keyspace, publicKeys, plain: [{ key }] }) => ({ keyspace, publicKeys, key });
  const isolates = await coldIsolates({
    empty: await bundleWorker(join(here, "start/empty.mjs"), { minify: true }),
    jose: await bundleWorker(join(here, "start/jose.mjs"), { minify: true, given: { given: exporting(jwt) } }),
    keyward: await bundleWorker(join(here, "start/keyward.mjs"), {
      minify: true,
      given: { given: exporting(keyOf(few)), "head.bin": few.head, "shard.bin": few.shard },
    }),
    edge: await bundleWorker(join(here, "start/edge.mjs"), {
      minify: true,
      given: { given: exporting({ ...keyOf(many), url: feed.url }) },
    }),
  });
  try {
    // The process itself has to warm up: the loader, and the connection.
    await isolates.start("empty");
    await isolates.start("empty");
    const starts = ["empty", "keyward", "jose", "edge"].map((name) => ({ name }));
    const rows = await inRounds(starts, rounds, ({ name }) => isolates.start(name));
    return {
      first: table(
        ["workerd", "bundled"],
        [
          ["keyward", milliseconds(rows.keyward.ms)],
          ["jose, HS256", milliseconds(rows.jose.ms)],
        ],
      ),
      goals: [atMost("keyward in workerd: × jose", 1, against(rows.keyward, rows.jose), times)],
      large: [
        "workerd, `connect`: head and shard fetched from the same machine",
        milliseconds(rows.edge.ms),
        bytes(rows.edge.memory),
      ],
    };
  } finally {
    await isolates.stop();
    feed.stop();
  }
}

/** Rounds in which each has its turn. Gives medians by name, less those that are `empty`, and the rounds' own times. */
async function inRounds(starts, rounds, run) {
  const found = Object.fromEntries(starts.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const start of starts) found[start.name].push(await run(start));
  }
  const { empty } = found;
  return Object.fromEntries(
    Object.entries(found).map(([name, all]) => {
      const ms = all.map((one, round) => one.ms - empty[round].ms);
      const memory = all.map((one, round) => one.memory - empty[round].memory);
      return [name, { ms: median(ms), memory: median(memory), times: ms }];
    }),
  );
}

function against(one, other) {
  return median(one.times.map((ms, round) => ms / other.times[round]));
}

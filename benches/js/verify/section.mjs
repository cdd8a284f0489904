/** What one verification takes, in Node and in workerd, by size of the keyspace and by kind of use: goals 1 to 3. */
import { readFileSync } from "node:fs";
import { emailit } from "keyward/presets/emailit";
import { esputnik } from "keyward/presets/esputnik";
import { optimove } from "keyward/presets/optimove";
import { inNode } from "../child.mjs";
import { atLeast, atMost, below, wanted } from "../goals.mjs";
import { makeKeys } from "../make-keys.mjs";
import { ratio, timesAsLong } from "../measure.mjs";
import { table, time, times, whole } from "../table.mjs";
import { NODE_PEERS } from "./node-peers.mjs";
import { PEERS } from "./peers.mjs";
import { REQUEST_ROWS, ROWS } from "./subjects.mjs";
import { bundleSubjects, measureInWorkerd } from "./workerd.mjs";

const SIZES = [1_000, 100_000, 1_000_000];
/** The size that the goals are for. */
const JUDGED = 100_000;

/** Kinds of use. The peers stand beside the first. */
const KINDS = ["calls", "scope", "route", "limited", "rated", "pepper"];
const ORDER = [
  ROWS.floor,
  ROWS.call,
  ROWS.sameKey,
  ROWS.manyKeys,
  ROWS.limited,
  ROWS.rated,
  ROWS.pepper,
  ROWS.scope,
  ROWS.route,
  ROWS.typo,
  ROWS.typoOnRoute,
  ...Object.values(PEERS),
  ...Object.values(NODE_PEERS),
];

/** Presets that read a key from one place, and a level of theirs. */
const TRANSPORTS = {
  Basic: { profile: esputnik, level: "events" },
  Bearer: { profile: emailit, level: "sending" },
  "X-API-KEY": { profile: optimove, level: "integrations" },
};

/** Runtimes: each measures a kind of use and gives its rows. */
async function runtimes({ floor, unrolled, effort }) {
  const node = (use) => inNode("verify/node.mjs", { ...use, floor, unrolled, effort });
  const modules = await bundleSubjects({ floor: readFileSync(floor), unrolled: readFileSync(unrolled, "utf8") });
  const workerd = (use) => measureInWorkerd(modules, { ...use, effort });
  return { Node: node, workerd };
}

/** The sections in Markdown. `floor` and `unrolled` are files. */
export async function verifySection({ keysOf, say, ...given }) {
  const measured = { Node: {}, workerd: {} };
  const requests = { Node: {}, workerd: {} };
  const measureIn = await runtimes(given);
  for (const count of SIZES) {
    const [plain, peppered] = [await keysOf(count), await keysOf(count, { pepper: true })];
    for (const [runtime, measureKind] of Object.entries(measureIn)) {
      const rows = new Map();
      for (const kind of KINDS) {
        say(`${runtime}, ${whole(count)} keys, ${kind}`);
        const keys = kind === "pepper" ? peppered : plain;
        for (const row of await measureKind({ kind, keys, peers: kind === "calls" })) {
          if (!rows.has(row.name)) rows.set(row.name, row);
        }
      }
      measured[runtime][count] = rows;
    }
  }
  for (const [kind, preset] of Object.entries(TRANSPORTS)) {
    const keys = await makeKeys(`keys-${kind}`, { ...preset, count: JUDGED, accounts: true });
    for (const [runtime, measureKind] of Object.entries(measureIn)) {
      say(`${runtime}, ${kind}`);
      requests[runtime][kind] = new Map((await measureKind({ kind, keys })).map((row) => [row.name, row]));
    }
  }
  return `${verifications(measured, given.effort)}\n\n${ofRequests(requests)}`;
}

function verifications(measured, { rounds }) {
  return `## One verification

Keys are loaded from a signed snapshot. All of them end one day, a third is limited in two dimensions, and a third has a rate.
The profile is eSputnik's, 51 routes, with two constraints added. Unless a row says otherwise, 1,000 keys without
constraints are verified in turn. The *floor* is the least that any WebAssembly verifier must do: the key written into its
memory, one block of SHA-256, a comparison of 32 bytes in constant time.

Each figure is the median of ${rounds} rounds in which every row of a process had its turn; *×* is the median of the rounds' own
ratios to the floor. Every kind of use (a call, a scope, a handle, constraints, a rate, a pepper) has a process or an isolate
of its own, with a floor in it that its ratio refers to; the floor that is shown is that of calls and of what one would pick instead. The
rows of others do what their name says and no more: none of them knows expiry, routes and scopes, or says why not.

### Node ${process.versions.node}

${sizes(measured.Node)}

${goals(measured.Node[JUDGED], { hs256: 50, webCrypto: 30, betterAuth: 400 })}

### workerd

A Worker's clock stands still while it computes, so whole requests are timed from outside, less an empty one.

${sizes(measured.workerd)}

${goals(measured.workerd[JUDGED], { hs256: 15, webCrypto: 10 })}`;
}

function sizes(bySize) {
  const counts = Object.keys(bySize);
  const head = ["", ...counts.flatMap((count) => [`${whole(Number(count))} keys`, "×"])];
  const cells = (row) => (row === undefined ? ["", ""] : [time(row.nanoseconds), times(row.ratio)]);
  const present = ORDER.filter((name) => counts.some((count) => bySize[count].has(name)));
  return table(
    head,
    present.map((name) => [name, ...counts.flatMap((count) => cells(bySize[count].get(name)))]),
  );
}

/** Those of one runtime. `ahead` says how many times as long what others do has to take. */
function goals(rows, ahead) {
  const floors = (name) => rows.get(name).ratio;
  const ours = rows.get(ROWS.call);
  const others = { ...PEERS, ...NODE_PEERS };
  const named = Object.entries(others).filter(([id, name]) => id !== "unrolled" && rows.has(name));
  const [nearest] = named
    .map(([, name]) => ({ name, factor: timesAsLong(rows.get(name), ours) }))
    .sort((one, other) => one.factor - other.factor);
  const first = wanted(`1, with ${whole(JUDGED)} keys`, [
    atMost("method and path: × floor", 2.2, floors(ROWS.call), times),
    atMost("scope: × floor", 1.8, floors(ROWS.scope), times),
    atMost("route handle: × floor", 1.8, floors(ROWS.route), times),
    atMost("with a pepper: × floor", 4, floors(ROWS.pepper), times),
    atLeast(
      `the quickest library or host function, ${nearest.name}: times as long as method and path`,
      1,
      nearest.factor,
      times,
    ),
    ...Object.entries(ahead).map(([id, factor]) =>
      atLeast(
        `${others[id]}: times as long as method and path`,
        factor,
        timesAsLong(rows.get(others[id]), ours),
        times,
      ),
    ),
  ]);
  const third = wanted("3, a wrong checksum", [
    below("by method and path: × floor", 1, floors(ROWS.typo), times),
    below("by route handle: × floor", 1, floors(ROWS.typoOnRoute), times),
  ]);
  return `${first}\n\n${third}`;
}

function ofRequests(requests) {
  const head = [
    "",
    "a `Request`",
    "×",
    "its header alone",
    "less that, ×",
    "header, method, URL",
    "a plain object",
    "×",
  ];
  const sections = Object.entries(requests).map(([runtime, byTransport]) => {
    const rows = Object.entries(byTransport).map(([transport, found]) => {
      const [request, plain, header, parts] = Object.values(REQUEST_ROWS).map((name) => found.get(name));
      const [whole, alone] = [time(request.nanoseconds), time(header.nanoseconds)];
      const rest = [time(parts.nanoseconds), time(plain.nanoseconds), times(plain.ratio)];
      return [transport, whole, times(request.ratio), alone, times(lessHeader(found)), ...rest];
    });
    const lines = Object.entries(byTransport).map(([transport, found]) =>
      atMost(`${transport}, less the reading of its header: × floor`, 3, lessHeader(found), times),
    );
    return `### In ${runtime}\n\n${table(head, rows)}\n\n${wanted(2, lines)}`;
  });
  return `## One request

\`verify(request)\` with ${whole(JUDGED)} keys, 1,000 requests in turn, under presets that read the key from that place alone: eSputnik's (Basic),
Emailit's (Bearer), Optimove's (X-API-KEY). Reading the header alone, and reading header, method and URL, are rows of the same
rounds. *×* is to the floor beside them.

${sections.join("\n\n")}`;
}

/** What a `Request` takes besides the reading of its header, in floors. */
function lessHeader(found) {
  const [request, header, floor] = [REQUEST_ROWS.request, REQUEST_ROWS.header, ROWS.floor].map((name) =>
    found.get(name),
  );
  return ratio(
    request.times.map((all, round) => all - header.times[round]),
    floor.times,
  );
}

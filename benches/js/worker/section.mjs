/** Requests per second of a Worker, with and without verification: goal 1, its last part. */
import { SignJWT } from "jose";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { inNode } from "../child.mjs";
import { serveSnapshot } from "../feed.mjs";
import { atLeast, wanted } from "../goals.mjs";
import { processorMs } from "../host.mjs";
import { readKeys } from "../keys.mjs";
import { median } from "../measure.mjs";
import { here } from "../place.mjs";
import { table, times, whole } from "../table.mjs";
import { bundleWorker, exporting, startWorkerd } from "../workerd.mjs";

const KEYS = 100_000;
const CONNECTIONS = 32;
const PATH = "/api/v1/event";

const NAMES = {
  nothing: "a Worker that verifies nothing",
  verifier: "keyward, `verifier.verify(request)`",
  edge: "keyward, `edge.verify(request, { ctx })`",
  webCrypto: "WebCrypto digest, hex, Set",
  jose: "jose, HS256",
};

export async function workerSection({ keysOf, effort: { rounds, turnMs }, say }) {
  const keys = readKeys(await keysOf(KEYS));
  const { head, shard, plain, publicKeys, keyspace } = keys;
  const feed = await serveSnapshot(keys);
  const secret = randomBytes(32);
  const claims = new SignJWT({ scope: "events" }).setProtectedHeader({ alg: "HS256" }).setSubject("acme");
  const token = await claims.setExpirationTime("1y").sign(secret);
  const given = {
    nothing: {},
    verifier: { given: exporting({ publicKeys }), "head.bin": head, "shard.bin": shard },
    edge: { given: exporting({ url: feed.url, keyspace, publicKeys }) },
    webCrypto: { given: exporting({ digests: plain.map(({ digest }) => digest) }) },
    jose: { given: exporting({ secret: secret.toString("hex") }) },
  };
  const files = { webCrypto: "web-crypto" };
  const some = plain.slice(0, 1_000).map(({ key }) => key);
  const basic = some.map((key) => `Basic ${btoa(`any:${key}`)}`);
  const credentials = { webCrypto: some.map((key) => `Bearer ${key}`), jose: [`Bearer ${token}`] };
  const workers = await Promise.all(
    Object.keys(NAMES).map(async (name) => ({
      name,
      modules: await bundleWorker(join(here, `worker/${files[name] ?? name}.mjs`), {
        minify: true,
        given: given[name],
      }),
    })),
  );
  const workerd = await startWorkerd(workers);
  const found = Object.fromEntries(Object.keys(NAMES).map((name) => [name, []]));
  const total = Math.ceil(rounds / 3);
  try {
    // The first round warms up.
    for (let round = 0; round <= total; round++) {
      say(`requests per second, round ${round} of ${total}`);
      for (const name of Object.keys(NAMES)) {
        const port = Number(workerd.address(name).port);
        const before = processorMs(workerd.pid);
        const asked = {
          port,
          path: PATH,
          credentials: credentials[name] ?? basic,
          connections: CONNECTIONS,
          ms: turnMs * 50,
        };
        const { requests, ms } = await inNode("worker/client.mjs", asked);
        const spent = processorMs(workerd.pid) - before;
        if (round > 0) found[name].push({ perSecond: (requests / ms) * 1000, micros: (spent / requests) * 1000 });
      }
    }
  } finally {
    await workerd.stop();
    feed.stop();
  }
  return section(found);
}

function section(found) {
  const ratio = (name) => median(found[name].map(({ perSecond }, round) => perSecond / found.nothing[round].perSecond));
  const ofNothing = median(found.nothing.map(({ micros }) => micros));
  const rows = Object.entries(NAMES).map(([name, what]) => {
    const micros = median(found[name].map(({ micros }) => micros));
    const perSecond = whole(median(found[name].map(({ perSecond }) => perSecond)));
    const processor = Number.isFinite(micros) ? [`${micros.toFixed(1)} µs`, times(micros / ofNothing)] : ["", ""];
    return [what, perSecond, times(ratio(name)), ...processor];
  });
  return `## Requests per second

One workerd process, ${CONNECTIONS} connections from the same machine, \`POST ${PATH}\` with Basic credentials and no body, ${whole(KEYS)} keys, 1,000 of them
in turn; medians of ${found.nothing.length} rounds. The processor's time is workerd's own. Where the client is the slower side,
the ratio of requests says too much for everybody, and the processor's time is what counts.

${table(["", "requests a second", "× nothing", "processor's time a request", "× nothing"], rows)}

${wanted(1, [
  atLeast(
    "`verifier.verify`: requests a second, × those of a Worker that verifies nothing",
    0.95,
    ratio("verifier"),
    times,
  ),
  atLeast("`edge.verify`: the same", 0.95, ratio("edge"), times),
])}`;
}

/** The Worker of `examples/cloudflare-worker` in workerd, against a server that is made here. */
import assert from "node:assert/strict";
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { Miniflare } from "miniflare";
import { importFrom, makeProject, root } from "../project.mjs";
import { bundle, options } from "./bundle.mjs";

const project = makeProject();
cpSync(join(root, "examples/cloudflare-worker/src/index.ts"), join(project, "index.ts"));
const modules = await bundle(project, "index.ts");
/** A Worker that has no context to give, and under `/gone` ends its request before the work that it started. */
writeFileSync(
  join(project, "hasty.mjs"),
  `import { connect } from "keyward";
  import { env } from "cloudflare:workers";
  const edge = connect({
    url: env.KEYWARD_URL,
    keyspace: env.KEYWARD_KEYSPACE,
    token: env.KEYWARD_TOKEN,
    publicKeys: [env.KEYWARD_PUBLIC_KEY],
  });
  export default {
    async fetch(request) {
      const decision = edge.verify(request);
      if (request.url.endsWith("/gone")) return new Response("gone");
      const { allowed, status } = await decision;
      return new Response("", { status: allowed ? 200 : status });
    },
  };`,
);
const hasty = await bundle(project, "hasty.mjs");
const { FakeServer, issueLive, makeKeyspace, TOKEN } = await importFrom(project, "suite/feed.mjs");
const { basic } = await importFrom(project, "suite/fixtures.mjs");

const keyspace = await makeKeyspace();
const key = issueLive(1);
const other = issueLive(2);

/** A Worker with a server of its own: `{ server, call(key, path) }`. */
async function start(script = modules) {
  const server = new FakeServer(await keyspace.publish(1, [key, other], { issuedAt: Date.now() }));
  const miniflare = new Miniflare({
    ...options,
    modules: script,
    bindings: {
      KEYWARD_URL: "https://keys.example",
      KEYWARD_KEYSPACE: "mail",
      KEYWARD_TOKEN: TOKEN,
      KEYWARD_PUBLIC_KEY: keyspace.publicKeys[0],
    },
    outboundService: (request) => server.fetch(request.url, { headers: Object.fromEntries(request.headers) }),
  });
  after(() => miniflare.dispose());
  const call = (key, path = "/api/v1/event") =>
    miniflare.dispatchFetch(`https://api.example${path}`, { method: "POST", headers: { authorization: basic(key) } });
  return { server, call };
}

test("the first requests of an isolate, all at once, are all decided", async () => {
  const { server, call } = await start();
  const replies = await Promise.all(Array.from({ length: 20 }, () => call(key.key)));
  assert.deepEqual(
    replies.map(({ status }) => status),
    Array.from({ length: 20 }, () => 200),
  );
  assert.deepEqual(await replies[0].json(), { hello: "acme" });
  assert.equal((await call(key.key, "/api/v1/contacts")).status, 403);
  assert.equal((await call(`${key.key}x`)).status, 401);
  assert.deepEqual([server.count("/head"), server.count("/snapshot/0")], [1, 1]);
  assert.ok(server.requests.every(({ headers }) => headers.get("authorization") === `Bearer ${TOKEN}`));
});

test("a key that is revoked is refused within two seconds of requests, and its neighbour is not", async () => {
  const { server, call } = await start();
  assert.equal((await call(key.key)).status, 200);
  server.publish(await keyspace.publish(2, [other], { issuedAt: Date.now() }));
  const revoked = performance.now();
  let status;
  do ({ status } = await call(key.key));
  while (status === 200 && performance.now() - revoked < 10_000);
  assert.equal(status, 401);
  // The bound, and what a busy machine adds to it.
  assert.ok(performance.now() - revoked < 3000, `${performance.now() - revoked} ms`);
  assert.equal((await call(other.key)).status, 200);
});

test("a server that fails from the start: 503; once it answers, requests are decided within a second", async () => {
  const { server, call } = await start();
  server.answers["/head"] = () => new Response("", { status: 500 });
  const reply = await call(key.key);
  assert.equal(reply.status, 503);
  assert.equal((await reply.json()).code, "unavailable");
  delete server.answers["/head"];
  const mended = performance.now();
  let status;
  do ({ status } = await call(key.key));
  while (status === 503 && performance.now() - mended < 10_000);
  assert.equal(status, 200);
  assert.ok(performance.now() - mended < 2000, `${performance.now() - mended} ms`);
});

test("a head that takes 400 ms arrives behind the response, for the next request, however seldom they come", async () => {
  const { server, call } = await start();
  assert.equal((await call(key.key)).status, 200);
  server.publish(await keyspace.publish(2, [other], { issuedAt: Date.now() }));
  server.answers["/head"] = (request) => wait(400).then(() => server.answer("/head", request));
  const statuses = [];
  for (let request = 1; request <= 2; request++) {
    await wait(2600);
    statuses.push((await call(key.key)).status);
  }
  assert.deepEqual(statuses, [200, 401]);
});

test("forty requests that wake an idle isolate fetch one shard", async () => {
  const { server, call } = await start();
  assert.equal((await call(key.key)).status, 200);
  server.publish(await keyspace.publish(2, [other], { issuedAt: Date.now() }));
  for (const path of ["/head", "/snapshot/0"]) {
    server.answers[path] = (request) => wait(50).then(() => server.answer(path, request));
  }
  await wait(2100);
  const replies = await Promise.all(Array.from({ length: 40 }, () => call(key.key)));
  assert.deepEqual(new Set(replies.map(({ status }) => status)), new Set([401]));
  assert.deepEqual([server.count("/head"), server.count("/snapshot/0")], [2, 2]);
});

test("a redirect is not followed with the token", async () => {
  const { server, call } = await start();
  server.answers["/head"] = () => new Response(null, { status: 302, headers: { location: "https://evil.example/" } });
  assert.equal((await call(key.key)).status, 503);
  assert.equal(server.requests.length, 1);
});

test("work that died with its request keeps others waiting for a second, and no longer", async () => {
  const { server, call } = await start(hasty);
  const slowly = (request) => wait(50).then(() => server.answer("/head", request));
  server.answers["/head"] = slowly;
  await call(key.key, "/gone");
  const statuses = async () =>
    new Set((await Promise.all(Array.from({ length: 10 }, () => call(key.key)))).map(({ status }) => status));
  assert.deepEqual(await statuses(), new Set([200]));
  assert.equal(server.count("/head"), 2);
  assert.equal(server.count("/snapshot/0"), 1);
  server.publish(await keyspace.publish(2, [other], { issuedAt: Date.now() }));
  await wait(2100);
  await call(key.key, "/gone");
  const revoked = performance.now();
  let status;
  do ({ status } = await call(key.key));
  while (status === 200 && performance.now() - revoked < 10_000);
  assert.equal(status, 401);
  assert.ok(performance.now() - revoked < 2000, `${performance.now() - revoked} ms`);
});

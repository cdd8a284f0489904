/** The Worker of `examples/cloudflare-worker` in workerd, against a server that is made here. */
import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { Miniflare } from "miniflare";
import { importFrom, makeProject, root } from "../project.mjs";
import { bundle, options } from "./bundle.mjs";

const project = makeProject();
cpSync(join(root, "examples/cloudflare-worker/src/index.ts"), join(project, "index.ts"));
const modules = await bundle(project, "index.ts");
const { FakeServer, issueLive, makeKeyspace, TOKEN } = await importFrom(project, "suite/feed.mjs");
const { basic } = await importFrom(project, "suite/fixtures.mjs");

const keyspace = await makeKeyspace();
const key = issueLive(1);
const other = issueLive(2);

/** A Worker with a server of its own: `{ server, call(key, path) }`. */
async function start() {
  const server = new FakeServer(await keyspace.publish(1, [key, other], { issuedAt: Date.now() }));
  const miniflare = new Miniflare({
    ...options,
    modules,
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

test("a server that fails from the start: 503; once it answers, the next request is decided", async () => {
  const { server, call } = await start();
  server.answers["/head"] = () => new Response("", { status: 500 });
  const reply = await call(key.key);
  assert.equal(reply.status, 503);
  assert.equal((await reply.json()).code, "unavailable");
  delete server.answers["/head"];
  assert.equal((await call(key.key)).status, 200);
});

test("a redirect is not followed with the token", async () => {
  const { server, call } = await start();
  server.answers["/head"] = () => new Response(null, { status: 302, headers: { location: "https://evil.example/" } });
  assert.equal((await call(key.key)).status, 503);
  assert.equal(server.requests.length, 1);
});

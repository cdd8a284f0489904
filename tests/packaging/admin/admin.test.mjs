/** `keyward/admin` of the packed package, against the real server. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, test } from "node:test";
import { importFrom, makeProject } from "../project.mjs";
import { startServer } from "./server.mjs";

const project = makeProject();
const { createAdmin, KeywardError, ProblemError } = await importFrom(project, "node_modules/keyward/dist/admin.js");
const server = await startServer();
const admin = createAdmin(server);

const KEYSPACE = { keyspace: "shop" };
const PLACE = { keyspace: "shop", account: "acme" };

await admin.createKeyspace({ body: { id: "shop", profile: "emailit" } });
await admin.createAccount({ ...KEYSPACE, body: { id: "acme", name: "Acme" } });

/** A fetch that notes what it is asked and answers by a list before it lets calls through. */
function watched(...answers) {
  const calls = [];
  const own = (url, request) => {
    calls.push({ url: String(url), ...request });
    const answer = answers.shift();
    if (answer instanceof Error) return Promise.reject(answer);
    return answer === undefined ? fetch(url, request) : Promise.resolve(answer);
  };
  return { calls, fetch: own };
}

const busy = () =>
  Response.json({ code: "unavailable", detail: "busy", status: 503 }, { status: 503, headers: { "retry-after": "0" } });

test("a key is made, changed, rotated, switched off and deleted", async () => {
  const { key, record } = await admin.createKey({ ...PLACE, body: { level: "sending", name: "Shop" } });
  assert.match(key, /^em_live_/);
  assert.deepEqual([record.name, record.status, record.account], ["Shop", "active", "acme"]);

  const changed = await admin.updateKey({
    ...PLACE,
    id: record.id,
    ifMatch: `"${record.revision}"`,
    body: { name: "Shop 2" },
  });
  assert.equal(changed.name, "Shop 2");
  const rotated = await admin.rotateKey({ ...PLACE, id: record.id });
  assert.notEqual(rotated.key, key);
  assert.equal(rotated.record.id, record.id);

  const verified = await admin.verifyKey({ ...KEYSPACE, body: { key: rotated.key } });
  assert.deepEqual([verified.allowed, verified.key_id], [true, record.id]);
  const before = await admin.verifyKey({ ...KEYSPACE, body: { key } });
  assert.deepEqual([before.allowed, before.reason], [false, "unknown_key"]);

  assert.equal((await admin.disableKey({ ...PLACE, id: record.id })).status, "disabled");
  assert.equal(await admin.deleteKey({ ...PLACE, id: record.id }), undefined);
  await assert.rejects(admin.showKey({ ...PLACE, id: record.id }), { code: "not_found", status: 404 });
});

test("a list is walked over, part after part", async () => {
  const names = Array.from({ length: 7 }, (_, index) => `walk ${index}`);
  for (const name of names) await admin.createKey({ ...PLACE, body: { level: "full", name } });
  const { calls, fetch } = watched();
  const watching = createAdmin({ ...server, fetch });
  const list = watching.searchKeys({ ...KEYSPACE, name_contains: "walk", limit: 3 });
  assert.equal(calls.length, 0, "nothing is asked before");
  const found = [];
  for await (const { name } of list) found.push(name);
  assert.deepEqual(found, names.toReversed(), "newest first");
  assert.equal(calls.length, 3);

  const first = await list.page();
  assert.equal(first.data.length, 3);
  assert.deepEqual(await list.page(first.next_cursor), (await pagesOf(list))[1]);
});

/** All parts of a list. */
async function pagesOf(list) {
  const pages = [];
  for await (const page of list.pages()) pages.push(page);
  return pages;
}

test("a refusal is an error with the server's code, its members and what is in the way", async () => {
  const { record } = await admin.createKey({ ...PLACE, body: { level: "full", name: "taken" } });
  const again = admin.createKey({ ...PLACE, body: { level: "full", name: "TAKEN" } });
  const refused = await again.catch((error) => error);
  assert.ok(refused instanceof ProblemError && refused instanceof KeywardError && refused instanceof Error);
  assert.deepEqual([refused.code, refused.status], ["already_exists", 409]);
  assert.deepEqual(refused.existing, { id: record.id, name: "taken" });
  assert.equal(refused.member, "name");
  assert.match(refused.requestId, /\S/);

  const invalid = await admin.createKey({ ...PLACE, body: { level: "full", colour: "red" } }).catch((error) => error);
  assert.deepEqual(invalid.errors.map(({ field }) => field).sort(), ["colour", "name"]);
});

test("what can do no harm twice is tried again, as the same request", async () => {
  const { calls, fetch } = watched(busy(), new TypeError("reset"));
  const trying = createAdmin({ ...server, fetch });
  const { record } = await trying.createKey({ ...PLACE, body: { level: "full", name: "once" } });
  assert.equal(calls.length, 3);
  assert.equal(new Set(calls.map(({ headers }) => headers["idempotency-key"])).size, 1);
  assert.equal(record.name, "once");

  const other = watched(busy());
  await assert.rejects(
    createAdmin({ ...server, fetch: other.fetch }).disableKey({ ...PLACE, id: record.id }),
    (error) => error.status === 503 && error.retryAfterMs === 0,
  );
  assert.equal(other.calls.length, 1, "a change without an idempotency key is not sent twice");
});

test("an answer that was lost can be had again with its idempotency key", async () => {
  const call = { ...PLACE, body: { level: "full", name: "again" }, idempotencyKey: "order-7" };
  const first = await admin.createKey(call);
  const second = await admin.createKey(call);
  assert.deepEqual(second, first);
});

test("the operator key goes to this server alone", async () => {
  let reached = 0;
  const elsewhere = createServer((_, reply) => reply.end(String((reached += 1)))).listen(0, "127.0.0.1");
  const moved = createServer((_, reply) =>
    reply.writeHead(307, { location: `http://127.0.0.1:${elsewhere.address().port}/` }).end(),
  ).listen(0, "127.0.0.1");
  after(() => (elsewhere.close(), moved.close()));
  await new Promise((resolve) => moved.once("listening", resolve));
  const client = createAdmin({ ...server, url: `http://127.0.0.1:${moved.address().port}`, retries: 0 });
  await assert.rejects(client.showMe(), { code: "unreachable" });
  assert.equal(reached, 0);

  for (const url of ["http://keys.example.com", "ftp://127.0.0.1", "https://user:word@keys.example.com", "keys"]) {
    assert.throws(() => createAdmin({ url, key: "k" }), { code: "invalid_argument", member: "url" }, url);
  }
  await assert.rejects(createAdmin({ ...server, key: "a\nb" }).showMe(), { code: "invalid_argument", member: "key" });
  await assert.rejects(createAdmin({ ...server, key: async () => "kw_op_no" }).showMe(), { status: 401 });
});

test("ids cannot lead to another path", async () => {
  for (const account of ["", ".", ".."]) {
    assert.throws(() => admin.showAccount({ keyspace: "shop", account }), { code: "invalid_argument" });
  }
  await assert.rejects(admin.showAccount({ keyspace: "shop", account: "acme/keys" }), { status: 404 });
});

test("a call ends with its signal, and with its time", async () => {
  const never = () => new Promise((_, reject) => setTimeout(reject, 2_000, new TypeError("late")).unref());
  const hanging = (_, { signal }) =>
    Promise.race([never(), new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)))]);
  const client = createAdmin({ ...server, fetch: hanging, timeoutMs: 50 });
  await assert.rejects(client.showMe(), { code: "aborted" });
  const patient = createAdmin({ ...server, fetch: hanging });
  await assert.rejects(patient.showMe({ signal: AbortSignal.abort() }), { code: "aborted" });
});

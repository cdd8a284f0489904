import assert from "node:assert/strict";
import { connect, digestKey, KeywardError } from "keyward";
import { keyward } from "keyward/presets/keyward";
import { basic, DAY, NOW } from "./fixtures.mjs";
import { FakeServer, issueLive, makeKeyspace, TOKEN } from "./feed.mjs";

const keyspace = await makeKeyspace();
const live = issueLive(1);
const other = issueLive(2);
const first = await keyspace.publish(1, [live, other]);
const revoked = await keyspace.publish(2, [other]);

/** An edge over a fake server and a clock that stands still until it is told. */
function setUp({ files = first, ...options } = {}) {
  const server = new FakeServer(files);
  const errors = [];
  const clock = { now: NOW };
  const behind = [];
  const ctx = { waitUntil: (work) => behind.push(work) };
  const edge = connect({
    url: "https://keys.example",
    keyspace: "mail",
    token: TOKEN,
    publicKeys: keyspace.publicKeys,
    fetch: server.fetch,
    clock: () => clock.now,
    onError: (error) => errors.push(error),
    ...options,
  });
  const ask = async (key = live.key) => {
    const headers = { authorization: basic(key) };
    const decision = await edge.verify({ method: "POST", url: "/api/v1/event", headers }, { ctx });
    return decision.allowed ? (decision.stale ? "stale" : "allowed") : decision.reason;
  };
  const settle = async () => Promise.all(behind.splice(0));
  return { server, errors, clock, edge, ask, settle, behind };
}

/** Answers nothing until it is made to fail. As an open socket would, it keeps the process alive meanwhile. */
function hang() {
  let fail;
  const open = setInterval(() => undefined, 1000);
  const broken = new Promise((_, reject) => {
    fail = () => {
      clearInterval(open);
      reject(new Error("connection reset"));
    };
  });
  return { answer: () => broken, fail };
}

/** What `answer` gives, `ms` late. */
const later = (ms, answer) => new Promise((resolve) => setTimeout(() => resolve(answer()), ms));

/** Runs `work` with every `AbortSignal.timeout` ending a hundred times as soon; gives the milliseconds asked for. */
async function hurried(work) {
  const { timeout } = AbortSignal;
  const asked = [];
  AbortSignal.timeout = (ms) => {
    asked.push(ms);
    return timeout.call(AbortSignal, ms / 100);
  };
  try {
    await work();
  } finally {
    AbortSignal.timeout = timeout;
  }
  return asked;
}

const codes = (errors) => errors.map(({ code }) => code);

export default {
  async "nothing is fetched before the first request; then a head and a shard, once"() {
    const { server, edge, ask } = setUp();
    assert.equal(server.requests.length, 0);
    assert.equal(edge.status, undefined);
    assert.equal(await ask(), "allowed");
    assert.equal(await ask(other.key), "allowed");
    assert.deepEqual(
      server.requests.map(({ path }) => path),
      ["/head", "/snapshot/0"],
    );
    assert.ok(server.requests.every(({ redirect }) => redirect === "manual"));
    assert.deepEqual(edge.status, { era: 1, epoch: 1, issuedAt: NOW, confirmedAt: NOW, size: 2 });
  },

  async "inside half of the window nothing is asked; in the other half behind the response"() {
    const { server, clock, ask, settle, behind } = setUp();
    await ask();
    await settle();
    clock.now += 1000;
    await ask();
    assert.equal(server.requests.length, 2);
    clock.now += 1;
    server.publish(revoked);
    assert.equal(await ask(), "allowed");
    assert.equal(behind.length, 1);
    assert.equal(await ask(), "allowed");
    assert.equal(behind.length, 1, "one refresh behind the responses is enough");
    await settle();
    assert.equal(await ask(), "unknown_key");
    assert.equal(await ask(other.key), "allowed");
  },

  async "past the window a request asks first: what was revoked is refused, however long it slept"() {
    for (const slept of [2001, 3_600_000]) {
      const { server, clock, ask } = setUp();
      await ask();
      clock.now += slept;
      server.publish(revoked);
      assert.equal(await ask(), "unknown_key");
    }
  },

  async "an unchanged head costs one conditional request"() {
    const { server, clock, ask, edge } = setUp();
    await ask();
    clock.now += 5000;
    assert.equal(await ask(), "allowed");
    const asked = server.requests.at(-1);
    assert.equal(asked.path, "/head");
    assert.match(asked.headers.get("if-none-match"), /^"[0-9a-f]+"$/);
    assert.equal(server.requests.length, 3);
    assert.equal(edge.status.confirmedAt, NOW + 5000);
  },

  async "a head that was only signed anew needs no shard"() {
    const { server, clock, ask, edge } = setUp();
    await ask();
    clock.now += 200_000;
    server.publish(await keyspace.publish(1, [live, other], { issuedAt: clock.now }));
    assert.equal(await ask(), "allowed");
    assert.equal(server.count("/snapshot/0"), 1);
    assert.equal(edge.status.issuedAt, clock.now);
    clock.now += 299_999;
    server.answers["/head"] = () => new Response("", { status: 500 });
    assert.equal(await ask(), "allowed");
  },

  async "a head that is slow is waited for 250 ms; what it says decides the next request"() {
    const { server, clock, ask, settle, errors } = setUp();
    await ask();
    server.publish(revoked);
    const course = [];
    server.answers["/head"] = (request) =>
      later(400, () => {
        course.push("head");
        return server.answer("/head", request);
      });
    // Seldom asked: past the window each time, and no other request in between.
    for (let request = 1; request <= 2; request++) {
      clock.now += 3000;
      course.push(await ask());
      await settle();
    }
    assert.deepEqual(course, ["allowed", "head", "unknown_key", "head"]);
    assert.deepEqual(errors, []);
  },

  async "a server that hangs is waited for 250 ms, by one request; later ones ask behind their responses"() {
    const { server, clock, ask, errors, settle } = setUp();
    await ask();
    clock.now += 3000;
    const hung = hang();
    server.answers["/head"] = hung.answer;
    const waits = [];
    for (let request = 1; request <= 20; request++) {
      const started = performance.now();
      assert.equal(await ask(), "allowed");
      waits.push(performance.now() - started);
    }
    assert.ok(waits[0] < 2000 && Math.max(...waits.slice(1)) < 100, `${waits} ms`);
    assert.equal(server.count("/head"), 2);
    hung.fail();
    await settle();
    assert.deepEqual(codes(errors), ["snapshot_unavailable"]);
    // From now on it refuses. It is left in peace for 250 ms, 500 ms, and half of the window.
    server.answers["/head"] = () => new Response("", { status: 503 });
    for (const rest of [250, 500, 1000, 1000]) {
      const count = server.count("/head");
      clock.now += rest - 1;
      assert.equal(await ask(), "allowed");
      assert.equal(server.count("/head"), count);
      clock.now += 1;
      assert.equal(await ask(), "allowed");
      assert.equal(server.count("/head"), count + 1);
      await settle();
    }
    delete server.answers["/head"];
    server.publish(revoked);
    clock.now += 1000;
    assert.equal(await ask(), "allowed");
    await settle();
    assert.equal(await ask(), "unknown_key");
  },

  async "one failure puts nothing off for a request that comes past the window"() {
    const { server, clock, ask, settle } = setUp();
    await ask();
    clock.now += 1500;
    server.answers["/head"] = () => new Response("", { status: 503 });
    assert.equal(await ask(), "allowed");
    await settle();
    delete server.answers["/head"];
    server.publish(revoked);
    clock.now += 2001;
    assert.equal(await ask(), "unknown_key");
  },

  async "a failure that was overtaken by a proof counts for nothing"() {
    const { server, clock, ask, settle, edge } = setUp();
    await ask();
    clock.now += 3000;
    const hung = hang();
    server.answers["/head"] = hung.answer;
    await ask();
    delete server.answers["/head"];
    clock.now += 1;
    await edge.refresh();
    hung.fail();
    await settle();
    clock.now += 1001;
    const count = server.count("/head");
    await ask();
    assert.equal(server.count("/head"), count + 1);
    await settle();
  },

  async "without a server the last good snapshot decides, within its signed limits"() {
    const { server, clock, ask, errors, edge } = setUp();
    await ask();
    server.answers["/head"] = () => new Response("", { status: 503 });
    const answers = [];
    for (const after of [60_000, 299_999, 300_000, DAY - 1, DAY, 2 * DAY]) {
      clock.now = NOW + after;
      answers.push(await ask());
    }
    assert.deepEqual(answers, ["allowed", "allowed", "stale", "stale", "stale_snapshot", "stale_snapshot"]);
    assert.equal(edge.status.confirmedAt, NOW);
    assert.ok(errors.length === 4 && errors.every(({ code }) => code === "snapshot_unavailable"));
    assert.match(errors[0].message, /\/v1\/keyspaces\/mail\/head answered 503/);
    delete server.answers["/head"];
    clock.now = NOW + 2 * DAY + 5000;
    server.publish(await keyspace.publish(3, [live], { issuedAt: clock.now }));
    assert.equal(await ask(), "allowed");
  },

  async "never loaded means refused, with 503, and another try each second"() {
    const { server, edge, ask, errors, clock } = setUp();
    server.answers["/head"] = () => Promise.reject(new TypeError("connection refused"));
    assert.equal(await ask(), "stale_snapshot");
    clock.now += 999;
    assert.equal(await ask(), "stale_snapshot");
    assert.equal(server.requests.length, 1);
    clock.now += 1;
    const decision = await edge.verifyKey(live.key);
    assert.deepEqual([decision.allowed, decision.reason, decision.status], [false, "stale_snapshot", 503]);
    clock.now += 1000;
    assert.equal((await edge.explain({ url: "/", headers: {} })).reason, "stale_snapshot");
    assert.deepEqual(codes(errors), ["snapshot_unavailable", "snapshot_unavailable", "snapshot_unavailable"]);
    assert.match(errors[0].message, /connection refused/);
    await assert.rejects(
      edge.refresh(),
      (error) => error instanceof KeywardError && error.code === "snapshot_unavailable",
    );
    delete server.answers["/head"];
    clock.now += 1000;
    assert.equal(await ask(), "allowed");
  },

  async "a server that hangs from the start, through a fetch that heeds no signal, is given up after five seconds"() {
    for (const stuck of ["head", "body"]) {
      const { server, ask, errors } = setUp();
      const hung = hang();
      const silent = new ReadableStream({ pull: () => hung.answer().catch(() => undefined) });
      server.answers["/head"] = stuck === "head" ? hung.answer : () => new Response(silent);
      const asked = await hurried(async () => {
        assert.deepEqual(await Promise.all([ask(), ask(), ask()]), Array(3).fill("stale_snapshot"));
      });
      assert.deepEqual(asked, [5000, 5000]);
      assert.deepEqual(codes(errors), ["snapshot_unavailable"]);
      assert.equal(await ask(), "stale_snapshot");
      assert.equal(server.requests.length, 1, "refused at once, without asking again");
      hung.fail();
    }
  },

  async "requests that come at once share one head and one shard, the first ones and those after a sleep"() {
    const { server, clock, ask } = setUp();
    const slowly = (path) => (server.answers[path] = (request) => later(50, () => server.answer(path, request)));
    slowly("/head");
    slowly("/snapshot/0");
    const all = () => Promise.all(Array.from({ length: 40 }, () => ask()));
    assert.deepEqual(new Set(await all()), new Set(["allowed"]));
    clock.now += 60_000;
    server.publish(revoked);
    assert.deepEqual(new Set(await all()), new Set(["unknown_key"]));
    assert.deepEqual([server.count("/head"), server.count("/snapshot/0")], [2, 2]);
  },

  async "a fetch that gives no Response is a failure like any other"() {
    for (const given of [undefined, null, "text", {}, { status: 200 }]) {
      const { ask, edge, errors } = setUp({ fetch: () => given });
      assert.equal(await ask(), "stale_snapshot");
      assert.ok(errors[0] instanceof KeywardError);
      assert.match(errors[0].message, /gave no Response/);
      await assert.rejects(edge.refresh(), (error) => error.code === "snapshot_unavailable");
    }
    const bare = { status: 404, headers: new Headers() };
    const { ask, errors } = setUp({ fetch: async () => bare });
    assert.equal(await ask(), "stale_snapshot");
    assert.match(errors[0].message, /answered 404/);
  },

  async "a wrong token is an error that says so"() {
    const { ask, errors } = setUp({ token: "kw_edge_other" });
    assert.equal(await ask(), "stale_snapshot");
    assert.match(errors[0].message, /answered 401/);
  },

  async "a redirect is not followed"() {
    const { server, ask } = setUp();
    server.answers["/head"] = () => new Response(null, { status: 302, headers: { location: "https://evil.example/" } });
    assert.equal(await ask(), "stale_snapshot");
  },

  async "the edge never goes back"() {
    const newer = await keyspace.publish(9, [other]);
    const cases = {
      rollback: first,
      epoch_conflict: await keyspace.publish(9, [live, other], { issuedAt: NOW + 1 }),
      older_head: await keyspace.publish(9, [other], { issuedAt: NOW - 1 }),
    };
    for (const [code, files] of Object.entries(cases)) {
      const { server, clock, ask, errors, edge } = setUp({ files: newer });
      assert.equal(await ask(other.key), "allowed");
      assert.equal(await ask(), "unknown_key");
      clock.now += 10_000;
      server.publish(files);
      assert.equal(await ask(), "unknown_key", code);
      assert.deepEqual(codes(errors), [code]);
      assert.deepEqual([edge.status.epoch, edge.status.confirmedAt], [9, NOW]);
    }
  },

  async "a pinned floor holds for a cold isolate"() {
    const { ask, errors } = setUp({ minEra: 1, minEpoch: 2 });
    assert.equal(await ask(), "stale_snapshot");
    assert.deepEqual(codes(errors), ["rollback"]);
  },

  async "a new era begins at any epoch, and the old one is over"() {
    const own = await makeKeyspace();
    const before = await own.publish(50, [live]);
    await own.nextEra();
    const after = await own.publish(1, [other]);
    const { server, clock, ask, edge } = setUp({ files: before, publicKeys: own.publicKeys });
    assert.equal(await ask(), "allowed");
    clock.now += 5000;
    server.publish(after);
    assert.equal(await ask(), "unknown_key");
    assert.deepEqual([edge.status.era, edge.status.epoch], [2, 1]);
    clock.now += 5000;
    server.publish(before);
    assert.equal(await ask(), "unknown_key");
  },

  async "what is not signed by the pinned root is never used"() {
    const stranger = await makeKeyspace();
    const { server, clock, ask, errors } = setUp();
    await ask();
    clock.now += 5000;
    server.publish(await stranger.publish(7, [live]));
    assert.equal(await ask(other.key), "allowed");
    server.publish({ ...revoked, head: new Uint8Array(10) });
    clock.now += 5000;
    assert.equal(await ask(other.key), "allowed");
    assert.deepEqual(codes(errors), ["bad_signature", "invalid_snapshot"]);
  },

  async "a shard that is one epoch further makes it ask for the head again"() {
    const { server, ask, edge } = setUp();
    let heads = 0;
    server.answers["/head"] = (request) => {
      if (++heads === 2) server.publish(revoked);
      return server.answer("/head", request);
    };
    server.answers["/snapshot/0"] = () => new Response(revoked.shard);
    assert.equal(await ask(), "unknown_key");
    assert.equal(edge.status.epoch, 2);
    assert.equal(heads, 2);
  },

  async "a shard that never fits is given up after three heads"() {
    const { server, ask, errors } = setUp();
    server.answers["/snapshot/0"] = () => new Response(revoked.shard);
    assert.equal(await ask(), "stale_snapshot");
    assert.equal(server.count("/head"), 3);
    assert.deepEqual(codes(errors), ["shard_mismatch"]);
  },

  async "bodies without end are cut off"() {
    const endless = () =>
      new Response(
        new ReadableStream({
          pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
        }),
      );
    for (const path of ["/head", "/snapshot/0"]) {
      const { server, ask, errors } = setUp();
      server.answers[path] = endless;
      assert.equal(await ask(), "stale_snapshot");
      assert.equal(errors.length, 1);
      assert.match(errors[0].message, /more than \d+ bytes/);
    }
  },

  async "a clock that goes back revives nothing, and does not stop the asking"() {
    const ending = issueLive(3, { expiresAt: NOW + 1000 });
    const { server, clock, ask } = setUp({ files: await keyspace.publish(4, [ending]) });
    assert.equal(await ask(ending.key), "allowed");
    clock.now = NOW + 1000;
    assert.equal(await ask(ending.key), "expired");
    clock.now = NOW - 60_000;
    const count = server.count("/head");
    for (let request = 1; request <= 100; request++) {
      assert.equal(await ask(ending.key), "expired");
      clock.now += 10;
    }
    assert.equal(server.count("/head"), count + 1, "once: nobody knows how long it took");
    clock.now += 1001;
    server.publish(await keyspace.publish(5, []));
    assert.equal(await ask(ending.key), "unknown_key");
    assert.equal(server.count("/head"), count + 2);
  },

  async "a clock that goes back while the server is down does not make every request ask"() {
    const { server, clock, ask } = setUp();
    await ask();
    server.answers["/head"] = () => new Response("", { status: 503 });
    clock.now -= 3_600_000;
    for (let request = 1; request <= 100; request++) assert.equal(await ask(), "allowed");
    assert.equal(server.count("/head"), 2);
  },

  async "a verifier whose memory is lost is fetched again"() {
    const { Instance } = WebAssembly;
    let armed = false;
    let memory;
    WebAssembly.Instance = function (module, imports) {
      const { exports } = new Instance(module, imports);
      memory = exports.memory;
      const engine_verifyRequest = (...args) => {
        if (armed) throw new WebAssembly.RuntimeError("unreachable");
        return exports.engine_verifyRequest(...args);
      };
      return { exports: { ...exports, engine_verifyRequest } };
    };
    try {
      const { server, ask } = setUp();
      assert.equal(await ask(), "allowed");
      new Uint8Array(memory.buffer).fill(0);
      armed = true;
      assert.equal(await ask(), "internal");
      armed = false;
      server.publish(revoked);
      assert.equal(await ask(), "unknown_key");
      assert.equal(await ask(other.key), "allowed");
      assert.equal(server.count("/snapshot/0"), 2);
    } finally {
      WebAssembly.Instance = Instance;
    }
  },

  async "an onError that throws changes no decision"() {
    const { error } = console;
    const said = [];
    console.error = (...words) => said.push(words.join(" "));
    try {
      const onError = () => {
        throw new Error("mine");
      };
      const { server, clock, ask } = setUp({ onError });
      await ask();
      server.answers["/head"] = () => new Response("", { status: 500 });
      clock.now += 5000;
      assert.equal(await ask(), "allowed");
      assert.match(said[0], /onError threw.*mine/);
    } finally {
      console.error = error;
    }
  },

  async "scopes and explanations, by way of the edge"() {
    const { edge } = setUp();
    assert.equal((await edge.verifyKey(live.key, { scope: "events" })).allowed, true);
    assert.equal((await edge.verifyKey(live.key, { scope: "contacts.read" })).reason, "insufficient_scope");
    assert.equal((await edge.verifyKey(null)).reason, "missing_credential");
    const inherited = Object.create({ scope: "contacts.read" });
    for (const wrong of [{ scope: undefined }, { route: {} }, inherited]) {
      await assert.rejects(edge.verifyKey(live.key, wrong), (error) => error.code === "invalid_argument");
    }
    const request = { method: "POST", url: "/api/v1/event", headers: { authorization: basic(live.key) } };
    const explanation = await edge.explain(request);
    assert.deepEqual([explanation.verdict, explanation.keyId], ["allow", "key_000000001"]);
    await assert.rejects(edge.verify({}), (error) => error.code === "invalid_argument");
  },

  async "what a key has taken of its rate stays taken when another snapshot comes"() {
    const policies = [{ level: 1, scopes: 0b10001n, rate: { limit: 3, window: 3600 } }];
    const own = await makeKeyspace({ policies });
    const { publicKeys } = own;
    const [one, two] = [issueLive(1, { policy: 0 }), issueLive(2, { policy: 0 })];
    const files = await own.publish(1, [one, two]);
    const { server, clock, edge } = setUp({ files, publicKeys });
    const left = async ({ key }, options) => {
      const decision = await edge.verifyKey(key, { scope: "events", ...options });
      return decision.allowed ? decision.rate.remaining : decision.reason;
    };
    assert.deepEqual([await left(one), await left(one), await left(one), await left(one)], [2, 1, 0, "rate_limited"]);
    clock.now += 3000;
    server.publish(await own.publish(2, [one]));
    assert.deepEqual([await left(two), edge.status.epoch], ["unknown_key", 2]);
    assert.equal(await left(one), "rate_limited");
    clock.now += 1_200_000;
    assert.deepEqual([await left(one, { cost: 0 }), await left(one), await left(one)], [1, 0, "rate_limited"]);
  },

  async "peppers, constraints and addresses, by way of the edge"() {
    const own = await makeKeyspace({ preset: keyward, policies: [{ everything: true, level: 1 }] });
    const secret = "the secret of this deployment";
    const one = issueLive(1, { policy: 0 }, keyward);
    one.digest = digestKey(one.key, { pepper: { id: "one", secret } });
    const files = await own.publish(1, [one]);
    const { edge } = setUp({ files, publicKeys: own.publicKeys, peppers: { one: secret } });
    const headers = { "x-api-key": one.key };
    const decision = await edge.verify({ url: "/things", headers }, { clientAddress: "192.0.2.7" });
    assert.deepEqual([decision.allowed, decision.constraints], [true, { ip: "all" }]);
    assert.equal((await edge.verify({ url: "/things", headers: {} })).reason, "missing_credential");
    const twice = { authorization: `Bearer ${one.key}`, ...headers };
    assert.equal((await edge.verify({ url: "/things", headers: twice })).reason, "ambiguous_credential");
    const invalid = (error) => error.code === "invalid_argument";
    await assert.rejects(edge.verify({ url: "/", headers }, { context: { channel: "sms" } }), invalid);
    await assert.rejects(edge.verify({ url: "/", headers }, { scope: "read" }), invalid);
    await assert.rejects(edge.verifyKey(one.key, { cost: -1 }), invalid);
    await assert.rejects(edge.explain({ url: "/", headers }, { clientAddress: 7 }), invalid);
    const without = setUp({ files, publicKeys: own.publicKeys });
    assert.equal((await without.edge.verify({ url: "/things", headers })).reason, "stale_snapshot");
    assert.deepEqual(codes(without.errors), ["missing_pepper"]);
  },

  "wrong options are said to be wrong, at once"() {
    const right = { url: "https://keys.example", keyspace: "mail", token: TOKEN, publicKeys: keyspace.publicKeys };
    const wrong = [{ url: "ftp://x" }, { url: "nowhere" }, { keyspace: "" }, { token: undefined }, { publicKeys: [] }];
    wrong.push(
      { maxAgeMs: -1 },
      { maxAgeMs: Number.NaN },
      { maxAgeMs: "2000" },
      { minEpoch: 1.5 },
      { publicKeys: undefined },
      { url: "https://user:secret@keys.example" },
      { url: new URL("https://secret@keys.example") },
      { token: "kw_edge_secret\n" },
      { token: "kw_edge_secrét" },
      { token: "kw_edge secret" },
      { fetch: { fetch() {} } },
      { keyspace: 5 },
      { peppers: { one: "secret" } },
      { peppers: ["secret secret secret"] },
    );
    for (const options of wrong) {
      assert.throws(
        () => connect({ ...right, ...options }),
        (error) => error instanceof KeywardError && error.code === "invalid_argument" && !/secr/.test(`${error.stack}`),
      );
    }
  },
};

/**
 * Traps, put into every export of the module at every call that a decision makes: none lets anything through, and the
 * next request is decided right.
 */
import assert from "node:assert/strict";
import { createVerifier, KeywardError, openSnapshot, parseKey } from "keyward";
import { optimove } from "keyward/presets/optimove";
import { basic, issue, NOW, profile } from "./fixtures.mjs";
import { issueLive, makeKeyspace } from "./feed.mjs";

const { Instance } = WebAssembly;
/** `null`: nothing is armed. Otherwise the export's name and the number of calls until it traps. */
let armed = null;
let seen = new Set();
/** Memory of the youngest instance. */
let memory;

/** An instance whose exports trap when they are told to. */
function Trapping(module, imports) {
  const { exports } = new Instance(module, imports);
  memory = exports.memory;
  const wrapped = {};
  for (const [name, value] of Object.entries(exports)) {
    wrapped[name] =
      typeof value !== "function"
        ? value
        : (...args) => {
            seen.add(name);
            if (armed !== null && armed.name === name && --armed.calls === 0) {
              armed = null;
              throw new WebAssembly.RuntimeError("unreachable");
            }
            return value(...args);
          };
  }
  return { exports: wrapped };
}

function withTraps(run) {
  WebAssembly.Instance = Trapping;
  try {
    return run();
  } finally {
    armed = null;
    WebAssembly.Instance = Instance;
  }
}

/** Much, so that no question uses it up. */
const rate = { limit: 1000, window: 1 };
// Of the preset: events.
const keyspace = await makeKeyspace({ policies: [{ level: 1, scopes: 0b10001n, rate }] });
const live = issueLive(3, { policy: 0, subject: "s", meta: '{"a":1}' });
const files = await keyspace.publish(1, [live]);
const { key, record } = issue("key_1", { level: "events", expiresAt: NOW + 1000, rate });
const limited = issue("key_2", { level: "integrations", constraints: { channel: ["sms"] } }, optimove);

const MAKERS = {
  records: () => [createVerifier({ profile, records: [record] }), key],
  snapshot: () => [
    openSnapshot({ head: files.head, shards: [files.shard] }, { publicKeys: keyspace.publicKeys }),
    live.key,
  ],
};

/** Each gives true for allowed, or a reason. */
const ASKS = {
  verify: (verifier, key) =>
    verdict(
      verifier.verify({ method: "POST", url: "/api/v1/event", headers: { authorization: basic(key) } }, { now: NOW }),
    ),
  verifyKey: (verifier, key) => verdict(verifier.verifyKey(key, { method: "POST", path: "/api/v1/event", now: NOW })),
  alive: (verifier, key) => verdict(verifier.verifyKey(key, { now: NOW })),
  scope: (verifier, key) => verdict(verifier.verifyKey(key, { scope: "events", now: NOW })),
  explain: (verifier, key) => {
    const { verdict, reason } = verifier.explainKey(key, { method: "POST", path: "/api/v1/event", now: NOW });
    return verdict === "allow" ? true : reason;
  },
  route: (verifier, key, route) => verdict(verifier.verifyKey(key, { route, now: NOW })),
};

function verdict(decision) {
  return decision.allowed === true ? true : decision.reason;
}

/** Where `needle` begins in `bytes`. */
function find(bytes, needle) {
  for (let at = bytes.indexOf(needle[0]); at >= 0; at = bytes.indexOf(needle[0], at + 1)) {
    if (needle.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return -1;
}

const cases = Object.entries(MAKERS).flatMap(([from, make]) =>
  Object.entries(ASKS).map(([name, ask]) => [
    `${name}, from ${from}: whatever traps, it refuses, and then goes on`,
    () =>
      withTraps(() => {
        const fresh = () => {
          const [verifier, good] = make();
          return { verifier, good, route: verifier.route("POST", "/api/v1/event") };
        };
        seen = new Set();
        const { verifier, good, route } = fresh();
        const making = new Set(seen);
        seen = new Set();
        assert.equal(ask(verifier, good, route), true);
        const asking = [...seen];
        assert.ok(asking.length > 0);
        let trapped = 0;
        for (const name of new Set([...asking, ...making])) {
          // Each time another verifier: the first question of one decodes what later ones do not.
          for (let calls = 1, hit = true; hit; calls++) {
            const { verifier, good, route } = fresh();
            armed = { name, calls };
            const answer = ask(verifier, good, route);
            hit = armed === null;
            armed = null;
            assert.equal(answer, hit ? "internal" : true, `${name}, call ${calls}`);
            assert.equal(
              ask(verifier, "es_wrong", route),
              "malformed_key",
              `${name}, call ${calls}: the next but wrong`,
            );
            assert.equal(ask(verifier, good, route), true, `${name}, call ${calls}: the next`);
            trapped += Number(hit);
          }
        }
        assert.ok(trapped >= asking.length, `${trapped} traps`);
      }),
  ]),
);

export default {
  ...Object.fromEntries(cases),

  "a trap where constraints are decoded refuses, and the next decision has them"() {
    withTraps(() => {
      const ask = (verifier) =>
        verifier.verifyKey(limited.key, { scope: "campaigns.read", context: { channel: "sms" }, now: NOW });
      for (const name of ["engine_constraints", "engine_verifyScope"]) {
        const verifier = createVerifier({ profile: optimove, records: [limited.record] });
        armed = { name, calls: 1 };
        assert.equal(verdict(ask(verifier)), "internal", name);
        assert.equal(armed, null, name);
        assert.deepEqual(ask(verifier).constraints, { attribute: "all", channel: ["sms"] });
      }
    });
  },

  "what a key has taken of its rate stays taken when the instance traps"() {
    withTraps(() => {
      const own = issue("key_3", { level: "events", rate: { limit: 2, window: 60 } });
      const verifier = createVerifier({ profile, records: [own.record] });
      const ask = () => verifier.verifyKey(own.key, { now: NOW });
      assert.equal(ask().rate.remaining, 1);
      // Refused calls take nothing, whichever of the two calls into the module fails.
      for (const name of ["engine_verifyAlive", "engine_rateStep"]) {
        armed = { name, calls: 1 };
        assert.equal(verdict(ask()), "internal", name);
        assert.equal(armed, null, name);
      }
      assert.equal(ask().rate.remaining, 0);
      armed = { name: "engine_verifyAlive", calls: 1 };
      assert.equal(verdict(ask()), "internal");
      assert.equal(verdict(ask()), "rate_limited");
    });
  },

  "a step of the rate that gives nothing sound refuses"() {
    for (const odd of [Number.NaN, -2, -Infinity, -0.5]) {
      WebAssembly.Instance = function (module, imports) {
        const { exports } = new Instance(module, imports);
        return { exports: { ...exports, engine_rateStep: () => odd } };
      };
      try {
        const [verifier, good] = MAKERS.records();
        assert.deepEqual(verdict(verifier.verifyKey(good, { now: NOW })), "internal", String(odd));
      } finally {
        WebAssembly.Instance = Instance;
      }
    }
  },

  "a trap while rebuilding keeps refusing, until it can be rebuilt"() {
    for (const make of Object.values(MAKERS)) {
      withTraps(() => {
        const [verifier, good] = make();
        armed = { name: "engine_verifyAlive", calls: 1 };
        assert.equal(verdict(verifier.verifyKey(good, { now: NOW })), "internal");
        for (const name of ["engine_scratch", "engine_info", "engine_outcome"]) {
          armed = { name, calls: 1 };
          const decision = verifier.verifyKey(good, { now: NOW });
          assert.deepEqual([decision.reason, decision.status], ["internal", 503], name);
          assert.equal(armed, null);
        }
        assert.equal(verdict(verifier.verifyKey(good, { now: NOW })), true);
      });
    }
  },

  "a snapshot that was damaged in memory is not opened again"() {
    withTraps(() => {
      const [verifier, good] = MAKERS.snapshot();
      const bytes = new Uint8Array(memory.buffer);
      const at = find(bytes, files.shard);
      assert.ok(at > 0);
      bytes[at + files.shard.length - 1] ^= 1;
      armed = { name: "engine_verifyAlive", calls: 1 };
      for (let round = 0; round < 3; round++) {
        assert.equal(verdict(verifier.verifyKey(good, { now: NOW })), "internal");
        assert.equal(verifier.explainKey(good, { now: NOW }).reason, "internal");
      }
    });
  },

  "a verdict that names nothing refuses"() {
    for (const odd of [16, 17, 255, 257, 512, 65_536, 65_536 + 11, 2 ** 31, 2 ** 31 + 1, -1, 2 ** 32 - 1]) {
      WebAssembly.Instance = function (module, imports) {
        const { exports } = new Instance(module, imports);
        return { exports: { ...exports, engine_verifyAlive: () => odd } };
      };
      try {
        const [verifier, good] = MAKERS.records();
        assert.deepEqual(verdict(verifier.verifyKey(good, { now: NOW })), "internal", String(odd));
      } finally {
        WebAssembly.Instance = Instance;
      }
    }
  },

  "a trap in the functions outside a verifier is an error, and the next call is right"() {
    withTraps(() => {
      for (let round = 0; round < 3; round++) {
        const verifier = () => createVerifier({ profile, records: [record] });
        armed = { name: "engine_fromRecords", calls: 1 };
        assert.throws(verifier, (error) => error instanceof KeywardError && error.code === "internal");
        assert.equal(verifier().size, 1);
      }
    });
    assert.equal(parseKey(key, { profile }).ok, true);
  },
};

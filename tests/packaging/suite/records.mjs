import assert from "node:assert/strict";
import { createVerifier, generateKey, KeywardError } from "keyward";
import { DAY, isError, issue, NOW, profile, single } from "./fixtures.mjs";

const { record: good } = issue("key_good", { level: "events" });

/** What is wrong → the error's code, and the member it names. */
const WRONG = {
  "a record that is no object": [null, "invalid_record", undefined],
  "an unknown member": [{ ...good, scope: ["events"] }, "invalid_record", "scope"],
  "an id that is a number": [{ ...good, id: 7 }, "invalid_record", "id"],
  "an empty id": [{ ...good, id: "" }, "invalid_record", "id"],
  "a missing digest": [{ id: "x", level: "events" }, "invalid_record", "digest"],
  "a digest that is a key": [{ ...good, digest: "es_abc" }, "invalid_digest", undefined],
  "an account that is null": [{ ...good, account: null }, "invalid_record", "account"],
  "a record with a prototype of its own": [Object.create(good), "invalid_record", undefined],
  "a digest and digests": [{ ...good, digests: [good.digest] }, "invalid_record", "digests"],
  "no digests at all": [{ id: "x", level: "events", digests: [] }, "invalid_record", "digests"],
  "nine digests": [{ id: "x", level: "events", digests: Array(9).fill(good.digest) }, "invalid_record", "digests"],
  "a digest of several that is none": [
    { id: "x", level: "events", digests: [good.digest, 5] },
    "invalid_record",
    "digests[1]",
  ],
  "a hole among digests": [{ id: "x", level: "events", digests: Array(1) }, "invalid_record", "digests[0]"],
  "a digest of several with an unknown member": [
    { id: "x", level: "events", digests: [{ digest: good.digest, expires: 5 }] },
    "invalid_record",
    "digests[0].expires",
  ],
  "a digest of several that ends at NaN": [
    { id: "x", level: "events", digests: [{ digest: good.digest, expiresAt: Number.NaN }] },
    "invalid_record",
    "digests[0].expiresAt",
  ],
  "scopes that are a string": [{ id: "x", digest: good.digest, scopes: "events" }, "invalid_record", "scopes"],
  "a scope that is a number": [{ id: "x", digest: good.digest, scopes: [1] }, "invalid_record", "scopes[0]"],
  "a pattern of scopes that meets none": [
    { id: "x", digest: good.digest, scopes: ["contacts.*.*"] },
    "invalid_record",
    undefined,
  ],
  "a level and scopes": [{ ...good, scopes: ["events"] }, "invalid_record", "scopes"],
  "a level that there is not": [{ ...good, level: "owner" }, "invalid_record", undefined],
  "a scope that there is not": [{ id: "x", digest: good.digest, scopes: ["owner"] }, "invalid_record", undefined],
  "neither a level nor scopes": [{ id: "x", digest: good.digest }, "invalid_record", undefined],
  "no scopes at all": [{ id: "x", digest: good.digest, scopes: [] }, "invalid_record", undefined],
  "a status that ends a key for good": [{ ...good, status: "deactivated" }, "invalid_record", "status"],
  "a status that there is not": [{ ...good, status: "on" }, "invalid_record", "status"],
  "an expiry of NaN": [{ ...good, expiresAt: Number.NaN }, "invalid_record", "expiresAt"],
  "an expiry that is no date": [{ ...good, expiresAt: new Date("soon") }, "invalid_record", "expiresAt"],
  "an expiry of 0": [{ ...good, expiresAt: 0 }, "invalid_record", "expiresAt"],
  "an expiry in words": [{ ...good, expiresAt: "2027-01-01" }, "invalid_record", "expiresAt"],
  "a rate that is a number": [{ ...good, rate: 5 }, "invalid_record", "rate"],
  "a rate without a window": [{ ...good, rate: { limit: 5 } }, "invalid_record", "rate.window"],
  "a rate of nothing": [{ ...good, rate: { limit: 0, window: 60 } }, "invalid_record", "rate.limit"],
  "a rate of 1.5": [{ ...good, rate: { limit: 1.5, window: 60 } }, "invalid_record", "rate.limit"],
  "a rate beyond 32 bits": [{ ...good, rate: { limit: 2 ** 32 + 5, window: 60 } }, "invalid_record", "rate.limit"],
  "a rate in words": [{ ...good, rate: { limit: "5", window: 60 } }, "invalid_record", "rate.limit"],
  "a rate with an unknown member": [
    { ...good, rate: { limit: 5, window: 60, burst: 1 } },
    "invalid_record",
    "rate.burst",
  ],
  "a rate over a year": [{ ...good, rate: { limit: 5, window: 366 * 86_400 } }, "invalid_argument", undefined],
  "a text with half a surrogate pair": [{ ...good, subject: "a\ud800" }, "invalid_record", "subject"],
  "meta that is no JSON": [{ ...good, meta: () => 1 }, "invalid_record", "meta"],
  "meta of 2 KB": [{ ...good, meta: "m".repeat(2048) }, "invalid_record", "meta"],
};

const refusals = Object.entries(WRONG).map(([what, [record, code, member]]) => [
  `${what} is refused, with its place`,
  () => {
    const before = issue("key_before", { level: "full" }).record;
    let error;
    try {
      createVerifier({ profile, records: [before, record] });
    } catch (thrown) {
      error = thrown;
    }
    assert.ok(error instanceof KeywardError, String(error));
    assert.deepEqual([error.code, error.record, error.member], [code, 1, member], error.message);
    assert.match(error.message, /^record 1: /);
  },
]);

export default {
  ...Object.fromEntries(refusals),

  "the same id twice is refused, with both places"() {
    const records = [
      good,
      issue("other", { level: "full" }).record,
      { ...issue("x", { level: "full" }).record, id: "key_good" },
    ];
    assert.throws(
      () => createVerifier({ profile, records }),
      (error) => error.code === "invalid_record" && error.record === 2 && /record 0/.test(error.message),
    );
  },

  "the same digest twice is refused"() {
    const records = [good, { ...good, id: "other" }];
    assert.throws(() => createVerifier({ profile, records }), KeywardError);
  },

  "what is no list of records is refused"() {
    for (const records of [undefined, null, 5, {}, "records"]) {
      assert.throws(() => createVerifier({ profile, records }), KeywardError);
    }
  },

  "a getter that throws leaves nothing behind"() {
    const { key, record } = issue("key_1", { level: "events" });
    const trap = Object.defineProperty({ ...record, id: "key_2" }, "digest", {
      enumerable: true,
      get() {
        throw new TypeError("mine");
      },
    });
    assert.throws(() => createVerifier({ profile, records: [record, trap] }), /mine/);
    const verifier = createVerifier({ profile, records: [record] });
    assert.equal(verifier.verifyKey(key, { scope: "events", now: NOW }).allowed, true);
  },

  "no record, no access: an empty list makes a verifier that refuses"() {
    const verifier = createVerifier({ profile, records: [] });
    assert.equal(verifier.size, 0);
    assert.equal(verifier.verifyKey(issue("x", {}).key, { now: NOW }).reason, "unknown_key");
  },

  "what a record says comes back in the decision"() {
    const meta = { plan: "gold", seats: [1, 2] };
    const expiresAt = new Date(NOW + DAY);
    const { key, verifier } = single({ account: "acme", subject: "user-7", meta, scopes: ["events"], expiresAt });
    const decision = verifier.verifyKey(key, { scope: "events", now: NOW });
    assert.deepEqual(
      { ...decision },
      {
        allowed: true,
        keyId: "key_1",
        account: "acme",
        subject: "user-7",
        meta: { plan: "gold", seats: [1, 2] },
        level: undefined,
        scopes: ["events"],
        constraints: {},
        expiresAt: NOW + DAY,
        stale: false,
        rate: undefined,
        cost: 1,
      },
    );
    meta.plan = "none";
    assert.equal(verifier.verifyKey(key, { now: NOW }).meta.plan, "gold");
    assert.ok(
      Object.isFrozen(decision.meta) && Object.isFrozen(decision.meta.seats) && Object.isFrozen(decision.scopes),
    );
  },

  "records come from any iterable, and ids are the caller's own"() {
    const { key, record } = issue("Ключ № 1 🗝", { level: "full" });
    const verifier = createVerifier({ profile, records: new Set([record]) });
    assert.equal(verifier.verifyKey(key, { now: NOW }).keyId, "Ключ № 1 🗝");
    assert.equal(verifier.size, 1);
  },

  "every record of many is found, wherever the buffer that carries them has to grow"() {
    const made = Array.from({ length: 200 }, (_, at) => issue(`key_${at}`, { level: "events", account: `a${at}` }));
    for (const scopes of [
      ["events"],
      ["basics", "events"],
      ["contacts.read"],
      ["messages.send"],
      ["contacts.activity"],
    ]) {
      const first = issue("first", { scopes }).record;
      const verifier = createVerifier({ profile, records: [first, ...made.map(({ record }) => record)] });
      for (const [at, { key }] of made.entries()) {
        const { keyId, account } = verifier.verifyKey(key, { scope: "events", now: NOW });
        assert.deepEqual({ keyId, account }, { keyId: `key_${at}`, account: `a${at}` });
      }
    }
  },

  "disabled and expired are told apart"() {
    const cases = {
      disabled: { status: "disabled" },
      expired: { expiresAt: NOW },
    };
    for (const [reason, members] of Object.entries(cases)) {
      const { key, verifier } = single({ level: "full", ...members });
      const decision = verifier.verifyKey(key, { now: NOW });
      assert.deepEqual([decision.allowed, decision.reason, decision.status], [false, reason, 401]);
    }
  },

  "an expiry holds to the millisecond"() {
    const { key, verifier } = single({ level: "full", expiresAt: NOW });
    const at = (now) => verifier.verifyKey(key, { now }).allowed;
    assert.deepEqual([at(NOW - 1), at(NOW), at(NOW + 1)], [true, false, false]);
  },

  "a key is found by each of its digests, until that digest or the key ends"() {
    const [before, after] = [generateKey({ profile }), generateKey({ profile })];
    const record = {
      id: "rotated",
      level: "events",
      digests: [after.digest, { digest: before.digest, expiresAt: new Date(NOW + DAY) }],
      expiresAt: NOW + 2 * DAY,
    };
    const verifier = createVerifier({ profile, records: [record] });
    const ask = ({ key }, now) => {
      const decision = verifier.verifyKey(key, { scope: "events", now });
      return decision.allowed ? [decision.keyId, decision.expiresAt] : decision.reason;
    };
    assert.deepEqual(ask(after, NOW), ["rotated", NOW + 2 * DAY]);
    assert.deepEqual(ask(before, NOW + DAY - 1), ["rotated", NOW + DAY]);
    assert.equal(ask(before, NOW + DAY), "expired");
    assert.deepEqual(ask(after, NOW + DAY), ["rotated", NOW + 2 * DAY]);
    assert.equal(ask(after, NOW + 2 * DAY), "expired");
  },

  "a star stands for one segment of a scope"() {
    const { key, verifier } = single({ scopes: ["contacts.*"] });
    const { scopes } = verifier.verifyKey(key, { now: NOW });
    assert.deepEqual([...scopes], ["contacts.read", "contacts.write", "contacts.activity"]);
    assert.equal(verifier.verifyKey(key, { scope: "events", now: NOW }).reason, "insufficient_scope");
  },

  "what a prototype says is no member of a record"() {
    const { key, record } = issue("plain", {});
    const { prototype } = Object;
    Object.defineProperty(prototype, "level", { value: "full", configurable: true, writable: true });
    try {
      assert.throws(() => createVerifier({ profile, records: [record] }), isError("invalid_record"));
      const verifier = createVerifier({ profile, records: [{ ...record, scopes: ["events"] }] });
      assert.equal(verifier.verifyKey(key, { scope: "contacts.read", now: NOW }).reason, "insufficient_scope");
    } finally {
      delete prototype.level;
    }
  },

  "a member is read once, whatever it gives the second time"() {
    const { key, record } = issue("once", {});
    const seen = {};
    const once = (name, first) => ({
      enumerable: true,
      get() {
        seen[name] = (seen[name] ?? 0) + 1;
        return seen[name] === 1 ? first : "full";
      },
    });
    const tricky = Object.defineProperties({}, { id: once("id", "once"), digest: once("digest", record.digest) });
    Object.defineProperty(tricky, "level", once("level", "events"));
    const verifier = createVerifier({ profile, records: [tricky] });
    assert.deepEqual(seen, { id: 1, digest: 1, level: 1 });
    assert.equal(verifier.verifyKey(key, { now: NOW }).level, "events");
  },
};

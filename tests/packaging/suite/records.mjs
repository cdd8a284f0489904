import assert from "node:assert/strict";
import { createVerifier, KeywardError } from "keyward";
import { DAY, issue, NOW, profile, single } from "./fixtures.mjs";

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
  "scopes that are a string": [{ id: "x", digest: good.digest, scopes: "events" }, "invalid_record", "scopes"],
  "a scope that is a number": [{ id: "x", digest: good.digest, scopes: [1] }, "invalid_record", "scopes"],
  "a level and scopes": [{ ...good, scopes: ["events"] }, "invalid_record", "scopes"],
  "a level that there is not": [{ ...good, level: "owner" }, "invalid_record", undefined],
  "a scope that there is not": [{ id: "x", digest: good.digest, scopes: ["owner"] }, "invalid_record", undefined],
  "neither a level nor scopes": [{ id: "x", digest: good.digest }, "invalid_record", undefined],
  "no scopes at all": [{ id: "x", digest: good.digest, scopes: [] }, "invalid_record", undefined],
  "a status that there is not": [{ ...good, status: "on" }, "invalid_record", "status"],
  "an expiry of NaN": [{ ...good, expiresAt: Number.NaN }, "invalid_record", "expiresAt"],
  "an expiry that is no date": [{ ...good, expiresAt: new Date("soon") }, "invalid_record", "expiresAt"],
  "an expiry of 0": [{ ...good, expiresAt: 0 }, "invalid_record", "expiresAt"],
  "an expiry in words": [{ ...good, expiresAt: "2027-01-01" }, "invalid_record", "expiresAt"],
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
        expiresAt: NOW + DAY,
        stale: false,
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

  "disabled, deactivated and expired are told apart"() {
    const cases = {
      disabled: { status: "disabled" },
      deactivated: { status: "deactivated" },
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
};

import assert from "node:assert/strict";
import { createVerifier, digestKey } from "keyward";
import { inboxfirst } from "keyward/presets/inboxfirst";
import { isError, issue, NOW, profile, single } from "./fixtures.mjs";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** A key that may be used three times a minute. */
const limited = (rate = { limit: 3, window: 60 }) => single({ level: "events", rate });

const taking = ({ key, verifier }, now, options = {}) => verifier.verifyKey(key, { scope: "events", now, ...options });
/** What is left after a call, or the reason why there was none. */
const left = (one, now, options) => {
  const decision = taking(one, now, options);
  return decision.allowed ? decision.rate.remaining : decision.reason;
};
const LIMITED = "rate_limited";

export default {
  "a key is used up, and comes back evenly"() {
    const one = limited();
    assert.deepEqual(
      [0, 0, 0, 0, 19_999, 20_000, 20_000, 59_999, 80_000].map((after) => left(one, NOW + after)),
      [2, 1, 0, LIMITED, LIMITED, 0, LIMITED, 0, 1],
    );
    assert.deepEqual(
      [0, 0, 0, 0].map(() => left(one, NOW + 10 * MINUTE)),
      [2, 1, 0, LIMITED],
    );
  },

  "a decision tells how the rate stands"() {
    const one = limited({ limit: 10, window: 10 });
    const { rate, cost } = taking(one, NOW);
    assert.deepEqual([rate, cost], [{ limit: 10, remaining: 9, resetMs: SECOND }, 1]);
    const without = single({ level: "events" });
    assert.deepEqual([taking(without, NOW).rate, taking(without, NOW).cost], [undefined, 1]);
  },

  async "the refusal tells the caller when to come again"() {
    const one = limited();
    for (let call = 0; call < 3; call++) taking(one, NOW);
    const denied = taking(one, NOW + 500);
    assert.deepEqual([denied.allowed, denied.reason, denied.status], [false, LIMITED, 429]);
    const response = denied.toResponse();
    assert.equal(response.status, 429);
    assert.equal(response.headers.get("retry-after"), "20");
    assert.equal(response.headers.get("ratelimit"), '"key";r=0;t=60');
    assert.equal(response.headers.get("ratelimit-policy"), '"key";q=3;w=60');
    assert.equal(response.headers.get("cache-control"), "no-store");
    assert.equal(response.headers.get("www-authenticate"), null);
    const { code, status } = await response.json();
    assert.deepEqual([code, status], [LIMITED, 429]);
    assert.ok(Object.isFrozen(denied) && Object.isFrozen(denied.headers));
    assert.equal(taking(one, NOW + 19_001).headers["retry-after"], "1");
    assert.equal(taking(one, NOW + 18_999).headers["retry-after"], "2");
  },

  "a call takes what it costs; one that costs nothing asks"() {
    const one = limited({ limit: 10, window: 10 });
    assert.deepEqual(
      [0, 4, 4, 3, 2, 0, 1].map((cost) => left(one, NOW, { cost })),
      [10, 6, 2, LIMITED, 0, 0, LIMITED],
    );
    assert.equal(taking(one, NOW + 10 * SECOND, { cost: 7 }).cost, 7);
    assert.equal(taking(one, NOW + 10 * SECOND, { cost: undefined }).cost, 1);
  },

  "what costs more than the limit is never admitted, and not told to come again"() {
    const one = limited();
    const denied = taking(one, NOW, { cost: 4 });
    assert.deepEqual([denied.reason, denied.headers["retry-after"]], [LIMITED, undefined]);
    assert.equal(denied.headers.ratelimit, '"key";r=3;t=0');
    assert.equal(left(one, NOW), 2);
  },

  "what is no cost is said to be none"() {
    const one = limited();
    for (const cost of [-1, 0.5, Number.NaN, Infinity, 1_000_001, 2 ** 53, "1", null, 1n, {}, [1]]) {
      assert.throws(() => taking(one, NOW, { cost }), isError("invalid_argument", "cost"), String(cost));
      assert.throws(
        () => one.verifier.verify({ url: "/", headers: {} }, { cost }),
        isError("invalid_argument", "cost"),
      );
    }
    const { prototype } = Object;
    prototype.cost = 0;
    try {
      assert.equal(left(one, NOW), 2);
      assert.equal(left(one, NOW, { clientAddress: "192.0.2.7" }), 1);
    } finally {
      delete prototype.cost;
    }
  },

  "each key has its own, and only what is allowed takes of it"() {
    const rate = { limit: 1, window: 3600 };
    const made = Array.from({ length: 50 }, (_, at) => issue(`key_${at}`, { level: "events", rate }));
    const verifier = createVerifier({ profile, records: made.map(({ record }) => record) });
    for (const { key } of made) {
      assert.equal(verifier.verifyKey(key, { scope: "contacts.read", now: NOW }).reason, "insufficient_scope");
      assert.equal(verifier.verifyKey(key, { method: "GET", path: "//", now: NOW }).reason, "malformed_path");
      assert.equal(verifier.verifyKey(key, { scope: "events", now: NOW }).allowed, true);
      assert.equal(verifier.verifyKey(key, { scope: "events", now: NOW }).reason, LIMITED);
      assert.equal(verifier.verifyKey(key, { scope: "contacts.read", now: NOW }).reason, "insufficient_scope");
    }
  },

  "both digests of a key that is being rotated take of one rate"() {
    const [a, b] = [issue("a", {}), issue("b", {})];
    const record = {
      id: "rotated",
      level: "events",
      digests: [a.record.digest, b.record.digest],
      rate: { limit: 1, window: 60 },
    };
    const verifier = createVerifier({ profile, records: [record] });
    assert.equal(verifier.verifyKey(a.key, { now: NOW }).allowed, true);
    assert.equal(verifier.verifyKey(b.key, { now: NOW }).reason, LIMITED);
  },

  "every way of asking takes, an explanation does not"() {
    const { key, verifier } = limited({ limit: 4, window: 60 });
    const authorization = `Basic ${btoa(`any:${key}`)}`;
    const request = { method: "POST", url: "/api/v1/event", headers: { authorization } };
    const route = verifier.route("POST", "/api/v1/event");
    const asks = [
      () => verifier.verify(request, { now: NOW }),
      () => verifier.verifyKey(key, { method: "POST", path: "/api/v1/event", now: NOW }),
      () => verifier.verifyKey(key, { route, now: NOW }),
      () => verifier.verifyKey(key, { now: NOW }),
    ];
    assert.deepEqual(
      asks.map((ask) => ask().rate.remaining),
      [3, 2, 1, 0],
    );
    for (const ask of asks) assert.equal(ask().reason, LIMITED);
    assert.equal(verifier.explain(request, { now: NOW }).verdict, "allow");
    assert.equal(verifier.explainKey(key, { now: NOW, cost: 9 }).verdict, "allow");
  },

  "a clock that was set back gives one bucket, not one a call"() {
    const one = limited({ limit: 2, window: 60 });
    assert.deepEqual(
      [NOW, NOW, NOW - 30 * SECOND, NOW - 3600 * SECOND, NOW - 3600 * SECOND, NOW - 3600 * SECOND].map((now) =>
        left(one, now),
      ),
      [1, 0, LIMITED, 1, 0, LIMITED],
    );
  },

  "more keys than are remembered: none is refused for it, and those that are used up stay so"() {
    const rate = { limit: 1, window: 3600 };
    const count = 66_000;
    // Quickly made: a key for each number of an account.
    const keys = Array.from({ length: count }, (_, at) => btoa(`${at + 1}:${"0".repeat(40)}`));
    const record = (key, at) => ({ id: `key_${at}`, digest: digestKey(key), level: "organization_admin", rate });
    const verifier = createVerifier({ profile: inboxfirst, records: keys.map(record) });
    const at = (index) => NOW + index;
    let refused = 0;
    for (const [index, key] of keys.entries()) refused += Number(!verifier.verifyKey(key, { now: at(index) }).allowed);
    assert.equal(refused, 0);
    // Those that took last are the last to be full again.
    for (let index = count - 1000; index < count; index++) {
      assert.equal(verifier.verifyKey(keys[index], { now: at(count) }).reason, LIMITED, `key ${index}`);
    }
    let forgotten = 0;
    for (const key of keys) {
      forgotten += verifier.verifyKey(key, { now: at(count), cost: 0 }).rate.remaining;
    }
    assert.ok(forgotten > 0 && forgotten < 10_000, `${forgotten} forgotten`);
  },
};

import assert from "node:assert/strict";
import { createVerifier, openSnapshot } from "keyward";
import { inboxfirst } from "keyward/presets/inboxfirst";
import { keyward } from "keyward/presets/keyward";
import { smashfly } from "keyward/presets/smashfly";
import { basic, isError, issue, NOW, profile, single } from "./fixtures.mjs";

const isInvalid = isError("invalid_argument");
const request = (key) => ({ method: "POST", url: "/api/v1/event", headers: { authorization: basic(key) } });

/** Things that are no options. */
const NONE = () => [
  new Request("https://example.com/api/v1/contacts", { method: "DELETE" }),
  Promise.resolve({ now: NOW }),
  new Map([["now", NOW]]),
  Object.create({ now: NOW }),
  new Date(NOW),
  [],
  5,
  "",
  true,
  null,
  () => undefined,
];

export default {
  "what are no options of a request is said to be none"() {
    const { key, verifier } = single({ level: "events" });
    for (const options of NONE()) {
      assert.throws(() => verifier.verify(request(key), options), isInvalid, String(options));
      assert.throws(() => verifier.explain(request(key), options), isInvalid, String(options));
    }
    for (const options of [undefined, {}, { now: NOW }, { now: undefined, context: undefined, cost: undefined }]) {
      assert.equal(verifier.verify(request(key), options).allowed, true);
    }
    assert.equal(verifier.verify(request(key), Object.assign(Object.create(null), { now: NOW })).allowed, true);
  },

  "a request is asked about as it is: options that would ask something else are refused"() {
    const { key, verifier } = single({ level: "events" });
    const route = verifier.route("POST", "/api/v1/event");
    for (const options of [
      { scope: "events" },
      { route },
      { method: "GET", path: "/" },
      { scopes: [] },
      { ip: "::1" },
    ]) {
      assert.throws(() => verifier.verify(request(key), options), isInvalid, JSON.stringify(options));
    }
  },

  "what is wrong with the options of a missing key is said all the same"() {
    const { verifier } = single({ level: "events" });
    assert.throws(() => verifier.verifyKey(null, { scope: undefined }), isInvalid);
    assert.throws(() => verifier.verifyKey(undefined, { context: { nothing: 1 } }), isInvalid);
    assert.equal(verifier.verifyKey(null, { scope: "events", cost: 1, now: NOW }).reason, "missing_credential");
  },

  "what no enumeration shows asks nothing less either"() {
    const { key, verifier } = single({ level: "events" });
    const hidden = Object.defineProperty({}, "scope", { value: 5 });
    assert.throws(() => verifier.verifyKey(key, hidden), isInvalid);
  },

  "what a prototype says decides nothing"() {
    const { key, verifier } = single({ level: "events", expiresAt: NOW });
    const { prototype } = Object;
    const ask = () => [
      verifier.verifyKey(key).reason,
      verifier.verifyKey(key, {}).reason,
      verifier.verifyKey(key, { scope: "events" }).reason,
      verifier.verifyKey(key, { method: "POST", path: "/api/v1/event" }).reason,
      verifier.verify(request(key)).reason,
      verifier.verify(request(key), {}).reason,
    ];
    const { now } = Date;
    Date.now = () => NOW + 1;
    prototype.now = NOW - 1;
    try {
      assert.deepEqual(ask(), Array(6).fill("expired"));
    } finally {
      delete prototype.now;
      Date.now = now;
    }
  },

  "a scope that a prototype brings opens nothing that was not asked for"() {
    const { key, verifier } = single({ level: "events" });
    const { prototype } = Object;
    prototype.scope = "events";
    try {
      const contacts = { method: "GET", path: "/api/v1/contacts", now: NOW };
      assert.throws(() => verifier.verifyKey(key, contacts), isInvalid);
      assert.equal(verifier.verifyKey(key, { now: NOW, scope: "contacts.read" }).reason, "insufficient_scope");
      assert.equal(verifier.verifyKey(key).allowed, true);
    } finally {
      delete prototype.scope;
    }
  },

  "options are read once"() {
    const { key, verifier } = single({ level: "events" });
    const read = [];
    const options = {};
    const values = { method: "POST", path: "/api/v1/event", now: NOW, cost: 1, clientAddress: "::1", context: {} };
    for (const [name, value] of Object.entries(values)) {
      const get = () => (read.push(name), value);
      Object.defineProperty(options, name, { enumerable: true, get });
    }
    assert.equal(verifier.verifyKey(key, options).allowed, true);
    assert.deepEqual(read.sort(), Object.keys(values).sort());
  },

  "what are no options of a verifier is said to be none"() {
    const { record } = issue("a", { level: "events" });
    for (const wrong of NONE()) assert.throws(() => createVerifier(wrong), isInvalid, String(wrong));
    assert.throws(() => createVerifier(Object.create({ profile, records: [record] })), isInvalid);
    for (const wrong of NONE()) assert.throws(() => openSnapshot(wrong, { publicKeys: ["ed25519:x"] }), isInvalid);
    const files = { head: new Uint8Array(), shards: [new Uint8Array()] };
    for (const wrong of NONE()) assert.throws(() => openSnapshot(files, wrong), isInvalid, String(wrong));
  },

  "a key may come in any of the profile's headers, but in one of them only"() {
    const { key, verifier } = single({ level: "full" }, keyward);
    const ask = (headers) => {
      const decision = verifier.verify({ url: "/things", headers }, { now: NOW });
      return decision.allowed ? true : decision.reason;
    };
    const bearer = `Bearer ${key}`;
    for (const headers of [
      { authorization: bearer },
      { "x-api-key": key },
      { "X-Api-Key": [key] },
      new Headers({ "X-API-KEY": key }),
      new Map([["x-API-key", key]]),
      [["X-Api-Key", key]],
      { authorization: undefined, "x-api-key": key },
      { "x-api-key": ` ${key}\t` },
    ]) {
      assert.equal(ask(headers), true, JSON.stringify(headers));
    }
    const twice = new Headers({ "x-api-key": key });
    twice.append("x-api-key", key);
    for (const headers of [
      { authorization: bearer, "x-api-key": key },
      { authorization: "Digest x", "x-api-key": key },
      { authorization: "", "x-api-key": key },
      { "x-api-key": [key, key] },
      { "x-api-key": key, "X-API-KEY": key },
      { "x-api-key": `${key}, ${key}` },
      { "x-api-key": `${key},${key}` },
      [
        ["x-api-key", key],
        ["Authorization", bearer],
      ],
      twice,
    ]) {
      assert.equal(ask(headers), "ambiguous_credential", JSON.stringify(headers));
    }
    for (const value of ["", " ", `${key}\u0000`, `${key} x`, "ключ", "\ud800", "k".repeat(1 << 20)]) {
      assert.equal(ask({ "x-api-key": value }), "malformed_credential", value.slice(0, 20));
    }
    assert.equal(ask({ "x-api-keys": key }), "missing_credential");
    assert.equal(ask({ "x-api-\u212aey": key.slice(1) }) === true, false);
    assert.throws(() => ask({ "x-api-key": 5 }), isError("invalid_argument", "request.headers.x-api-key"));
  },

  "the headers of a request are at their caps together, and still refused one by one"() {
    const { key, verifier } = single({ level: "contact" }, smashfly);
    const ask = (headers, url = "/contact-export/all") => verifier.verify({ url, headers }, { now: NOW });
    assert.equal(ask({ "x-api-key": key }).allowed, true);
    assert.equal(ask({ authorization: `Bearer ${key}` }).allowed, true);
    const long = "a".repeat(8192);
    assert.equal(ask({ authorization: long, "x-api-key": long }, `/${long}`).allowed, false);
    assert.equal(ask({ authorization: `${long}ü`, "x-api-key": `${long}ü` }, `/${long}ü`).allowed, false);
    const around = { clientAddress: "2001:db8::7", context: {}, now: NOW };
    const wide = { url: "/contact-export/ü", headers: { "x-api-key": key, authorization: "ü" } };
    assert.equal(verifier.verify(wide, around).allowed, false);
    assert.equal(ask({ "x-api-key": key }).allowed, true);
  },

  "Node's raw headers count for every header that may hold a key"() {
    const { key, verifier } = single({ level: "full" }, keyward);
    const ask = (headers, rawHeaders) => verifier.verify({ url: "/a", headers, rawHeaders }, { now: NOW }).reason;
    assert.equal(ask({ "x-api-key": key }, ["X-Api-Key", key]), undefined);
    assert.equal(ask({ "x-api-key": key }, ["X-Api-Key", key, "x-api-key", key]), "ambiguous_credential");
    const bearer = `Bearer ${key}`;
    assert.equal(
      ask({ authorization: bearer }, ["Authorization", bearer, "authorization", "x"]),
      "ambiguous_credential",
    );
    assert.equal(ask({ "x-api-key": key }, ["Accept", "x-api-key", "Accept", "x-api-key"]), undefined);
    const crowd = Array.from({ length: 2000 }, () => ["x-api-key", key]).flat();
    assert.equal(ask({ "x-api-key": key }, crowd), "ambiguous_credential");
  },

  async "a closed route says what to use instead, to every key"() {
    const made = issue("a", { level: "contact" }, smashfly);
    const verifier = createVerifier({ profile: smashfly, records: [made.record] });
    const ask = (path) => verifier.verifyKey(made.key, { method: "GET", path, now: NOW });
    const jobs = ask("/jobs");
    assert.deepEqual([jobs.reason, jobs.status], ["insufficient_scope", 403]);
    assert.match(jobs.problem.detail, /^The Jobs API takes no API key/);
    assert.equal((await jobs.toResponse().json()).detail, jobs.problem.detail);
    assert.ok(Object.isFrozen(jobs) && Object.isFrozen(jobs.problem));
    assert.equal(ask("/jobs"), jobs);
    assert.match(ask("/contact-import/7").problem.detail, /^Contact Import/);
    assert.equal(ask("/list-lookup/7").problem.detail, "The API key may not do this.");
    const route = verifier.route("POST", "/jobs/7");
    assert.match(verifier.verifyKey(made.key, { route, now: NOW }).problem.detail, /^The Jobs API/);
    assert.equal(
      verifier.verifyKey(issue("x", {}, smashfly).key, { route, now: NOW }).problem.detail,
      "This needs a valid API key.",
    );
  },

  "the whole of a Basic credential can be the key"() {
    const { key, verifier } = single({ level: "organization_admin" }, inboxfirst);
    const ask = (authorization) =>
      verifier.verify({ url: "/ga/api/v2/api_keys", headers: { authorization } }, { now: NOW });
    assert.equal(ask(`Basic ${key}`).allowed, true);
    assert.equal(ask(`basic   ${key}`).allowed, true);
    assert.equal(ask(`Basic ${key}, Basic ${key}`).reason, "ambiguous_credential");
    assert.equal(ask(`Bearer ${key}`).allowed, false);
    assert.equal(ask(basic(key)).allowed, false);
    assert.equal(verifier.verifyKey(key, { now: NOW }).allowed, true);
  },
};

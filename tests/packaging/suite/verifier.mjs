import assert from "node:assert/strict";
import { createVerifier, KeywardError } from "keyward";
import { basic, DAY, edited, issue, NOW, profile, single } from "./fixtures.mjs";

export default {
  "a level opens its routes and no others"() {
    const { key, verifier } = single({ level: "events" });
    const ask = (method, path) => verifier.verifyKey(key, { method, path, now: NOW });
    assert.equal(ask("POST", "/api/v1/event").allowed, true);
    assert.equal(ask("POST", "/api/event").allowed, true);
    for (const [method, path] of [
      ["GET", "/api/v1/contacts"],
      ["GET", "/api/v1/event"],
      ["POST", "/api/v1/event/"],
      ["POST", "/api/v1/Event"],
      ["POST", "/v1/event"],
      ["post", "/api/v1/event"],
      ["GET", "/api/v1/messages/email/5/en/more"],
    ]) {
      const decision = ask(method, path);
      assert.deepEqual([decision.allowed, decision.reason, decision.status], [false, "insufficient_scope", 403], path);
    }
  },

  "a path that can be read in two ways is refused"() {
    const { key, verifier } = single({ level: "full" });
    const paths = [
      "//api/v1/event",
      "/api/v1/%65vent/..",
      "/api\\v1/event",
      "/api/v1/a%2fb",
      "/api/v1/a%5Cb",
      "/api/v1/a%00",
    ];
    paths.push(
      "/api/v1/a%25",
      "/api/v1/a;b",
      "/api/./v1/event",
      "/api/v1/%2e%2e/event",
      "/api/v1/\tevent",
      "/api/%ff",
      "api/v1/event",
      "",
    );
    paths.push(`/${"a".repeat(9000)}`, "/ключ");
    for (const path of paths) {
      const decision = verifier.verifyKey(key, { method: "POST", path, now: NOW });
      assert.deepEqual(
        [decision.allowed, decision.reason],
        [false, "malformed_path"],
        JSON.stringify(path.slice(0, 40)),
      );
    }
  },

  "scopes are asked for by name"() {
    const { key, verifier } = single({ level: "events_and_contacts" });
    const ask = (scope) => verifier.verifyKey(key, { scope, now: NOW });
    assert.equal(ask("contacts.read").allowed, true);
    for (const scope of [
      "messages.send",
      "contacts",
      "CONTACTS.READ",
      "",
      "contacts.read\u0000",
      "é",
      "x".repeat(5000),
    ]) {
      assert.equal(ask(scope).reason, "insufficient_scope", scope.slice(0, 20));
    }
  },

  "a route is resolved once and decided often"() {
    const { key, verifier } = single({ level: "events" });
    const byPath = verifier.route("POST", "/api/v1/event");
    const contacts = verifier.route("GET", "/api/v1/contacts");
    assert.equal(verifier.verifyKey(key, { route: byPath, now: NOW }).allowed, true);
    assert.equal(verifier.verifyKey(key, { route: contacts, now: NOW }).reason, "insufficient_scope");
    assert.equal(verifier.verifyKey(edited(key, 8), { route: byPath, now: NOW }).reason, "bad_checksum");
  },

  "a route of another verifier is no route"() {
    const { key, verifier } = single({ level: "full" });
    const other = single({ level: "full" }).verifier.route("POST", "/api/v1/event");
    for (const route of [other, {}, 0, { ...verifier.route("POST", "/api/v1/event") }]) {
      assert.throws(() => verifier.verifyKey(key, { route, now: NOW }), isInvalid);
    }
    assert.throws(
      () => verifier.route("POST", "//"),
      (error) => error.code === "malformed_path",
    );
    assert.throws(() => verifier.route(5, "/"), isInvalid);
  },

  "an option that is misspelt or undefined is no permission to ask less"() {
    const { key, verifier } = single({ level: "events" });
    const wrong = [
      { scope: undefined },
      { route: undefined },
      { method: "GET" },
      { path: "/api/v1/event" },
      { scopes: "x" },
    ];
    wrong.push(
      { scope: "events", method: "POST", path: "/api/v1/event" },
      { scope: 5 },
      { route: null },
      { scope: null },
    );
    wrong.push({ method: "POST", path: undefined }, { method: undefined, path: undefined });
    for (const options of wrong) {
      assert.throws(() => verifier.verifyKey(key, { ...options, now: NOW }), isInvalid, JSON.stringify(options));
    }
    const others = [
      new Request("https://example.com/api/v1/contacts", { method: "DELETE" }),
      Promise.resolve({ scope: "contacts.write" }),
      new Map([["scope", "contacts.write"]]),
      Object.create({ scope: "contacts.write" }),
      new (class {
        get scope() {
          return undefined;
        }
      })(),
    ];
    for (const options of [...others, [], 5, "", true, null, () => undefined]) {
      assert.throws(() => verifier.verifyKey(key, options), isInvalid, String(options));
    }
    assert.equal(verifier.verifyKey(key, { now: NOW }).allowed, true);
    assert.equal(verifier.verifyKey(key, {}).allowed, true);
    assert.equal(verifier.verifyKey(key).allowed, true);
  },

  "a missing key is a missing credential; anything else that is no string is a mistake"() {
    const { verifier } = single({ level: "full" });
    assert.equal(verifier.verifyKey(null).reason, "missing_credential");
    assert.equal(verifier.verifyKey(undefined).reason, "missing_credential");
    for (const key of [5, {}, ["es_"], true]) assert.throws(() => verifier.verifyKey(key), isInvalid);
  },

  "every wrong key is refused for what is wrong with it"() {
    const { key, verifier } = single({ level: "full" });
    const ask = (text) => verifier.verifyKey(text, { method: "POST", path: "/api/v1/event", now: NOW }).reason;
    for (let at = 3; at < key.length; at++) {
      assert.match(ask(edited(key, at)), /^(bad_checksum|unknown_key)$/, `character ${at}`);
    }
    for (let length = 0; length < key.length; length++) assert.equal(ask(key.slice(0, length)), "malformed_key");
    for (const text of [
      `${key}a`,
      ` ${key}`,
      `${key}\n`,
      key.toUpperCase(),
      `${key}\u0000`,
      key.replace("e", "е"),
      "\ud800",
    ]) {
      assert.equal(ask(text), "malformed_key", JSON.stringify(text));
    }
    assert.equal(ask("a".repeat(1 << 20)), "malformed_key");
    assert.equal(ask("ß".repeat(200)), "malformed_key");
    assert.equal(ask(issue("x", {}).key), "unknown_key");
    assert.equal(ask(key), undefined);
  },

  "what is no time denies"() {
    const { key, verifier } = single({ level: "full" });
    for (const now of [0, -1, Number.NaN, Infinity, -Infinity, 2 ** 54, -0]) {
      const decision = verifier.verifyKey(key, { now });
      assert.deepEqual([decision.reason, decision.status], ["internal", 503], String(now));
    }
    assert.throws(() => verifier.verifyKey(key, { now: new Date() }), isInvalid);
    assert.throws(() => verifier.verifyKey(key, { now: "1" }), isInvalid);
  },

  "the default clock never goes back"() {
    const { key, verifier } = single({ level: "full", expiresAt: NOW });
    const real = Date.now;
    try {
      Date.now = () => NOW - DAY;
      assert.equal(verifier.verifyKey(key).allowed, true);
      Date.now = () => NOW + 1;
      assert.equal(verifier.verifyKey(key).reason, "expired");
      Date.now = () => NOW - DAY;
      assert.equal(verifier.verifyKey(key).reason, "expired");
    } finally {
      Date.now = real;
    }
  },

  async "a refusal is a reply ready to send, and every 401 reads alike"() {
    const { key, record } = issue("a", { level: "full", status: "disabled" });
    const verifier = createVerifier({ profile, records: [record] });
    const bodies = new Set();
    for (const text of [null, "x", edited(key, 9), issue("b", {}).key, key]) {
      const decision = verifier.verifyKey(text, { now: NOW });
      const response = decision.toResponse();
      assert.equal(response.status, 401);
      assert.equal(response.headers.get("content-type"), "application/problem+json");
      assert.equal(response.headers.get("cache-control"), "no-store");
      bodies.add(`${response.headers.get("www-authenticate")} ${await response.text()}`);
    }
    assert.equal(bodies.size, 1);
    const [body] = bodies;
    assert.match(body, /^Basic realm="eSputnik API"/);
    assert.doesNotMatch(body, /disabled|unknown|checksum|malformed/);
    const forbidden = verifier.verifyKey(null, { now: 0 });
    assert.deepEqual(await forbidden.toResponse().json(), { ...forbidden.problem });
    assert.equal(forbidden.headers["www-authenticate"], undefined);
  },

  "an explanation has the decision's reason and every step"() {
    const { key, verifier } = single({ level: "events" });
    const allowed = verifier.explainKey(key, { method: "POST", path: "/api/v1/event", now: NOW });
    assert.deepEqual(
      [allowed.verdict, allowed.status, allowed.keyId, allowed.level],
      ["allow", 200, "key_1", "events"],
    );
    assert.ok(allowed.steps.length >= 8 && allowed.steps.every(({ outcome }) => outcome !== "fail"));
    const denied = verifier.explainKey(key, { method: "GET", path: "/api/v1/contacts", now: NOW });
    assert.deepEqual([denied.verdict, denied.reason, denied.status], ["deny", "insufficient_scope", 403]);
    assert.deepEqual(
      denied.steps.filter(({ outcome }) => outcome === "fail").map(({ step }) => step),
      ["scope"],
    );
    assert.ok(!JSON.stringify([allowed, denied]).includes(key.slice(4, 30)));
  },

  "two verifiers know nothing of each other"() {
    const a = single({ level: "full" });
    const b = single({ level: "full" });
    assert.equal(a.verifier.verifyKey(b.key, { now: NOW }).reason, "unknown_key");
    assert.equal(b.verifier.verifyKey(b.key, { now: NOW }).allowed, true);
    a.verifier.dispose();
    a.verifier.dispose();
    assert.throws(
      () => a.verifier.verifyKey(a.key),
      (error) => error instanceof KeywardError && error.code === "disposed",
    );
    assert.equal(b.verifier.verifyKey(b.key, { now: NOW }).allowed, true);
  },

  "verifying takes no memory"() {
    const memories = [];
    const { Instance } = WebAssembly;
    WebAssembly.Instance = function (module, imports) {
      const instance = new Instance(module, imports);
      memories.push(instance.exports.memory);
      return instance;
    };
    const { key, verifier } = single({ level: "events" });
    WebAssembly.Instance = Instance;
    const request = { method: "POST", url: "/api/v1/event", headers: { authorization: basic(key) } };
    const typo = edited(key, 9);
    const rounds = (count) => {
      for (let round = 0; round < count; round++) {
        verifier.verifyKey(round % 2 === 0 ? key : typo, { method: "POST", path: "/api/v1/event", now: NOW });
        verifier.verify(request, { now: NOW });
      }
    };
    rounds(1000);
    const before = memories.map(({ buffer }) => buffer.byteLength);
    assert.ok(before.length > 0 && before.every((length) => length > 0));
    rounds(100_000);
    assert.deepEqual(
      memories.map(({ buffer }) => buffer.byteLength),
      before,
    );
  },
};

function isInvalid(error) {
  return error instanceof KeywardError && error.code === "invalid_argument";
}

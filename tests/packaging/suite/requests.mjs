import assert from "node:assert/strict";
import { KeywardError } from "keyward";
import { basic, NOW, single } from "./fixtures.mjs";

const URL_EVENT = "https://api.example/api/v1/event?async=1";
const { key, verifier } = single({ level: "events" });
const ask = (headers, { method = "POST", url = URL_EVENT } = {}) =>
  verifier.verify({ method, url, headers }, { now: NOW });

export default {
  "a Request with HTTP Basic, any user"() {
    for (const user of ["anyone", "", "ключ", "a b"]) {
      const bytes = new TextEncoder().encode(`${user}:${key}`);
      const authorization = `Basic ${btoa(String.fromCharCode(...bytes))}`;
      const request = new Request(URL_EVENT, { method: "POST", headers: { authorization } });
      assert.equal(verifier.verify(request, { now: NOW }).allowed, true, user);
    }
  },

  "headers come in every usual shape"() {
    const authorization = basic(key);
    const shapes = [
      new Headers({ authorization }),
      { authorization },
      { Authorization: authorization },
      { AUTHORIZATION: [authorization], accept: undefined },
      [
        ["accept", "*/*"],
        ["Authorization", authorization],
      ],
      new Map([["authorization", authorization]]),
      new URLSearchParams([["authorization", authorization]]),
    ];
    for (const headers of shapes) assert.equal(ask(headers).allowed, true, String(headers));
    for (const headers of [
      {},
      [],
      new Map(),
      new Headers(),
      { authorisation: authorization },
      { authorization: undefined },
    ]) {
      assert.equal(ask(headers).reason, "missing_credential");
    }
  },

  "the scheme's name has no case, and its credential may stand apart"() {
    const [, credential] = basic(key).split(" ");
    for (const scheme of ["basic", "BASIC", "bAsIc"])
      assert.equal(ask({ authorization: `${scheme} ${credential}` }).allowed, true);
  },

  "two credentials are refused, however they arrive"() {
    const one = basic(key);
    const joined = new Headers();
    joined.append("authorization", one);
    joined.append("authorization", one);
    const shapes = [
      joined,
      { authorization: [one, one] },
      { authorization: one, Authorization: one },
      { authorization: `${one}, ${one}` },
      [
        ["authorization", one],
        ["Authorization", "Bearer x"],
      ],
    ];
    for (const headers of shapes) {
      const decision = ask(headers);
      assert.deepEqual([decision.reason, decision.status], ["ambiguous_credential", 400]);
    }
  },

  "what Basic does not allow is refused"() {
    const [, credential] = basic(key).split(" ");
    const wrong = [
      `Basic ${credential}=`,
      `Basic ${credential.slice(0, 9)} ${credential.slice(9)}`,
      "Basic",
      "Basic !!!!",
    ];
    wrong.push(`Basic ${btoa("nocolon")}`, `Basic ${btoa("a:\xff")}`, "", `Basic ${"A".repeat(9000)}`);
    for (const authorization of wrong) {
      const { allowed, status } = ask({ authorization });
      assert.equal(allowed, false, authorization.slice(0, 40));
      assert.ok(status === 400 || status === 401, authorization.slice(0, 40));
    }
    assert.equal(ask({ authorization: `Basic ${"A".repeat(1 << 20)}` }).reason, "malformed_credential");
    assert.equal(ask({ authorization: `Bearer ${key}` }).reason, "missing_credential");
  },

  "a url is used as it was sent"() {
    const headers = { authorization: basic(key) };
    for (const url of ["/api/v1/event", "/api/v1/event?x=//", "http://localhost:8787/api/event"]) {
      assert.equal(ask(headers, { url }).allowed, true, url);
    }
    for (const url of [
      "/api/v1/x/../event",
      "/api//v1/event",
      "https://api.example/api/v1/%2e/event",
      "/api/v1/event;a",
      "\\api",
      "",
    ]) {
      assert.equal(ask(headers, { url }).reason, "malformed_path", url);
    }
    assert.equal(ask(headers, { url: `/${"a".repeat(1 << 20)}` }).reason, "malformed_path");
    assert.equal(ask(headers, { url: "/api/v1/contacts", method: "GET" }).reason, "insufficient_scope");
    assert.equal(ask(headers, { method: "M".repeat(1 << 20) }).allowed, false);
    assert.equal(ask({ ...headers, "x-http-method-override": "POST" }, { method: "GET" }).reason, "insufficient_scope");
  },

  "a method that is left out is GET"() {
    const decision = verifier.verify({ url: "/api/v1/version", headers: { authorization: basic(key) } }, { now: NOW });
    assert.equal(decision.allowed, true);
  },

  "the credential is judged before the path, the path before the key"() {
    assert.equal(ask({}, { url: "//" }).reason, "missing_credential");
    assert.equal(ask({ authorization: basic("no key") }, { url: "//" }).reason, "malformed_path");
    assert.equal(ask({ authorization: basic("no key") }).reason, "malformed_key");
  },

  "what is no request is a mistake of the caller's"() {
    const headers = {};
    for (const request of [
      null,
      undefined,
      5,
      {},
      { url: 5, headers },
      { url: "/" },
      { url: "/", headers: "a" },
      { url: "/", method: 1, headers },
    ]) {
      assert.throws(
        () => verifier.verify(request),
        (error) => error instanceof KeywardError && error.code === "invalid_argument",
      );
    }
    assert.throws(() => ask({ authorization: 5 }), KeywardError);
  },

  "a getter that throws, or asks again, disturbs nothing"() {
    const authorization = basic(key);
    const thrower = {
      method: "POST",
      url: URL_EVENT,
      get headers() {
        throw new RangeError("mine");
      },
    };
    assert.throws(() => verifier.verify(thrower, { now: NOW }), /mine/);
    let inner;
    const asker = {
      method: "POST",
      get url() {
        inner = ask({ authorization: basic("nonsense") });
        return URL_EVENT;
      },
      headers: { authorization },
    };
    assert.equal(verifier.verify(asker, { now: NOW }).allowed, true);
    assert.equal(inner.reason, "malformed_key");
  },

  "an explanation of a request never shows the key"() {
    const explanation = verifier.explain(
      { method: "GET", url: "/api/v1/contacts", headers: { authorization: basic(key) } },
      { now: NOW },
    );
    assert.deepEqual([explanation.verdict, explanation.reason], ["deny", "insufficient_scope"]);
    assert.equal(explanation.keyId, "key_1");
    assert.equal(explanation.route.scope, "contacts.read");
    assert.ok(!JSON.stringify(explanation).includes(key.slice(4, 30)));
    const missing = verifier.explain({ url: "/", headers: {} }, { now: NOW });
    assert.equal(missing.reason, "missing_credential");
  },
};

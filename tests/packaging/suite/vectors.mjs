/**
 * The conformance vectors of `tests/vectors`, through the package's public API. The core runs the same files natively
 * and as WebAssembly; here they have to come out alike once more, with everything in between.
 */
import assert from "node:assert/strict";
import { createVerifier, digestKey, KeywardError, openSnapshot, parseKey } from "keyward";
import vectors from "../vectors.mjs";
import { basic, issue, NOW, profile } from "./fixtures.mjs";

const { keys, credentials, paths, esputnik, decisions, snapshots, "snapshot-files": files } = vectors;

/** The text with every `…` replaced by what the case says. */
function filled(text, fill) {
  return fill === undefined ? text : text.replaceAll("…", fill[0].repeat(fill[1]));
}

/** A number; those that JSON lacks are written as text. */
const number = (value) => Number(value);

/** Holds a decision and its explanation against what a vector expects. */
function check(decision, explanation, expect, name) {
  if (expect.verdict === "allow") {
    const { verdict: _, route, ...members } = expect;
    const absent = { account: undefined, subject: undefined, meta: undefined, level: undefined, expiresAt: undefined };
    assert.deepEqual({ ...decision }, { allowed: true, ...absent, scopes: [], stale: false, ...members }, name);
    assert.deepEqual([explanation.verdict, explanation.status, explanation.keyId], ["allow", 200, expect.keyId], name);
    assert.deepEqual(explanation.route, route, name);
    assert.ok(
      explanation.steps.every(({ outcome }) => outcome !== "fail"),
      name,
    );
    return;
  }
  const { reason, status, step, keyId } = expect;
  assert.deepEqual([decision.allowed, decision.reason, decision.status], [false, reason, status], name);
  assert.equal(decision.toResponse().status, status, name);
  const failed = explanation.steps.filter(({ outcome }) => outcome === "fail").map((one) => one.step);
  assert.deepEqual(
    [explanation.reason, explanation.status, explanation.keyId, failed],
    [reason, status, keyId, [step]],
    name,
  );
}

/** A verifier for one key a level, and the keys by level. */
function levels() {
  const issued = esputnik.levels.map((level) => [level, issue(level, { level })]);
  const verifier = createVerifier({ profile, records: issued.map(([, { record }]) => record) });
  return { verifier, keyOf: Object.fromEntries(issued.map(([level, { key }]) => [level, key])) };
}

const bytes = (name) => Uint8Array.from(atob(files.files[name]), (character) => character.charCodeAt(0));

export default {
  "there are as many as there should be"() {
    assert.ok(keys.valid.length >= 15 && keys.malformed.length >= 50);
    assert.ok(credentials.cases.length >= 100 && paths.cases.length >= 150);
    assert.ok(decisions.requests.length >= 50 && decisions.keys.length >= 20);
    assert.ok(snapshots.opened.length >= 30 && snapshots.decisions.length >= 20);
    assert.equal(esputnik.groups.flatMap(({ calls }) => calls).length, 51);
  },

  "keys: digests, and parts of those with the preset's prefix"() {
    for (const { key, digest, prefix, body, checksum } of keys.valid) {
      assert.equal(digestKey(key), digest);
      if (prefix === "es") assert.deepEqual(parseKey(key, { profile }), { ok: true, prefix, body, checksum });
    }
    assert.equal(keys.malformed_prefix, "es");
    for (const { name, key, fill, code, at } of keys.malformed) {
      const parsed = parseKey(filled(key, fill), { profile });
      assert.deepEqual([parsed.ok, parsed.code], [false, code], name);
      if (filled(key, fill).length <= 256) assert.equal(parsed.at, at, name);
    }
  },

  "credentials: HTTP Basic, separate and joined"() {
    const { verifier } = levels();
    const call = { method: "POST", path: "/api/v1/event", now: NOW };
    const reasonOf = (headers) => verifier.verify({ method: "POST", url: call.path, headers }, { now: NOW }).reason;
    let run = 0;
    for (const { name, transports, authorization, fill, key, reason, joined } of credentials.cases) {
      if (transports.join() !== "basic_password") continue;
      const values = authorization.map((value) => filled(value, fill));
      const expected = reason ?? verifier.verifyKey(filled(key, fill), call).reason;
      assert.equal(reasonOf(values.map((value) => ["Authorization", value])), joined ?? expected, name);
      assert.equal(reasonOf({ authorization: values }), joined ?? expected, name);
      run++;
    }
    assert.ok(run >= 60, `${run}`);
  },

  "paths: one reading or none"() {
    const { verifier, keyOf } = levels();
    const headers = { authorization: basic(keyOf.full) };
    for (const { target, fill, path } of paths.cases) {
      const decision = verifier.verify({ method: "GET", url: filled(target, fill), headers }, { now: NOW });
      assert.equal(decision.reason, path === undefined ? "malformed_path" : undefined, target);
    }
    for (const { target, fill } of paths.without_query) {
      const options = { method: "GET", path: filled(target, fill), now: NOW };
      assert.equal(verifier.verifyKey(keyOf.full, options).reason, "malformed_path", target);
    }
  },

  "esputnik: 51 methods at three levels, with and without version"() {
    const { verifier, keyOf } = levels();
    let asked = 0;
    for (const { levels: opened, calls } of esputnik.groups) {
      for (const call of calls) {
        const [method, path] = call.split(" ");
        for (const version of esputnik.versions) {
          const url = esputnik.base_path + version + path;
          for (const [level, key] of Object.entries(keyOf)) {
            const expected = opened.includes(level) ? undefined : "insufficient_scope";
            const decision = verifier.verify({ method, url, headers: { authorization: basic(key) } }, { now: NOW });
            assert.equal(decision.reason, expected, `${method} ${url} as ${level}`);
            assert.equal(verifier.verifyKey(key, { method, path: url, now: NOW }).reason, expected);
            assert.equal(verifier.verifyKey(key, { route: verifier.route(method, url), now: NOW }).reason, expected);
            asked++;
          }
        }
      }
    }
    assert.equal(asked, 51 * 3 * 3);
  },

  "esputnik: what is easily taken for something else"() {
    const { verifier, keyOf } = levels();
    for (const { why, call, levels: opened, reason = "insufficient_scope" } of esputnik.traps) {
      const at = call.indexOf(" ");
      const request = { method: call.slice(0, at), url: call.slice(at + 1) };
      for (const [level, key] of Object.entries(keyOf)) {
        const decision = verifier.verify({ ...request, headers: { authorization: basic(key) } }, { now: NOW });
        assert.equal(decision.reason, opened.includes(level) ? undefined : reason, `${why}: ${call} as ${level}`);
      }
    }
  },

  "decisions over records: requests"() {
    const verifier = createVerifier({ profile, records: decisions.records });
    for (const { name, authorization, method, url, now, expect } of decisions.requests) {
      const request = { method, url, headers: { authorization } };
      const options = { now: number(now) };
      check(verifier.verify(request, options), verifier.explain(request, options), expect, name);
    }
  },

  "decisions over records: bare keys"() {
    const verifier = createVerifier({ profile, records: decisions.records });
    for (const { name, key, ask, now, expect } of decisions.keys) {
      const { method, route, ...rest } = ask;
      const asked = route === undefined ? ask : { ...rest, route: verifier.route(method, route) };
      const options = { ...asked, now: number(now) };
      check(verifier.verifyKey(key, options), verifier.explainKey(key, options), expect, name);
    }
  },

  "records that contradict themselves"() {
    for (const { name, code, records } of decisions.refused_records) {
      assert.throws(
        () => createVerifier({ profile, records }),
        (error) => error instanceof KeywardError && error.code === code,
        name,
      );
    }
  },

  "snapshots: opened as they were signed, or not at all"() {
    for (const { name, head, shard, trust, expect } of snapshots.opened) {
      const publicKeys = trust.publicKeys.map((one) => files.public_keys[one]);
      const open = () => openSnapshot({ head: bytes(head), shards: [bytes(shard)] }, { ...trust, publicKeys });
      if (expect.code === undefined) {
        const { era, epoch, issuedAt, size } = open();
        assert.deepEqual([era, epoch, issuedAt, size], [expect.era, expect.epoch, expect.issuedAt, expect.size], name);
        continue;
      }
      // To pin no key at all is the caller's mistake, and said to be one.
      const code = publicKeys.length === 0 ? "invalid_argument" : expect.code;
      assert.throws(open, (error) => error instanceof KeywardError && error.code === code, name);
    }
  },

  "snapshots: decisions"() {
    const trust = { publicKeys: [files.public_keys.root], keyspace: "mail" };
    for (const { name, head = "head", shard = "shard", key, method, url, now, expect } of snapshots.decisions) {
      const verifier = openSnapshot({ head: bytes(head), shards: [bytes(shard)] }, trust);
      const request = { method, url, headers: { authorization: basic(files.keys[key]) } };
      const options = { now: number(now) };
      check(verifier.verify(request, options), verifier.explain(request, options), expect, name);
    }
  },
};

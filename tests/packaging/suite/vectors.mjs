/**
 * The conformance vectors of `tests/vectors`, through the package's public API. The core runs the same files natively
 * and as WebAssembly; here they have to come out alike once more, with everything in between.
 */
import assert from "node:assert/strict";
import { createVerifier, digestKey, openSnapshot, parseKey, profileInfo } from "keyward";
import vectors from "../vectors.mjs";
import { basic, isError, issue, NOW, profile } from "./fixtures.mjs";

const { keys, credentials, paths, esputnik, decisions, snapshots, "snapshot-files": files, profiles } = vectors;

/** The text with every `…` replaced by what the case says. */
function filled(text, fill) {
  return fill === undefined ? text : text.replaceAll("…", fill[0].repeat(fill[1]));
}

/** A number; those that JSON lacks are written as text. */
const number = (value) => Number(value);

/** A profile by its name in the vectors. */
const presetOf = (name) => ({ id: name, compiled: profiles[name] });

/** What keys of a profile without constraints may use. */
const unlimited = (preset) => Object.fromEntries(profileInfo(preset).constraints.map(({ name }) => [name, "all"]));

/** Holds a decision and its explanation against what a vector expects, over a profile of that `preset`. */
function check(decision, explanation, expect, name, preset = profile) {
  if (expect.verdict === "allow") {
    const { verdict: _, route, constraints, rate, ...members } = expect;
    const absent = { account: undefined, subject: undefined, meta: undefined, level: undefined, expiresAt: undefined };
    const usual = { scopes: [], constraints: { ...unlimited(preset), ...constraints }, stale: false, cost: 1 };
    const { rate: standing, ...rest } = decision;
    assert.deepEqual(rest, { allowed: true, ...absent, ...usual, ...members }, name);
    assert.equal(standing?.limit, rate?.limit, name);
    assert.deepEqual([explanation.verdict, explanation.status, explanation.keyId], ["allow", 200, expect.keyId], name);
    assert.deepEqual(explanation.route, route, name);
    assert.ok(
      explanation.steps.every(({ outcome }) => outcome !== "fail"),
      name,
    );
    return;
  }
  const { reason, status, step, keyId, note } = expect;
  assert.deepEqual([decision.allowed, decision.reason, decision.status], [false, reason, status], name);
  if (note !== undefined) assert.equal(decision.problem.detail, note, name);
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

/** The package takes no record that is deactivated: what has ended for good is left out. */
const isTaken = ({ status }) => status !== "deactivated";

/** A verifier for a set of the decisions. */
function verifierOf({ profile, records, peppers }) {
  return createVerifier({ profile: presetOf(profile), records: records.filter(isTaken), peppers });
}

/** Whether a context names something that the package takes no value for. The others are decided alike. */
function isMistake(context, preset) {
  const named = profileInfo(preset).constraints.filter(({ kind }) => kind !== "network");
  return Object.keys(context ?? {}).some((name) => !named.some((dimension) => dimension.name === name));
}

const bytes = (name) => Uint8Array.from(atob(files.files[name]), (character) => character.charCodeAt(0));

export default {
  "there are as many as there should be"() {
    assert.ok(keys.valid.length >= 15 && keys.malformed.length >= 50);
    assert.ok(credentials.cases.length >= 100 && paths.cases.length >= 150);
    assert.ok(decisions.sets.flatMap(({ requests }) => requests).length >= 250);
    assert.ok(decisions.sets.flatMap(({ keys }) => keys).length >= 100);
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

  "keys: the formats account_hex and opaque"() {
    for (const [format, preset] of [
      ["account_hex", presetOf("inboxfirst")],
      ["opaque", presetOf("imported")],
    ]) {
      for (const { key, fill, account, digest } of keys[format].valid) {
        const text = filled(key, fill);
        assert.equal(digestKey(text), digest);
        const { ok, body, ...rest } = parseKey(text, { profile: preset });
        assert.deepEqual([ok, body, rest.account], [true, text, account]);
      }
      for (const { name, key, fill, code, at } of keys[format].malformed) {
        const text = filled(key, fill);
        const parsed = parseKey(text, { profile: preset });
        assert.deepEqual([parsed.ok, parsed.code], [false, code], name);
        if (at !== undefined && text.length <= 256) assert.equal(parsed.at, at, name);
      }
    }
  },

  "keys: digests under a pepper"() {
    for (const { pepper: id, secret, key, fill, digest } of keys.hmac) {
      // The package digests nothing that cannot be a key.
      if (key.length === 0 || key.length > 256) continue;
      assert.equal(digestKey(key, { pepper: { id, secret: filled(secret, fill) } }), digest);
    }
    for (const { name, pepper: id, secret, fill } of keys.malformed_peppers) {
      const pepper = { id, secret: filled(secret, fill) };
      assert.throws(() => digestKey("k", { pepper }), isError("invalid_argument"), name);
    }
  },

  "credentials: HTTP Basic, separate and joined"() {
    const { verifier } = levels();
    const call = { method: "POST", path: "/api/v1/event", now: NOW };
    const reasonOf = (headers) => verifier.verify({ method: "POST", url: call.path, headers }, { now: NOW }).reason;
    let run = 0;
    for (const { name, transports, authorization, fill, key, reason, joined, headers } of credentials.cases) {
      if (transports.join() !== "basic_password" || headers !== undefined) continue;
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
    for (const set of decisions.sets) {
      const verifier = verifierOf(set);
      const preset = presetOf(set.profile);
      for (const {
        name,
        authorization = [],
        headers = [],
        method,
        url,
        context,
        clientAddress,
        now,
        expect,
      } of set.requests) {
        if (expect.reason === "deactivated") continue;
        const all = [...authorization.map((value) => ["authorization", value]), ...headers];
        const request = { method, url, headers: all };
        const options = { context, clientAddress, cost: 0, now: number(now) };
        if (isMistake(context, preset)) {
          assert.throws(() => verifier.verify(request, options), isError("invalid_argument"), name);
          continue;
        }
        const expected = expect.verdict === "allow" ? { ...expect, cost: 0 } : expect;
        check(verifier.verify(request, options), verifier.explain(request, options), expected, name, preset);
        const { cost } = verifier.verify(request, { ...options, cost: undefined });
        if (expect.verdict === "allow" && expect.rate === undefined) assert.equal(cost, expect.cost ?? 1, name);
      }
    }
  },

  "decisions over records: bare keys"() {
    for (const set of decisions.sets) {
      const verifier = verifierOf(set);
      const preset = presetOf(set.profile);
      for (const { name, key, ask, context, clientAddress, now, expect } of set.keys) {
        if (expect.reason === "deactivated") continue;
        const { method, route, ...rest } = ask;
        const asked = route === undefined ? ask : { ...rest, route: verifier.route(method, route) };
        const options = { ...asked, context, clientAddress, cost: 0, now: number(now) };
        const expected = expect.verdict === "allow" ? { ...expect, cost: 0 } : expect;
        check(verifier.verifyKey(key, options), verifier.explainKey(key, options), expected, name, preset);
      }
    }
  },

  "records that contradict themselves"() {
    for (const { name, code, profile, records, peppers } of decisions.refused_records) {
      assert.throws(() => createVerifier({ profile: presetOf(profile), records, peppers }), isError(code), name);
    }
  },

  "snapshots: opened as they were signed, or not at all"() {
    for (const { name, head, shard, trust, expect } of snapshots.opened) {
      const publicKeys = trust.publicKeys.map((one) => files.public_keys[one]);
      const peppers = Object.fromEntries((trust.peppers ?? []).map((id) => [id, files.peppers[id]]));
      const open = () => openSnapshot({ head: bytes(head), shards: [bytes(shard)] }, { ...trust, publicKeys, peppers });
      if (expect.code === undefined) {
        const { era, epoch, issuedAt, size } = open();
        assert.deepEqual([era, epoch, issuedAt, size], [expect.era, expect.epoch, expect.issuedAt, expect.size], name);
        continue;
      }
      // To pin no key at all is the caller's mistake, and said to be one.
      const code = publicKeys.length === 0 ? "invalid_argument" : expect.code;
      assert.throws(open, isError(code), name);
    }
  },

  "snapshots: decisions"() {
    const trust = { publicKeys: [files.public_keys.root], keyspace: "mail", peppers: files.peppers };
    for (const one of snapshots.decisions) {
      const { name, head = "head", shard = "shard", key, scheme = "basic", method, url, now, expect } = one;
      const { context, clientAddress } = one;
      const verifier = openSnapshot({ head: bytes(head), shards: [bytes(shard)] }, trust);
      const authorization = scheme === "basic" ? basic(files.keys[key]) : `${scheme} ${files.keys[key]}`;
      const request = { method, url, headers: { authorization } };
      const options = { now: number(now), context, clientAddress };
      const preset = head.startsWith("limited") ? presetOf("mailroom") : profile;
      // The core alone counts nothing; here a call that costs more than the rate's limit is never admitted.
      if (expect.verdict === "allow" && (expect.cost ?? 1) > (expect.rate?.limit ?? Infinity)) {
        assert.equal(verifier.verify(request, options).reason, "rate_limited", name);
        continue;
      }
      check(verifier.verify(request, options), verifier.explain(request, options), expect, name, preset);
    }
  },
};

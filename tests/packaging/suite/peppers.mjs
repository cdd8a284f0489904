import assert from "node:assert/strict";
import { createVerifier, digestKey, generateKey, KeywardError } from "keyward";
import { edited, isError, issue, NOW, profile } from "./fixtures.mjs";

const ONE = "the first secret of this deployment";
const TWO = new TextEncoder().encode("the second secret of this deployment");

/** A key with a record whose digest is keyed with a pepper. */
function peppered(id, pepper, members = { level: "events" }) {
  const { key } = generateKey({ profile });
  return { key, record: { id, digest: digestKey(key, { pepper }), ...members } };
}

const reason = (verifier, key) => verifier.verifyKey(key, { scope: "events", now: NOW }).reason;

export default {
  async "the digest is HMAC-SHA-256, as the host computes it"() {
    for (const secret of [ONE, TWO, new Uint8Array(16), new Uint8Array(1024).fill(255), "ключ, который длиннее"]) {
      const { key } = generateKey({ profile });
      const bytes = typeof secret === "string" ? new TextEncoder().encode(secret) : secret;
      const hmac = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
      const mac = new Uint8Array(await crypto.subtle.sign("HMAC", hmac, new TextEncoder().encode(key)));
      const hex = Array.from(mac, (byte) => byte.toString(16).padStart(2, "0")).join("");
      assert.equal(digestKey(key, { pepper: { id: "p-1_a", secret } }), `hmac-sha256:p-1_a:${hex}`);
    }
    const { key, digest } = generateKey({ profile });
    assert.deepEqual([digestKey(key, {}), digestKey(key, { pepper: undefined })], [digest, digest]);
  },

  "a key is found under its pepper, and under no other"() {
    const { key, record } = peppered("a", { id: "one", secret: ONE });
    const verifier = createVerifier({ profile, records: [record], peppers: { one: ONE } });
    assert.equal(verifier.verifyKey(key, { scope: "events", now: NOW }).keyId, "a");
    assert.equal(reason(verifier, edited(key, 9)), "bad_checksum");
    assert.equal(reason(verifier, issue("x", {}).key), "unknown_key");
    const swapped = createVerifier({ profile, records: [record], peppers: { one: TWO } });
    assert.equal(reason(swapped, key), "unknown_key");
  },

  "a pepper is rotated: old and new at once, or plain digests and one"() {
    const old = peppered("old", { id: "2025", secret: ONE });
    const next = peppered("next", { id: "2026", secret: TWO });
    const peppers = { 2025: ONE, 2026: TWO };
    const both = createVerifier({ profile, records: [old.record, next.record], peppers });
    assert.deepEqual([reason(both, old.key), reason(both, next.key)], [undefined, undefined]);
    const plain = issue("plain", { level: "events" });
    const mixed = createVerifier({ profile, records: [plain.record, next.record], peppers });
    assert.deepEqual([reason(mixed, plain.key), reason(mixed, next.key)], [undefined, undefined]);
    const records = [plain.record, old.record, next.record];
    assert.throws(() => createVerifier({ profile, records, peppers }), KeywardError, "three schemes");
  },

  "a digest whose pepper is not there is refused at once"() {
    const { record } = peppered("a", { id: "one", secret: ONE });
    for (const peppers of [undefined, {}, { two: ONE }]) {
      assert.throws(() => createVerifier({ profile, records: [record], peppers }), isError("missing_pepper"));
    }
  },

  "what a pepper's bytes become afterwards changes nothing"() {
    const secret = TWO.slice();
    const { key, record } = peppered("a", { id: "one", secret: TWO });
    const verifier = createVerifier({ profile, records: [record], peppers: { one: secret } });
    secret.fill(0);
    assert.equal(reason(verifier, key), undefined);
  },

  "what can be no pepper is said to be none, with its place and without its secret"() {
    const { record } = issue("a", { level: "events" });
    const wrong = [
      [["secret secret secret"], "peppers"],
      [new Map([["one", ONE]]), "peppers"],
      [Object.create({ one: ONE }), "peppers"],
      ["secret secret secret", "peppers"],
      [5, "peppers"],
      [null, "peppers"],
      [{ One: ONE }, "peppers"],
      [{ "": ONE }, "peppers"],
      [{ ["o".repeat(17)]: ONE }, "peppers"],
      [{ "a:b": ONE }, "peppers"],
      [{ one: "secret" }, "peppers.one"],
      [{ one: new Uint8Array(15) }, "peppers.one"],
      [{ one: "s".repeat(1025) }, "peppers.one"],
      [{ one: `secret secret secret \ud800` }, "peppers.one"],
      [{ one: undefined }, "peppers.one"],
      [{ one: ONE, two: 5 }, "peppers.two"],
      [{ one: [1, 2, 3] }, "peppers.one"],
      [{ one: new ArrayBuffer(32) }, "peppers.one"],
      [Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`p${at}`, ONE])), "peppers"],
    ];
    for (const [peppers, member] of wrong) {
      const make = () => createVerifier({ profile, records: [record], peppers });
      assert.throws(make, isError("invalid_argument", member), member);
      assert.throws(make, (error) => !/secret secret|deployment/.test(`${error.message}`), member);
    }
    const { key } = generateKey({ profile });
    for (const [pepper, member] of [
      [null, "pepper"],
      ["secret", "pepper"],
      [{ secret: ONE }, "pepper.id"],
      [{ id: "ONE", secret: ONE }, "pepper.id"],
      [{ id: "one" }, "pepper.secret"],
      [{ id: "one", secret: "short" }, "pepper.secret"],
    ]) {
      assert.throws(() => digestKey(key, { pepper }), isError("invalid_argument", member));
    }
    for (const options of [null, 5, "pepper", [], Promise.resolve({})]) {
      assert.throws(() => digestKey(key, options), isError("invalid_argument", "options"));
    }
  },

  "a getter that throws leaves nothing behind"() {
    const peppers = {
      one: ONE,
      get two() {
        throw new RangeError("mine");
      },
    };
    const { key, record } = peppered("a", { id: "one", secret: ONE });
    assert.throws(() => createVerifier({ profile, records: [record], peppers }), /mine/);
    assert.equal(reason(createVerifier({ profile, records: [record], peppers: { one: ONE } }), key), undefined);
  },
};

import assert from "node:assert/strict";
import { digestKey, generateKey, KeywardError, parseKey } from "keyward";
import { edited, profile } from "./fixtures.mjs";

export default {
  "a generated key is well-formed and has the digest it came with"() {
    const { key, id, digest } = generateKey({ profile });
    assert.match(key, /^es_[0-9A-Za-z]{36}$/);
    assert.match(id, /^key_[0-9A-Za-z]{9}$/);
    assert.equal(digestKey(key), digest);
    assert.match(digest, /^sha256:[0-9a-f]{64}$/);
    const parsed = parseKey(key, { profile });
    assert.equal(parsed.ok, true);
    assert.equal(`${parsed.prefix}_${parsed.body}${parsed.checksum}`, key);
  },

  async "the digest is SHA-256, as the host computes it"() {
    const { key, digest } = generateKey({ profile });
    const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key)));
    assert.equal(digest, `sha256:${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`);
  },

  "a hint shows at most a quarter of the key"() {
    const { key, hint } = generateKey({ profile });
    const shown = hint.replace(/[^0-9A-Za-z_]/g, "");
    assert.ok(shown.length <= key.length / 4 + 3, `${hint} of ${key.length} characters`);
    assert.ok(key.startsWith(shown.slice(0, 3)));
  },

  "two keys are never the same"() {
    const keys = new Set(Array.from({ length: 200 }, () => generateKey({ profile }).key));
    assert.equal(keys.size, 200);
  },

  "a wrong key is told apart, with the place"() {
    const { key } = generateKey({ profile });
    const typo = parseKey(edited(key, 10), { profile });
    assert.deepEqual([typo.ok, typo.code], [false, "bad_checksum"]);
    const cut = parseKey(key.slice(0, 20), { profile });
    assert.deepEqual([cut.ok, cut.code, cut.at], [false, "malformed_key", 20]);
    const foreign = parseKey(`xx${key.slice(2)}`, { profile });
    assert.deepEqual([foreign.ok, foreign.code, foreign.at], [false, "malformed_key", 0]);
    for (const text of ["", " ", `${key} `, `\u0000${key}`, "ключ", "\ud800", "a".repeat(1 << 20)]) {
      const parsed = parseKey(text, { profile });
      assert.equal(parsed.ok, false);
      assert.equal(parsed.code, "malformed_key");
      assert.equal(typeof parsed.at, "number");
      assert.ok(parsed.message.length > 0);
    }
  },

  "what is no profile is said to be none"() {
    for (const wrong of [undefined, null, {}, { compiled: 5 }, "nobody", 7]) {
      assert.throws(() => generateKey({ profile: wrong }), isError("unknown_profile"));
    }
    for (const damaged of ["", "AAAA", profile.compiled.slice(0, 40)]) {
      assert.throws(() => generateKey({ profile: { id: "esputnik", compiled: damaged } }), KeywardError);
    }
  },

  "what is no key has no digest"() {
    for (const wrong of [undefined, 5, "", "a".repeat(257)]) {
      assert.throws(() => digestKey(wrong), isError("invalid_argument"));
    }
  },
};

function isError(code) {
  return (error) => error instanceof KeywardError && error instanceof Error && error.code === code;
}

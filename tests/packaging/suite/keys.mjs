import assert from "node:assert/strict";
import { digestKey, generateKey, KeywardError, parseKey } from "keyward";
import { inboxfirst } from "keyward/presets/inboxfirst";
import { edited, isError, profile } from "./fixtures.mjs";

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

  "a key of the format account_hex names its account"() {
    for (const account of [7, "7", 2 ** 53 - 1]) {
      const { key, digest } = generateKey({ profile: inboxfirst, account });
      assert.match(atob(key), new RegExp(`^${account}:[0-9a-f]{40}$`));
      assert.equal(digestKey(key), digest);
      assert.deepEqual(parseKey(key, { profile: inboxfirst }), { ok: true, body: key, account: Number(account) });
    }
    for (const account of [undefined, "", "07", "x", 0, -1, 1.5, Number.NaN, 2 ** 53, "9007199254740992", null, [7]]) {
      assert.throws(() => generateKey({ profile: inboxfirst, account }), isError("invalid_argument"), String(account));
    }
    assert.equal(generateKey({ profile, account: "acme" }).key.length, 39);
    for (const text of [btoa("7:abc"), btoa(`07:${"a".repeat(40)}`), `${btoa(`7:${"a".repeat(40)}`)}=`]) {
      const parsed = parseKey(text, { profile: inboxfirst });
      assert.deepEqual([parsed.ok, parsed.code], [false, "malformed_key"], text);
    }
  },

  "what are no options is said to be none"() {
    for (const wrong of [undefined, null, 5, "esputnik", [profile], Promise.resolve({ profile }), new Map()]) {
      assert.throws(() => generateKey(wrong), KeywardError, String(wrong));
      assert.throws(() => parseKey("es_", wrong), KeywardError, String(wrong));
    }
    assert.throws(() => generateKey(Object.create({ profile })), KeywardError);
  },
};

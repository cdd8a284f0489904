/** Keys taken apart three ways, and digested two ways. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import fc from "fast-check";
import { digestKey, generateKey, parseKey, type PresetName } from "keyward";
import { Native } from "./native.js";
import { edit, edited } from "./questions.js";
import { digestLike, type ReadKey, readKey } from "./reading/keys.js";
import type { KeyFormat } from "./reading/profile.js";
import { CASES, SEEDED } from "./runs.js";

const BATCH = 100;
/** Presets by what their keys look like; tests/vectors/imported.toml is the profile with the third format. */
const FORMATS: readonly (readonly [PresetName, KeyFormat])[] = [
  ["esputnik", { name: "checksummed", prefix: "es" }],
  ["keyward", { name: "checksummed", prefix: "kw_live" }],
  ["inboxfirst", { name: "account_hex" }],
];

const native = new Native();
after(() => native.end());

for (const [preset, format] of FORMATS) {
  test(`keys of the preset ${preset}`, async () => {
    const key = fc
      .tuple(fc.nat(), fc.array(edit, { maxLength: 2 }))
      .map(([account, edits]) => edited(generateKey({ profile: preset, account: account + 1 }).key, edits))
      .chain((key) => fc.constantFrom(key, key, key, key.padEnd(256, "0"), key.padEnd(257, "0")));
    const property = fc.asyncProperty(fc.array(key, { minLength: 1, maxLength: BATCH }), async (keys) => {
      const reply = await native.ask({ profile: { preset }, keys });
      if (reply.error !== undefined) assert.fail(reply.message);
      for (const [at, each] of keys.entries()) {
        const expected = readKey(format, each);
        assert.deepEqual(told(reply.keys[at], expected), expected, `the library: ${JSON.stringify(each)}`);
        const parsed = parseKey(each, { profile: preset });
        const outside = parsed.ok ? parsed : { ok: false, reason: parsed.code, at: parsed.at };
        assert.deepEqual(told(outside, expected), expected, `the package: ${JSON.stringify(each)}`);
        if (each.length === 0 || each.length > 256) continue; // no key of any format, and it has no digest
        assert.equal(digestKey(each), digestLike("sha256:", each, {}));
        const pepper = { id: "p-1", secret: "sixteen bytes or more" };
        const peppered = digestLike("hmac-sha256:p-1:", each, { [pepper.id]: pepper.secret });
        assert.equal(digestKey(each, { pepper }), peppered);
      }
    });
    await fc.assert(property, { numRuns: Math.ceil(CASES / 10 / BATCH), ...SEEDED });
  });
}

/** What was answered, without what is absent, and without a place where the document tells none. */
function told(answer: object | undefined, expected: ReadKey): unknown {
  const members = Object.entries(answer ?? {}).filter(
    ([name, value]) => value !== null && value !== undefined && (name !== "at" || "at" in expected),
  );
  return Object.fromEntries(members);
}

/**
 * What the verifier decides of the five systems and of Keyward's own profile (`tests/vectors/systems.json`): a case for
 * each row of the requirements, named after it.
 */
import assert from "node:assert/strict";
import { createVerifier, KeywardError, profileInfo } from "keyward";
import { emailit } from "keyward/presets/emailit";
import { esputnik } from "keyward/presets/esputnik";
import { inboxfirst } from "keyward/presets/inboxfirst";
import { keyward } from "keyward/presets/keyward";
import { optimove } from "keyward/presets/optimove";
import { smashfly } from "keyward/presets/smashfly";
import vectors from "../vectors.mjs";

const PRESETS = { emailit, esputnik, inboxfirst, keyward, optimove, smashfly };
/** What a caller reads who may not do what he asks, where a closed route has nothing better to say. */
const PLAIN = "The API key may not do this.";

const { rows, keys, cases, now: usual } = vectors.systems;

/** A verifier over all keys of a preset, made once. */
const verifiers = new Map();
function verifierOf(name) {
  const found = verifiers.get(name);
  if (found !== undefined) return found;
  const records = keys[name].flatMap(({ record }) => record ?? []);
  const verifier = createVerifier({ profile: PRESETS[name], records });
  verifiers.set(name, verifier);
  return verifier;
}

function check({ name, profile, request, context = {}, clientAddress, now = usual, expect }) {
  const decide = () => verifierOf(profile).verify(request, { context, clientAddress, now });
  const dimensions = profileInfo(PRESETS[profile]).constraints.map((dimension) => dimension.name);
  if (Object.keys(context).some((member) => !dimensions.includes(member))) {
    // What the profile has no constraint for tells the core nothing; here it is the caller's mistake, and said to be one.
    assert.throws(decide, (error) => error instanceof KeywardError && error.code === "invalid_argument", name);
    return;
  }
  const decision = decide();
  assert.equal(decision.allowed, expect.allowed, `${name}: ${decision.reason}`);
  if (expect.allowed) {
    const { keyId, level, scopes = [] } = expect;
    assert.deepEqual([decision.keyId, decision.level, [...decision.scopes]], [keyId, level, scopes], name);
    return;
  }
  const { reason, status, noted = false } = expect;
  assert.deepEqual([decision.reason, decision.status], [reason, status], name);
  if (reason === "insufficient_scope") assert.equal(decision.problem.detail !== PLAIN, noted, name);
}

export default Object.fromEntries(
  rows.map((row) => [
    row,
    () => {
      const own = cases.filter((one) => one.row === row);
      assert.ok(own.length > 0, `${row} has no cases`);
      for (const one of own) check(one);
    },
  ]),
);

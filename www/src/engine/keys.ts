/** Making keys, and holding what is typed about one against what the verifier takes. */
import { createVerifier, generateKey, KeywardError, type GeneratedKey } from "keyward";
import type { Constraint, Limit, Profile } from "./profile";

/** A key that has just been made: the key itself, and what its issuer keeps. */
export function mintKey(profile: Profile, account: string | undefined): GeneratedKey {
  return generateKey({ profile: profile.id, account });
}

/** A digest that no key has. */
const NO_KEY = `sha256:${"0".repeat(64)}`;

/** What the verifier has against a key of this level with these values; `undefined` for nothing. */
export function objection(profile: Profile, level: string, { name }: Constraint, limit: Limit): string | undefined {
  const records = [{ id: "draft", digest: NO_KEY, level, constraints: { [name]: limit } }];
  const tried = objectionIn(() => createVerifier({ profile: profile.id, records }).dispose());
  return tried.ok ? undefined : tried.why.replace(/^record 0: (constraint '[^']*'|[\w.[\]]+): /, "");
}

/** What the key's format has against an account; `undefined` for nothing. */
export function accountObjection(profile: Profile, account: string): string | undefined {
  const tried = objectionIn(() => mintKey(profile, account));
  return tried.ok ? undefined : tried.why;
}

/** What comes of asking the package, or what it has against being asked so. */
export function objectionIn<T>(
  ask: () => T,
): { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string } {
  try {
    return { ok: true, value: ask() };
  } catch (error) {
    if (error instanceof KeywardError) return { ok: false, why: error.message };
    throw error;
  }
}

/** What a record may do. */
import { levelCalled, levelScopes, listsScope, type Profile, type Rate, type Record } from "./profile.js";

/** Rights that records share. */
export interface Policy {
  readonly level: string | null;
  /** Whether it opens every call, listed or not. */
  readonly everything: boolean;
  readonly scopes: readonly string[];
  readonly rate: Rate | undefined;
}

/** The policy of a record: its level's, or the scopes that it lists. */
export function policyOf(profile: Profile, { rights, rate }: Record): Policy {
  if ("scopes" in rights) {
    const scopes = profile.scopes.filter((scope) => listsScope(rights.scopes, scope));
    return { level: null, everything: false, scopes, rate };
  }
  const level = levelCalled(profile, rights.level);
  const scopes = levelScopes(profile, level.id);
  return { level: level.id, everything: level.everything, scopes, rate: rate ?? level.rate };
}

/** What levels and keys can call, counted: asked of the verifier, rule by rule. */
import { Gate, mintKey, type Profile, type Reach } from "../engine";
import { ACCOUNT } from "./issue";

const known = new Map<Profile, ReadonlyMap<string, readonly Reach[]>>();

/** What keys of each level can call that are limited in nothing, by the level's id. Asked once for each profile. */
export function reachOfLevels(profile: Profile): ReadonlyMap<string, readonly Reach[]> {
  const reach = known.get(profile) ?? ask(profile);
  known.set(profile, reach);
  return reach;
}

/** A verifier with a key of each level answers. */
function ask(profile: Profile): ReadonlyMap<string, readonly Reach[]> {
  const now = Date.now();
  const probes = profile.levels.map(({ id: level }) => ({ level, ...mintKey(profile, ACCOUNT) }));
  using gate = new Gate(
    profile,
    probes.map(({ id, digest, level }) => ({
      id,
      digests: [{ digest, expiresAt: undefined }],
      account: undefined,
      level,
      constraints: {},
      rate: undefined,
      status: "active",
      expiresAt: undefined,
    })),
  );
  return new Map(probes.map(({ level, key }) => [level, gate.reach(key, now)]));
}

/** How many rules are open, limits or not. */
export function count(reach: readonly Reach[]): number {
  return reach.filter((each) => each !== "shut").length;
}

/** What rules of this profile are called when they are counted: one that stands for many calls is no method. */
export function ruleWord({ routes }: Profile): string {
  return routes.some(({ method, pattern }) => method === "*" || pattern.endsWith("**")) ? "rules" : "methods";
}

/** `can call 24 of 51 methods`. */
export function canCall(profile: Profile, reach: readonly Reach[]): string {
  return `can call ${count(reach)} of ${profile.routes.length} ${ruleWord(profile)}`;
}

/**
 * What the reading knows of a profile, and of the records that are verified against it: the members of a profile's TOML
 * that decisions rest on, as they are written there. Nothing of it has been compiled.
 */

/** A profile. */
export interface Profile {
  readonly key: KeyFormat;
  readonly transports: readonly string[];
  readonly basePath: string;
  readonly versionSegment: boolean;
  readonly scopes: readonly string[];
  readonly levels: readonly Level[];
  readonly rules: readonly Rule[];
  readonly dimensions: readonly Dimension[];
}

/** What a profile's keys look like. */
export type KeyFormat =
  | { readonly name: "checksummed"; readonly prefix: string }
  | { readonly name: "account_hex" }
  | { readonly name: "opaque" };

/** An access level; `*` in its scopes stands for one segment. */
export interface Level {
  readonly id: string;
  readonly scopes: readonly string[];
  readonly includes: readonly string[];
  readonly everything: boolean;
  readonly rate?: Rate | undefined;
}

/** So many units in so many seconds. */
export interface Rate {
  readonly limit: number;
  readonly window: number;
}

/** A route rule: it needs a scope, or it is closed and says why. */
export interface Rule {
  readonly method: string;
  readonly pattern: string;
  readonly access: { readonly scope: string } | { readonly closed: string };
  readonly cost: number;
  readonly requireFresh: boolean;
}

/** Something that a key can be limited in. */
export interface Dimension {
  readonly name: string;
  readonly kind: "integer" | "text" | "network";
  readonly appliesTo?: readonly string[] | undefined;
  /** The levels whose keys may be limited in it; all, if absent. */
  readonly levels?: readonly string[] | undefined;
  /** The most values that a key may have. */
  readonly maxValues: number;
  /** For a text: the only values there are; any, if empty. */
  readonly values: readonly string[];
}

/** One key. */
export interface Record {
  readonly id: string;
  readonly digests: readonly { readonly digest: string; readonly expiresAt?: number | undefined }[];
  readonly rights: { readonly level: string } | { readonly scopes: readonly string[] };
  readonly constraints: { readonly [dimension: string]: "all" | readonly Value[] };
  readonly expiresAt?: number | undefined;
  readonly status: "active" | "disabled";
  readonly rate?: Rate | undefined;
}

/** A value of a constraint, or of a call. */
export type Value = string | number;

/** Do the scopes in `listed`, in which `*` stands for one segment, hold the one that is called `scope`? */
export function listsScope(listed: readonly string[], scope: string): boolean {
  const segments = scope.split(".");
  return listed.some((text) => {
    const wanted = text.split(".");
    return wanted.length === segments.length && wanted.every((part, at) => part === "*" || part === segments[at]);
  });
}

/** The scopes of the profile that a level grants, with those of the levels that it includes. */
export function levelScopes(profile: Profile, id: string): readonly string[] {
  const granted = (level: Level): readonly string[] => [
    ...level.scopes,
    ...level.includes.flatMap((included) => granted(levelCalled(profile, included))),
  ];
  const listed = granted(levelCalled(profile, id));
  return profile.scopes.filter((scope) => listsScope(listed, scope));
}

/** The level with an id; the profile has it. */
export function levelCalled(profile: Profile, id: string): Level {
  const level = profile.levels.find((each) => each.id === id);
  if (level === undefined) throw new Error(`the profile has no level ${id}`);
  return level;
}

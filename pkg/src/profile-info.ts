/**
 * What a profile says, for pages that show it: fields, levels, routes, words. Nothing here decides anything.
 */
import { call } from "./module.js";
import { compiledProfile, type Preset, type PresetName } from "./profile.js";

/** A profile as people read it. */
export interface ProfileInfo {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** What every key begins with, before the underscore. */
  readonly prefix: string;
  /** Where in a request the key may stand, in order. */
  readonly transports: readonly string[];
  /** What every path begins with: empty, or `/api`. */
  readonly basePath: string;
  /** Whether one segment `v1` … `v999` may stand after the base path. */
  readonly versionSegment: boolean;
  readonly scopes: readonly { readonly id: string; readonly title: string }[];
  readonly levels: readonly ProfileLevel[];
  /** The route rules; patterns are below the base path. */
  readonly routes: readonly { readonly method: string; readonly pattern: string; readonly scope: string }[];
  readonly fields: readonly ProfileField[];
  /** The system's own words, by what they name. */
  readonly vocabulary: Readonly<Record<string, string>>;
  /** A key that was not used for so many days is disabled; `null` for never. */
  readonly idleDisableDays: number | null;
}

/** An access level. */
export interface ProfileLevel {
  readonly id: string;
  readonly title: string;
  readonly help: string;
  /** It opens every route, also those without a rule. */
  readonly everything: boolean;
  readonly scopes: readonly string[];
}

/** Something that is filled in when a key is made. */
export interface ProfileField {
  readonly name: string;
  readonly label: string;
  readonly help: string;
  readonly required: boolean;
  /** In characters. */
  readonly maxLength: number;
}

/** What a profile says. */
export function profileInfo(profile: Preset | PresetName): ProfileInfo {
  const compiled = compiledProfile(profile);
  return call((glue) => glue.profileInfo(compiled)) as ProfileInfo;
}

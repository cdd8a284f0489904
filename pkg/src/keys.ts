/**
 * Keys outside a verifier: making them, digesting them, taking them apart.
 */
import { invalidArgument } from "./error.js";
import { call } from "./module.js";
import { compiledProfile, type Preset, type PresetName } from "./profile.js";

/** No key of any format is longer. */
export const MAX_KEY = 256;

/** A key that has just been made. `key` is shown once and stored nowhere; the rest may be kept. */
export interface GeneratedKey {
  /** The whole key: give it to its holder and forget it. */
  readonly key: string;
  /** Public identifier of the key's record, `key_…`. */
  readonly id: string;
  /** What to store: `sha256:<64 hex digits>`. */
  readonly digest: string;
  /** What may be shown of the key later. */
  readonly hint: string;
}

/** A well-formed key in its parts. That it is well-formed says nothing about who made it. */
export interface ParsedKey {
  readonly ok: true;
  readonly prefix: string;
  readonly body: string;
  readonly checksum: string;
}

/** Why a string is not a key of the profile's format, and at which byte. */
export interface UnparsedKey {
  readonly ok: false;
  readonly code: "malformed_key" | "bad_checksum";
  readonly at: number;
  readonly message: string;
}

/** Makes a key of the profile's format from the host's random source. */
export function generateKey(options: { readonly profile: Preset | PresetName }): GeneratedKey {
  const profile = compiledProfile(options.profile);
  return call((glue) => glue.generateKey(profile, Date.now())) as GeneratedKey;
}

/** The digest under which a key is stored: `sha256:<64 hex digits>`. */
export function digestKey(key: string): string {
  requireKey(key);
  return call((glue) => glue.digestKey(key));
}

/** Takes a key apart, or says what is wrong with it and where. Only the form is looked at. */
export function parseKey(key: string, options: { readonly profile: Preset | PresetName }): ParsedKey | UnparsedKey {
  if (typeof key !== "string") throw invalidArgument("key: expected a string");
  const profile = compiledProfile(options.profile);
  if (key.length > MAX_KEY) {
    return { ok: false, code: "malformed_key", at: MAX_KEY, message: `a key has at most ${MAX_KEY} bytes` };
  }
  return call((glue) => glue.parseKey(key, profile)) as ParsedKey | UnparsedKey;
}

function requireKey(key: unknown): asserts key is string {
  if (typeof key !== "string") throw invalidArgument("key: expected a string");
  if (key.length === 0 || key.length > MAX_KEY) throw invalidArgument(`key: expected 1 to ${MAX_KEY} characters`);
}

/**
 * Keys outside a verifier: making them, digesting them, taking them apart.
 */
import { invalidArgument } from "./error.js";
import { call } from "./module.js";
import { type Pepper, pepperId, pepperSecret } from "./peppers.js";
import { kindOf, ownMembers } from "./plain.js";
import { compiledProfile, type Preset, type PresetName } from "./profile.js";

/** No key of any format is longer. */
export const MAX_KEY = 256;

/** A key that has just been made. `key` is shown once and stored nowhere; the rest may be kept. */
export interface GeneratedKey {
  /** The whole key: give it to its holder and forget it. */
  readonly key: string;
  /** Public identifier of the key's record, `key_…`. */
  readonly id: string;
  /** What to store: `sha256:<64 hex digits>`. For one that is keyed with a pepper, see `digestKey`. */
  readonly digest: string;
  /** What may be shown of the key later. */
  readonly hint: string;
}

/** What `generateKey` takes. */
export interface GenerateKeyOptions {
  /** Whose format the key has. */
  readonly profile: Preset | PresetName;
  /**
   * The account that the key belongs to. The format `account_hex` writes it into the key, as a whole number from 1 to
   * 2^53 - 1, and cannot do without; the others leave it alone.
   */
  readonly account?: string | number | undefined;
}

/** How `digestKey` digests. */
export interface DigestKeyOptions {
  /** The secret to key the digest with: `hmac-sha256:<its id>:<64 hex digits>`. */
  readonly pepper?: Pepper | undefined;
}

/** A well-formed key in its parts. That it is well-formed says nothing about who made it. */
export interface ParsedKey {
  readonly ok: true;
  /** What stands before the body, in the format `checksummed`. */
  readonly prefix?: string | undefined;
  /** The random part in the format `checksummed`, else the whole key. */
  readonly body: string;
  /** The last six characters, in the format `checksummed`. */
  readonly checksum?: string | undefined;
  /** The account's number, in the format `account_hex`. */
  readonly account?: number | undefined;
}

/** Why a string is not a key of the profile's format, and at which byte. */
export interface UnparsedKey {
  readonly ok: false;
  readonly code: "malformed_key" | "bad_checksum";
  readonly at: number;
  readonly message: string;
}

/** Makes a key of the profile's format from the host's random source. */
export function generateKey(options: GenerateKeyOptions): GeneratedKey {
  const { profile, account } = ownMembers(options, "options");
  const compiled = compiledProfile(profile);
  const number = accountText(account);
  return call((glue) => glue.generateKey(compiled, number, Date.now())) as GeneratedKey;
}

/** The digest under which a key is stored: `sha256:<64 hex digits>`, or one that is keyed with a pepper. */
export function digestKey(key: string, options: DigestKeyOptions = {}): string {
  requireKey(key);
  const { pepper } = ownMembers(options, "options");
  if (pepper === undefined) return call((glue) => glue.digestKey(key, "", new Uint8Array()));
  const { id, secret } = ownMembers(pepper, "pepper");
  const name = pepperId(id, "pepper.id");
  const bytes = pepperSecret(secret, "pepper.secret");
  return call((glue) => glue.digestKey(key, name, bytes));
}

/** Takes a key apart, or says what is wrong with it and where. Only the form is looked at. */
export function parseKey(key: string, options: { readonly profile: Preset | PresetName }): ParsedKey | UnparsedKey {
  if (typeof key !== "string") throw invalidArgument("key: expected a string");
  const profile = compiledProfile(ownMembers(options, "options").profile);
  // What is behind no key says nothing of where it fails, and need not cross.
  return call((glue) => glue.parseKey(key.slice(0, MAX_KEY + 1), profile)) as ParsedKey | UnparsedKey;
}

function accountText(account: unknown): string | undefined {
  if (account === undefined || typeof account === "string") return account;
  if (typeof account !== "number") throw invalidArgument(`account: expected a string, found ${kindOf(account)}`);
  if (!Number.isSafeInteger(account)) throw invalidArgument("account: expected a whole number within 2^53");
  return String(account);
}

function requireKey(key: unknown): asserts key is string {
  if (typeof key !== "string") throw invalidArgument("key: expected a string");
  if (key.length === 0 || key.length > MAX_KEY) throw invalidArgument(`key: expected 1 to ${MAX_KEY} characters`);
}

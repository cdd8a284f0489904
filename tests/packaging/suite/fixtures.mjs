/**
 * Keys and records that several suites use. Made anew in each run, with the package itself.
 */
import { createVerifier, generateKey, KeywardError } from "keyward";
import { esputnik } from "keyward/presets/esputnik";

export const NOW = Date.UTC(2026, 10, 21, 12);
export const DAY = 86_400_000;

export const profile = esputnik;

/** A key with a record: `{ key, record }`. */
export function issue(id, members, preset = profile) {
  const { key, digest } = generateKey({ profile: preset, account: 7 });
  return { key, record: { id, digest, ...members } };
}

/** A verifier for one key, and the key. */
export function single(members, preset = profile) {
  const { key, record } = issue("key_1", members, preset);
  return { key, verifier: createVerifier({ profile: preset, records: [record] }) };
}

/** Whether an error is a `KeywardError` with this code and member. */
export function isError(code, member) {
  return (error) =>
    error instanceof KeywardError && error.code === code && (member === undefined || error.member === member);
}

export function basic(key, user = "anyone") {
  return `Basic ${btoa(`${user}:${key}`)}`;
}

/** `key` with its character at `at` exchanged for another letter or digit. */
export function edited(key, at) {
  const other = key[at] === "a" ? "b" : "a";
  return key.slice(0, at) + other + key.slice(at + 1);
}

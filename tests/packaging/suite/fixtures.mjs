/**
 * Keys and records that several suites use. Made anew in each run, with the package itself.
 */
import { createVerifier, generateKey } from "keyward";
import { esputnik } from "keyward/presets/esputnik";

export const NOW = Date.UTC(2026, 10, 21, 12);
export const DAY = 86_400_000;

export const profile = esputnik;

/** A key with a record: `{ key, record }`. */
export function issue(id, members) {
  const { key, digest } = generateKey({ profile });
  return { key, record: { id, digest, ...members } };
}

/** A verifier for one key, and the key. */
export function single(members) {
  const { key, record } = issue("key_1", members);
  return { key, verifier: createVerifier({ profile, records: [record] }) };
}

export function basic(key, user = "anyone") {
  return `Basic ${btoa(`${user}:${key}`)}`;
}

/** `key` with its character at `at` exchanged for another letter or digit. */
export function edited(key, at) {
  const other = key[at] === "a" ? "b" : "a";
  return key.slice(0, at) + other + key.slice(at + 1);
}

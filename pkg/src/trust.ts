/**
 * Whose snapshots count, and how old they may be.
 */
import { invalidArgument } from "./error.js";

/** Whose snapshots to trust, and how far back. */
export interface SnapshotTrust {
  /** The keyspace's root public keys, `ed25519:<base64url>`. Each vouches for its own keyspace alone. */
  readonly publicKeys: readonly string[];
  /** The keyspace that the snapshot must be of. Any that the keys sign for, if absent. */
  readonly keyspace?: string | undefined;
  /** Snapshots of an earlier era are refused. */
  readonly minEra?: number | undefined;
  /** Snapshots of an earlier epoch of that era are refused. */
  readonly minEpoch?: number | undefined;
}

/** Eras start here, so a pinned epoch binds without a pinned era. */
export const FIRST_ERA = 1;

/** Public keys as the module takes them. Their form is the module's to check. */
export function joinedKeys(publicKeys: readonly string[]): string {
  if (!Array.isArray(publicKeys) || publicKeys.length === 0) throw invalidArgument("publicKeys: expected at least one");
  for (const key of publicKeys as unknown[]) {
    if (typeof key !== "string" || key === "" || /\s/.test(key)) {
      throw invalidArgument('publicKeys: expected strings such as "ed25519:…"');
    }
  }
  return publicKeys.join(" ");
}

/** A pinned era or epoch; 0 pins nothing. The module refuses an era that its format cannot hold. */
export function floor(name: string, value: number | undefined): number {
  if (value === undefined) return 0;
  if (!Number.isSafeInteger(value) || value < 0) throw invalidArgument(`${name}: expected a whole number from 0`);
  return value;
}

/**
 * Whose snapshots count, and how old they may be.
 */
import { invalidArgument } from "./error.js";
import { packPeppers, type Peppers } from "./peppers.js";

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
  /** The secrets that the snapshot's digests are keyed with, if any are. */
  readonly peppers?: Peppers | undefined;
}

/** The same as the module takes it. */
export interface PackedTrust {
  /** Space-separated. */
  readonly publicKeys: string;
  /** Empty for any. */
  readonly keyspace: string;
  readonly minEra: number;
  readonly minEpoch: number;
  readonly peppers: Uint8Array;
}

/** Eras start here, so a pinned epoch binds without a pinned era. */
const FIRST_ERA = 1;

/** Checks whom to trust. */
export function packTrust({ publicKeys, keyspace = "", minEra, minEpoch, peppers }: SnapshotTrust): PackedTrust {
  if (typeof keyspace !== "string") throw invalidArgument("keyspace: expected a name");
  return {
    publicKeys: joinedKeys(publicKeys),
    keyspace,
    minEra: floor("minEra", minEra ?? FIRST_ERA),
    minEpoch: floor("minEpoch", minEpoch),
    peppers: packPeppers(peppers),
  };
}

/** Public keys as the module takes them. Their form is the module's to check. */
function joinedKeys(publicKeys: readonly string[]): string {
  if (!Array.isArray(publicKeys) || publicKeys.length === 0) throw invalidArgument("publicKeys: expected at least one");
  for (const key of publicKeys as unknown[]) {
    if (typeof key !== "string" || key === "" || /\s/.test(key)) {
      throw invalidArgument('publicKeys: expected strings such as "ed25519:…"');
    }
  }
  return publicKeys.join(" ");
}

/** A pinned era or epoch; 0 pins nothing. The module refuses an era that its format cannot hold. */
function floor(name: string, value: number | undefined): number {
  if (value === undefined) return 0;
  if (!Number.isSafeInteger(value) || value < 0) throw invalidArgument(`${name}: expected a whole number from 0`);
  return value;
}

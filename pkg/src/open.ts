/**
 * The two ways to a verifier: from records that the caller holds, and from a signed snapshot.
 */
import { Decider } from "./decider.js";
import { invalidArgument } from "./error.js";
import { LatchedVerifier, snapshotBuild } from "./latch.js";
import { compiledProfile, type Preset, type PresetName } from "./profile.js";
import { type KeyRecord, packRecords } from "./records.js";
import { FIRST_ERA, floor, joinedKeys, type SnapshotTrust } from "./trust.js";
import type { Verifier } from "./verifier.js";

/** What `createVerifier` takes. */
export interface CreateVerifierOptions {
  /** The rules: a preset, or its name where names are known. */
  readonly profile: Preset | PresetName;
  /** The keys. */
  readonly records: Iterable<KeyRecord>;
}

/** The files of a snapshot. The head is kept, not copied: do not change it afterwards. */
export interface SnapshotFiles {
  /** The signed head. */
  readonly head: Uint8Array;
  /** The shards that the head names, in order. There is one for now. */
  readonly shards: readonly Uint8Array[];
}

/** A verifier for records. Throws a `KeywardError` that names the record and the member at fault. */
export function createVerifier(options: CreateVerifierOptions): Verifier {
  const profile = compiledProfile(options.profile);
  const { bytes, attachments } = packRecords(options.records);
  return new LatchedVerifier(() => Decider.fromRecords(profile, bytes, attachments));
}

/** A verifier for a snapshot. Throws a `KeywardError` when anything about the snapshot is not as signed. */
export function openSnapshot(files: SnapshotFiles, trust: SnapshotTrust): Verifier {
  const { head, shards } = files;
  const [shard] = shards;
  if (!(head instanceof Uint8Array)) throw invalidArgument("head: expected a Uint8Array");
  if (shards.length !== 1 || !(shard instanceof Uint8Array)) throw invalidArgument("shards: expected one Uint8Array");
  const publicKeys = joinedKeys(trust.publicKeys);
  const keyspace = trust.keyspace ?? "";
  const minEra = floor("minEra", trust.minEra ?? FIRST_ERA);
  const minEpoch = floor("minEpoch", trust.minEpoch);
  return new LatchedVerifier(
    snapshotBuild(shard, (file) => Decider.openSnapshot(head, file, publicKeys, keyspace, minEra, minEpoch)),
  );
}

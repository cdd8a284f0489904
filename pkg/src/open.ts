/**
 * The two ways to a verifier: from records that the caller holds, and from a signed snapshot.
 */
import { Decider } from "./decider.js";
import { invalidArgument } from "./error.js";
import { LatchedVerifier, snapshotBuild } from "./latch.js";
import { Limiter } from "./limiter.js";
import { packPeppers, type Peppers } from "./peppers.js";
import { ownMembers } from "./plain.js";
import { compiledProfile, type Preset, type PresetName } from "./profile.js";
import { type KeyRecord, packRecords } from "./records.js";
import { packTrust, type SnapshotTrust } from "./trust.js";
import type { Verifier } from "./verifier.js";

/** What `createVerifier` takes. */
export interface CreateVerifierOptions {
  /** The rules: a preset, or its name where names are known. */
  readonly profile: Preset | PresetName;
  /** The keys. */
  readonly records: Iterable<KeyRecord>;
  /** The secrets that the records' digests are keyed with, if any are. */
  readonly peppers?: Peppers | undefined;
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
  const { profile, records, peppers } = ownMembers(options, "options");
  // A copy: what is decided by must not change when an instance is made anew.
  const compiled = compiledProfile(profile).slice();
  const secrets = packPeppers(peppers);
  const { bytes, attachments } = packRecords(records);
  const limiter = new Limiter();
  return new LatchedVerifier(() => Decider.fromRecords(compiled, bytes, secrets, attachments, limiter));
}

/** A verifier for a snapshot. Throws a `KeywardError` when anything about the snapshot is not as signed. */
export function openSnapshot(files: SnapshotFiles, trust: SnapshotTrust): Verifier {
  const { head, shards } = ownMembers(files, "files");
  if (!(head instanceof Uint8Array)) throw invalidArgument("head: expected a Uint8Array");
  if (!Array.isArray(shards)) throw invalidArgument("shards: expected an array");
  const [shard] = shards as readonly unknown[];
  if (shards.length !== 1 || !(shard instanceof Uint8Array)) throw invalidArgument("shards: expected one Uint8Array");
  const packed = packTrust(ownMembers(trust, "trust"));
  const limiter = new Limiter();
  return new LatchedVerifier(snapshotBuild(shard, (file) => Decider.openSnapshot(head, file, packed, limiter)));
}

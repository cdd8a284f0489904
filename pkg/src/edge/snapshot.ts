/**
 * The snapshot that an edge decides from, and the rule by which another may take its place: never back.
 */
import type { Clock } from "../clock.js";
import { Decider } from "../decider.js";
import { KeywardError } from "../error.js";
import { call } from "../module.js";
import { LatchedVerifier, snapshotBuild } from "../latch.js";
import type { Limiter } from "../limiter.js";
import type { PackedTrust } from "../trust.js";

/** A head whose signature holds. */
export interface Head {
  readonly bytes: Uint8Array;
  readonly era: number;
  readonly epoch: number;
  readonly issuedAt: number;
  /** Digest and length of the one shard. */
  readonly digest: string;
  readonly length: number;
}

/** A head with its shard, opened. */
export interface Snapshot {
  readonly head: Head;
  readonly verifier: LatchedVerifier;
}

/** What is given for a head that has not been seen. */
const NO_HEAD = new Uint8Array();

/**
 * Checks a head and reads it: its signatures, its keyspace, that it is not below the pinned floor, and that it may follow
 * the one that was seen. Throws a `KeywardError` otherwise.
 */
export function readHead(bytes: Uint8Array, seen: Head | undefined, trust: PackedTrust): Head {
  const { publicKeys, keyspace, minEra, minEpoch } = trust;
  const before = seen?.bytes ?? NO_HEAD;
  const head = call((glue) => glue.inspectHead(bytes, publicKeys, keyspace, minEra, minEpoch, before));
  const { era, epoch, issuedAt, shards } = head;
  const [shard] = shards;
  if (shards.length !== 1 || shard === undefined) {
    throw new KeywardError("invalid_snapshot", `the head names ${shards.length} shards; this version opens one`);
  }
  return { bytes, era, epoch, issuedAt, digest: shard.digest, length: shard.length };
}

/**
 * Opens a head with its shard: signature, digest and floor are checked again by the module itself. `limiter` goes from
 * one snapshot to the next: what a key has taken of its rate does not come back with a change of another key.
 */
export function open(head: Head, shard: Uint8Array, trust: PackedTrust, clock: Clock, limiter: Limiter): Snapshot {
  const { era, epoch, bytes } = head;
  const floor = { ...trust, minEra: era, minEpoch: epoch };
  const build = snapshotBuild(shard, (file) => Decider.openSnapshot(bytes, file, floor, limiter));
  return { head, verifier: new LatchedVerifier(build, clock) };
}

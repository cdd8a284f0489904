/**
 * The snapshot that an edge decides from, and the rule by which another may take its place: never back.
 */
import type { Clock } from "../clock.js";
import { Decider } from "../decider.js";
import { KeywardError } from "../error.js";
import { call } from "../module.js";
import { LatchedVerifier, snapshotBuild } from "../latch.js";

/** What to hold snapshots to. */
export interface Trust {
  readonly keyspace: string;
  /** Space-separated, as the module takes them. */
  readonly publicKeys: string;
  readonly minEra: number;
  readonly minEpoch: number;
}

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

/** Checks a head's signature and keyspace, and reads it. */
export function readHead(bytes: Uint8Array, trust: Trust): Head {
  const head = call((glue) => glue.inspectHead(bytes, trust.publicKeys, trust.keyspace));
  const { era, epoch, issuedAt, shards } = head;
  const [shard] = shards;
  if (shards.length !== 1 || shard === undefined) {
    throw new KeywardError("invalid_snapshot", `the head names ${shards.length} shards; this version opens one`);
  }
  return { bytes, era, epoch, issuedAt, digest: shard.digest, length: shard.length };
}

/** Throws unless `next` may follow what is known: not before the pinned floor, not before what has been seen. */
export function requireForward(next: Head, seen: Head | undefined, trust: Trust): void {
  const floor = seen ?? { era: trust.minEra, epoch: trust.minEpoch };
  if (next.era < floor.era || (next.era === floor.era && next.epoch < floor.epoch)) {
    const was = `era ${next.era} epoch ${next.epoch}`;
    throw new KeywardError("rollback", `a head of ${was} came after era ${floor.era} epoch ${floor.epoch}`);
  }
  if (seen === undefined || next.era !== seen.era || next.epoch !== seen.epoch) return;
  if (next.digest !== seen.digest) {
    throw new KeywardError(
      "epoch_conflict",
      `two different snapshots are signed as era ${next.era} epoch ${next.epoch}`,
    );
  }
  if (next.issuedAt < seen.issuedAt) {
    throw new KeywardError("older_head", "a head came that was signed before the one in use");
  }
}

/** Opens a head with its shard: signature, digest and floor are checked again by the module itself. */
export function open(head: Head, shard: Uint8Array, trust: Trust, clock: Clock): Snapshot {
  const { era, epoch, bytes } = head;
  const build = snapshotBuild(shard, (file) =>
    Decider.openSnapshot(bytes, file, trust.publicKeys, trust.keyspace, era, epoch),
  );
  return { head, verifier: new LatchedVerifier(build, clock) };
}

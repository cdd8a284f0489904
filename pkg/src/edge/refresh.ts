/**
 * Bringing a snapshot up to date: one conditional head request, and the shard if the head names another.
 */
import type { Clock } from "../clock.js";
import { KeywardError } from "../error.js";
import { Limiter } from "../limiter.js";
import type { PackedTrust } from "../trust.js";
import type { Feed } from "./feed.js";
import { type Head, open, readHead, type Snapshot } from "./snapshot.js";
import type { Moment } from "./timeline.js";

/** How often a head is fetched anew because the shard was already one epoch further. */
const ATTEMPTS = 3;

/** The snapshot in use, and how current it is known to be. */
export class Current {
  readonly #feed: Feed;
  readonly #trust: PackedTrust;
  readonly #clock: Clock;
  readonly #limiter = new Limiter();
  #snapshot: Snapshot | undefined;
  /** The head of the newest snapshot there has been. */
  #seen: Head | undefined;
  #etag: string | undefined;
  #confirmed: Moment | undefined;

  constructor(feed: Feed, trust: PackedTrust, clock: Clock) {
    this.#feed = feed;
    this.#trust = trust;
    this.#clock = clock;
  }

  /** What to decide with. One whose instance is lost counts as none, and its files are fetched again. */
  get snapshot(): Snapshot | undefined {
    if (this.#snapshot?.verifier.isLost === true) {
      this.#snapshot = undefined;
      this.#etag = undefined;
    }
    return this.#snapshot;
  }

  /** When the last request was sent that proved the snapshot current, by the clock. */
  get confirmedAt(): number {
    return this.#confirmed?.at ?? Number.NEGATIVE_INFINITY;
  }

  /** The same on the line that ages are measured along. */
  get confirmedOn(): number {
    return this.#confirmed?.on ?? Number.NEGATIVE_INFINITY;
  }

  /**
   * Asks for the head and takes in what it names. `started` is now; the head must be there before `forHead`
   * is aborted, the shard before `forShard` is. Throws when the snapshot could not be proved current.
   */
  async refresh(started: Moment, forHead: AbortSignal, forShard: AbortSignal): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const fetched = await this.#feed.head(this.#etag, forHead);
      if (fetched !== undefined) {
        const head = readHead(fetched.bytes, this.#seen, this.#trust);
        const shard = await this.#shardFor(head, forShard);
        if (shard === undefined || !this.#take(head, shard, fetched.etag)) {
          if (attempt < ATTEMPTS) continue;
          throw new KeywardError("shard_mismatch", `the shard was not the one its head names, ${ATTEMPTS} times`);
        }
      }
      if (started.on > this.confirmedOn) this.#confirmed = started;
      return;
    }
  }

  /** The shard that a head names, from memory if it is the one in use; `undefined` when another came. */
  async #shardFor(head: Head, signal: AbortSignal): Promise<Uint8Array | undefined> {
    if (this.#snapshot?.head.digest === head.digest) return this.#snapshot.verifier.shard();
    // One byte more, to tell a longer shard (the next epoch's) from a connection that broke.
    const shard = await this.#feed.shard(0, head.length + MARGIN, signal);
    return shard.length === head.length ? shard : undefined;
  }

  /** Opens and installs; false when the shard is not the head's. Another refresh may have been quicker: no harm. */
  #take(head: Head, shard: Uint8Array, etag: string | undefined): boolean {
    // Meanwhile another may have been seen.
    readHead(head.bytes, this.#seen, this.#trust);
    try {
      if (!isSame(head, this.#snapshot?.head)) {
        this.#snapshot = open(head, shard, this.#trust, this.#clock, this.#limiter);
      }
    } catch (error) {
      if (error instanceof KeywardError && error.code === "invalid_snapshot") return false;
      throw error;
    }
    this.#seen = head;
    this.#etag = etag;
    return true;
  }
}

function isSame(head: Head, seen: Head | undefined): boolean {
  return seen !== undefined && head.issuedAt === seen.issuedAt && head.digest === seen.digest;
}

/** How much longer than the head says a shard is still read: a keyspace grows by some keys between two requests. */
const MARGIN = 1024 * 1024;

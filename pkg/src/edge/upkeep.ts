/**
 * When an edge asks its server, and how long a request waits for that.
 *
 * A proof younger than half of `maxAgeMs` is good. One in its other half is renewed behind the response, where work can
 * go on there. Past it a request asks first, but waits 250 ms at most: what takes longer goes on behind the response, for
 * the next one. One attempt serves all requests that come meanwhile.
 */
import { sharesWork } from "#platform";
import type { LatchedVerifier } from "../latch.js";
import type { Context } from "./context.js";
import type { Current } from "./refresh.js";
import { type Moment, Timeline } from "./timeline.js";

/** How long a request waits for the very first snapshot, and how long any download may take. */
const LOAD_MS = 5_000;
/** How long a request waits for news about a snapshot that it could decide with. */
const CHECK_MS = 250;
/** How long requests are refused at once after the first snapshot could not be loaded. */
const REFUSE_MS = 1_000;
/** How soon after a failure the server is asked again; doubled by each further failure. */
const RETRY_MS = 250;
/** How long others rely on an attempt that ends with its request, unnoticed when the client hangs up. */
const ORPHAN_MS = 1_000;
/** How often a request looks whether the attempt of another has come to an end. */
const POLL_MS = 10;

/** One attempt to bring the snapshot up to date. */
interface Attempt {
  readonly started: Moment;
  /** How long later requests rely on it, rather than start another. */
  readonly counts: number;
  /** Never rejects. */
  readonly work: Promise<void>;
  /** Over when a request that has something to decide with has waited long enough. */
  readonly patience: Promise<void>;
  state: "new" | "slow" | "settled";
}

/** A failed attempt, newer than the last proof. */
interface Failure {
  readonly started: number;
  /** When it failed, on the line. */
  readonly on: number;
  /** The how-manieth in a row. */
  readonly count: number;
}

/** Keeps `current` as current as requests need it. */
export class Upkeep {
  readonly #current: Current;
  readonly #maxAge: number;
  readonly #timeline: Timeline;
  readonly #report: (error: unknown) => void;
  #latest: Attempt | undefined;
  #failed: Failure | undefined;

  constructor(current: Current, maxAge: number, clock: () => number, report: (error: unknown) => void) {
    this.#current = current;
    this.#maxAge = maxAge;
    // A clock that was set back makes the proof too old, once.
    this.#timeline = new Timeline(clock, maxAge + 1);
    this.#report = report;
  }

  /** The verifier to decide with, after as much waiting as its age calls for; `undefined` when nothing can be loaded. */
  async verifier(ctx: Context | undefined): Promise<LatchedVerifier | undefined> {
    const now = this.#timeline.now();
    if (this.#current.snapshot === undefined) await this.#load(now, ctx);
    else await this.#renew(now, ctx);
    return this.#current.snapshot?.verifier;
  }

  /** Brings the snapshot up to date now, or throws. */
  async refresh(): Promise<void> {
    const signal = AbortSignal.timeout(LOAD_MS);
    await this.#current.refresh(this.#timeline.now(), signal, signal);
  }

  async #load(now: Moment, ctx: Context | undefined): Promise<void> {
    const failure = this.#failure;
    if (failure !== undefined && now.on - failure.on < REFUSE_MS) return;
    const underWay = this.#underWay(now);
    if (underWay !== undefined && !sharesWork && (await this.#watch(underWay))) return;
    await (sharesWork && underWay !== undefined ? underWay : this.#start(now, ctx, LOAD_MS)).work;
  }

  /** Watches an attempt of another request, and those that replace it. False when it seems to have ended unnoticed. */
  async #watch(attempt: Attempt): Promise<boolean> {
    let relied = 0;
    // Counted, not measured: the clock may stand still within a request.
    for (let waited = 0; waited < LOAD_MS; waited += POLL_MS) {
      await pause(POLL_MS);
      if (attempt.state === "settled" || this.#current.snapshot !== undefined) return true;
      const latest = this.#latest ?? attempt;
      relied = latest === attempt ? relied + POLL_MS : 0;
      if (relied > ORPHAN_MS) return false;
      attempt = latest;
    }
    return true;
  }

  async #renew(now: Moment, ctx: Context | undefined): Promise<void> {
    const age = now.on - this.#current.confirmedOn;
    if (age <= this.#maxAge / 2) return;
    const failure = this.#failure;
    const rested = failure === undefined ? Infinity : now.on - failure.on;
    if (failure !== undefined && rested < this.#rest(failure)) return;
    const outlives = sharesWork || ctx !== undefined;
    // While the server is known to fail, nobody waits for it who need not.
    const waits = age > this.#maxAge && (rested > this.#maxAge || !outlives);
    if (waits) await this.#check(now, ctx, outlives);
    else if (outlives && this.#underWay(now) === undefined) this.#start(now, ctx, LOAD_MS);
  }

  /** Waits for news, but not long. */
  async #check(now: Moment, ctx: Context | undefined, outlives: boolean): Promise<void> {
    const underWay = this.#underWay(now);
    if (underWay !== undefined && !sharesWork) {
      for (let waited = 0; waited < CHECK_MS && underWay.state === "new"; waited += POLL_MS) await pause(POLL_MS);
      return;
    }
    const attempt = underWay ?? this.#start(now, ctx, outlives ? LOAD_MS : CHECK_MS);
    // Work that ends with this request has to be waited for, or a large snapshot would never arrive.
    await (outlives ? Promise.race([attempt.work, attempt.patience]) : attempt.work);
  }

  /** The attempt that a request at `now` can rely on. */
  #underWay(now: Moment): Attempt | undefined {
    const latest = this.#latest;
    if (latest === undefined || latest.state === "settled") return undefined;
    return now.on - latest.started.on <= latest.counts ? latest : undefined;
  }

  /** One refresh, reported rather than thrown. */
  #start(started: Moment, ctx: Context | undefined, headMs: number): Attempt {
    const refreshed = this.#current.refresh(started, AbortSignal.timeout(headMs), AbortSignal.timeout(LOAD_MS));
    const outlives = sharesWork || ctx !== undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const attempt: Attempt = {
      started,
      // What an older attempt proves would be too old for the request.
      counts: outlives ? this.#maxAge : Math.min(this.#maxAge, ORPHAN_MS),
      work: refreshed
        .catch((error: unknown) => this.#fail(started, error))
        .then(() => {
          clearTimeout(timer);
          attempt.state = "settled";
        }),
      patience: new Promise((resolve) => {
        timer = setTimeout(() => {
          if (attempt.state === "new") attempt.state = "slow";
          resolve();
        }, CHECK_MS);
      }),
      state: "new",
    };
    this.#latest = attempt;
    ctx?.waitUntil(attempt.work);
    return attempt;
  }

  #fail(started: Moment, error: unknown): void {
    const count = (this.#failure?.count ?? 0) + 1;
    this.#failed = { started: started.on, on: this.#timeline.now().on, count };
    this.#report(error);
  }

  /** The last failure. One that has been overtaken by a proof says nothing any more. */
  get #failure(): Failure | undefined {
    const failed = this.#failed;
    return failed === undefined || failed.started <= this.#current.confirmedOn ? undefined : failed;
  }

  /** How long the server is left in peace after a failure: short enough for a busy edge to ask behind a response. */
  #rest({ count }: Failure): number {
    return Math.min(RETRY_MS * 2 ** (count - 1), this.#maxAge / 2);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

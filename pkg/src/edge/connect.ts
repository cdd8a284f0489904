/**
 * `connect`: a verifier that keeps itself current against a Keyward server.
 *
 * Nothing is fetched before the first request. From then on a decision is made with a snapshot that was proved current
 * at most `maxAgeMs` ago, as long as the server can be reached; when it cannot, the last good snapshot goes on deciding
 * within the limits that its head was signed with.
 */
import { sharesWork } from "#platform";
import { Clock } from "../clock.js";
import { type Decision, Denials } from "../decision.js";
import { invalidArgument } from "../error.js";
import { type Explanation, unexplained } from "../explanation.js";
import type { LatchedVerifier } from "../latch.js";
import { readRequest, type RequestLike } from "../request.js";
import { FIRST_ERA, floor, joinedKeys } from "../trust.js";
import type { VerifyKeyOptions, VerifyOptions } from "../verifier.js";
import { Feed, type Fetch } from "./feed.js";
import { Current } from "./refresh.js";

/** How long a request waits for the very first snapshot, and how long any download may take. */
const LOAD_MS = 5_000;
/** How long a request waits for news about a snapshot that it could decide with. */
const CHECK_MS = 250;

/** Where the keyspace is, and whom to trust about it. */
export interface ConnectOptions {
  /** Address of the Keyward server. */
  readonly url: string | URL;
  readonly keyspace: string;
  /** An edge token with the right `snapshot.read`. */
  readonly token: string;
  /** Root public keys of the keyspace, `ed25519:<base64url>`: pinned here, never fetched. */
  readonly publicKeys: readonly string[];
  /** A decision never rests on a snapshot that was last proved current longer ago. Default 2,000. */
  readonly maxAgeMs?: number | undefined;
  /** Snapshots of an earlier era are refused, by a cold isolate too. */
  readonly minEra?: number | undefined;
  /** Snapshots of an earlier epoch of that era are refused, by a cold isolate too. */
  readonly minEpoch?: number | undefined;
  /** Hears of everything that went wrong behind a decision. Default: `console.warn`. */
  readonly onError?: ((error: Error) => void) | undefined;
  /** Instead of the global `fetch`: a service binding, a proxy, a test. */
  readonly fetch?: Fetch | undefined;
  /** Instead of `Date.now`. */
  readonly clock?: (() => number) | undefined;
}

/** What a decision may use of the request's surroundings. */
export interface EdgeOptions {
  /** The host's context: what is fetched behind a response is kept alive with it. */
  readonly ctx?: { waitUntil(promise: Promise<unknown>): void } | undefined;
}

/** What an edge decides with now. */
export interface EdgeStatus {
  readonly era: number;
  readonly epoch: number;
  /** When the head was signed. */
  readonly issuedAt: number;
  /** When the server last confirmed it. */
  readonly confirmedAt: number;
  /** The number of keys. */
  readonly size: number;
}

/** A verifier that keeps itself current. */
export interface Edge {
  /** Decides a request. Throws only for what is not a request; a server out of reach is no exception. */
  verify(request: RequestLike, options?: EdgeOptions & VerifyOptions): Promise<Decision>;
  /** Decides for a key that the caller has found itself. */
  verifyKey(key: string | null | undefined, options?: EdgeOptions & VerifyKeyOptions): Promise<Decision>;
  /** Decides a request and tells how. */
  explain(request: RequestLike, options?: EdgeOptions & VerifyOptions): Promise<Explanation>;
  /** Brings the snapshot up to date now. Rejects with a `KeywardError` when that fails. */
  refresh(): Promise<void>;
  /** What decisions rest on; `undefined` before the first snapshot. */
  readonly status: EdgeStatus | undefined;
}

/** An edge for one keyspace. Makes no request: safe at module scope. */
export function connect(options: ConnectOptions): Edge {
  return new ConnectedEdge(options);
}

class ConnectedEdge implements Edge {
  readonly #current: Current;
  readonly #maxAge: number;
  readonly #onError: (error: Error) => void;
  readonly #clock: () => number;
  readonly #denials = new Denials();
  /** When the last attempt failed: until `maxAgeMs` later requests need not wait for another. */
  #failedAt = Number.NEGATIVE_INFINITY;
  /** When the refresh that is running behind a response was started; unset when none is. */
  #behindSince = Number.NEGATIVE_INFINITY;
  /** What is running, where requests may wait for one another's work. */
  #running: { readonly since: number; readonly work: Promise<boolean> } | undefined;

  constructor(options: ConnectOptions) {
    const { url, keyspace, token, maxAgeMs = 2_000, fetch = globalThis.fetch } = options;
    const clock = options.clock ?? (() => Date.now());
    const base = URL.canParse(url) ? new URL(url) : undefined;
    if (base === undefined || !/^https?:$/.test(base.protocol))
      throw invalidArgument("url: expected an http(s) address");
    if (typeof keyspace !== "string" || keyspace === "") throw invalidArgument("keyspace: expected a name");
    if (typeof token !== "string" || token === "") throw invalidArgument("token: expected an edge token");
    if (typeof maxAgeMs !== "number" || !(maxAgeMs >= 0 && maxAgeMs < Infinity))
      throw invalidArgument("maxAgeMs: expected milliseconds");
    const trust = {
      keyspace,
      publicKeys: joinedKeys(options.publicKeys),
      minEra: floor("minEra", options.minEra ?? FIRST_ERA),
      minEpoch: floor("minEpoch", options.minEpoch),
    };
    // Called without a receiver: Workers insist on it for their own `fetch`.
    const feed = new Feed(base, keyspace, token, (target, init) => fetch(target, init));
    this.#current = new Current(feed, trust, new Clock(clock));
    this.#maxAge = maxAgeMs;
    this.#clock = clock;
    this.#onError = options.onError ?? ((error) => console.warn(`keyward: ${error.message}`));
  }

  async verify(request: RequestLike, options?: EdgeOptions & VerifyOptions): Promise<Decision> {
    const read = readRequest(request);
    const verifier = await this.#verifier(options);
    return verifier === undefined ? this.#denials.of("stale_snapshot") : verifier.verifyRead(read, options);
  }

  async verifyKey(key: string | null | undefined, options: EdgeOptions & VerifyKeyOptions = {}): Promise<Decision> {
    const { ctx, ...asked } = options;
    const verifier = await this.#verifier({ ctx });
    return verifier === undefined ? this.#denials.of("stale_snapshot") : verifier.verifyKey(key, asked);
  }

  async explain(request: RequestLike, options?: EdgeOptions & VerifyOptions): Promise<Explanation> {
    const read = readRequest(request);
    const verifier = await this.#verifier(options);
    if (verifier === undefined) return unexplained("stale_snapshot", "no snapshot could be loaded yet");
    return verifier.explainRead(read, options);
  }

  async refresh(): Promise<void> {
    const signal = AbortSignal.timeout(LOAD_MS);
    await this.#current.refresh(this.#clock(), signal, signal);
  }

  get status(): EdgeStatus | undefined {
    const { snapshot, confirmedAt } = this.#current;
    if (snapshot === undefined) return undefined;
    const { era, epoch, issuedAt } = snapshot.head;
    return { era, epoch, issuedAt, confirmedAt, size: snapshot.verifier.size };
  }

  /** The verifier to decide with, after as much waiting as its age calls for. */
  async #verifier(options: EdgeOptions | undefined): Promise<LatchedVerifier | undefined> {
    const now = this.#clock();
    if (this.#current.snapshot === undefined) {
      await this.#attempt(now, AbortSignal.timeout(LOAD_MS));
    } else if (!this.#within(this.#maxAge, now)) {
      await this.#check(now, options);
    } else if (!this.#within(this.#maxAge / 2, now)) {
      this.#refreshBehind(now, options);
    }
    return this.#current.snapshot?.verifier;
  }

  /** Was the last proof, or the last failure to get one, at most `age` ago? A clock that went back says no. */
  #within(age: number, now: number): boolean {
    const elapsed = now - Math.max(this.#current.confirmedAt, this.#failedAt);
    return elapsed >= 0 && elapsed <= age;
  }

  /** Waits for news, but not long: what takes longer goes on behind the response. */
  async #check(now: number, options: EdgeOptions | undefined): Promise<void> {
    const soon = AbortSignal.timeout(CHECK_MS);
    const work = this.#attempt(now, soon);
    const outlives = sharesWork || options?.ctx !== undefined;
    options?.ctx?.waitUntil(work);
    // Work that ends with this request has to be waited for, or a large snapshot would never arrive.
    await (outlives ? Promise.race([work, aborted(soon)]) : work);
  }

  #refreshBehind(now: number, options: EdgeOptions | undefined): void {
    const running = now - this.#behindSince;
    if (running >= 0 && running < LOAD_MS) return;
    if (!sharesWork && options?.ctx === undefined) return;
    this.#behindSince = now;
    const work = this.#attempt(now, AbortSignal.timeout(LOAD_MS)).finally(() => {
      this.#behindSince = Number.NEGATIVE_INFINITY;
    });
    options?.ctx?.waitUntil(work);
  }

  /** One refresh, reported rather than thrown. Joins the one that is running, where the host allows that. */
  #attempt(now: number, forHead: AbortSignal): Promise<boolean> {
    const running = this.#running;
    if (sharesWork && running !== undefined && now - running.since <= this.#maxAge) return running.work;
    const work = this.#current.refresh(now, forHead, AbortSignal.timeout(LOAD_MS)).then(
      () => true,
      (error: unknown) => {
        this.#failedAt = this.#clock();
        this.#report(error);
        return false;
      },
    );
    const started = { since: now, work };
    this.#running = started;
    void work.then(() => {
      if (this.#running === started) this.#running = undefined;
    });
    return work;
  }

  #report(error: unknown): void {
    try {
      this.#onError(error instanceof Error ? error : new Error(String(error)));
    } catch (thrown) {
      console.error("keyward: onError threw", thrown);
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

/**
 * `connect`: a verifier that keeps itself current against a Keyward server.
 *
 * Nothing is fetched before the first request. From then on a decision is made with a snapshot that was proved current
 * at most `maxAgeMs` ago, as long as the server answers within 250 ms; when it does not, the last good snapshot goes on
 * deciding within the limits that its head was signed with.
 */
import { Clock } from "../clock.js";
import { type Decision, Denials } from "../decision.js";
import { invalidArgument } from "../error.js";
import { type Explanation, unexplained } from "../explanation.js";
import { readRequest, type RequestLike } from "../request.js";
import type { Peppers } from "../peppers.js";
import { ownMembers } from "../plain.js";
import { packTrust } from "../trust.js";
import type { RouteHandle, VerifyKeyOptions, VerifyOptions } from "../verifier.js";
import type { Context } from "./context.js";
import { Feed, type Fetch } from "./feed.js";
import { Current } from "./refresh.js";
import { Upkeep } from "./upkeep.js";

/** Where the keyspace is, and whom to trust about it. */
export interface ConnectOptions {
  /** Address of the Keyward server, without a user name. Over `http:` the token travels in clear. */
  readonly url: string | URL;
  readonly keyspace: string;
  /** An edge token with the right `snapshot.read`. */
  readonly token: string;
  /** Root public keys of the keyspace, `ed25519:<base64url>`: pinned here, never fetched. */
  readonly publicKeys: readonly string[];
  /**
   * A request that finds the snapshot last proved current longer ago asks the server before it decides. It waits 250 ms
   * for the answer; without one, the snapshot decides all the same, and later requests profit from what comes in behind
   * the response. After a failure the server is asked again in 250 ms, then in twice that, up to half of this; where
   * work outlives its request, behind responses. Default 2,000.
   */
  readonly maxAgeMs?: number | undefined;
  /** Snapshots of an earlier era are refused, by a cold isolate too. */
  readonly minEra?: number | undefined;
  /** Snapshots of an earlier epoch of that era are refused, by a cold isolate too. */
  readonly minEpoch?: number | undefined;
  /** The secrets that the keyspace's digests are keyed with, if any are. They are never in a snapshot. */
  readonly peppers?: Peppers | undefined;
  /** Hears of everything that went wrong behind a decision. Default: `console.warn`. */
  readonly onError?: ((error: Error) => void) | undefined;
  /**
   * Instead of the global `fetch`: a proxy, a test, a service binding. It is called without a receiver, so a service
   * binding goes in as `(...args) => env.KEYWARD.fetch(...args)`.
   */
  readonly fetch?: Fetch | undefined;
  /** Instead of `Date.now`. */
  readonly clock?: (() => number) | undefined;
}

/** What a decision may use of the request's surroundings. */
export interface EdgeOptions {
  /**
   * The host's context: what is fetched behind a response is kept alive with it. Workers need it: without, an answer that
   * takes the server longer than 250 ms is lost with the request that asked, and the snapshot grows old.
   */
  readonly ctx?: Context | undefined;
}

/** What to ask an edge about a key. It has no `route`: a handle belongs to one snapshot's verifier. */
export type EdgeKeyOptions = EdgeOptions & Exclude<VerifyKeyOptions, { readonly route: RouteHandle }>;

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
  verifyKey(key: string | null | undefined, options?: EdgeKeyOptions): Promise<Decision>;
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
  readonly #upkeep: Upkeep;
  readonly #denials = new Denials();

  constructor(given: ConnectOptions) {
    const options = ownMembers(given, "options");
    const { keyspace, token, maxAgeMs = 2_000, fetch = globalThis.fetch } = options;
    const clock = options.clock ?? (() => Date.now());
    const onError = options.onError ?? ((error) => console.warn(`keyward: ${error.message}`));
    const base = serverAddress(options.url);
    if (typeof keyspace !== "string" || keyspace === "") throw invalidArgument("keyspace: expected a name");
    // What cannot stand in a header would be quoted by the host's error.
    if (typeof token !== "string" || !/^[\x21-\x7e]+$/.test(token)) {
      throw invalidArgument("token: expected an edge token, visible ASCII without spaces");
    }
    if (typeof maxAgeMs !== "number" || !(maxAgeMs >= 0 && maxAgeMs < Infinity)) {
      throw invalidArgument("maxAgeMs: expected milliseconds");
    }
    if (typeof fetch !== "function") throw invalidArgument("fetch: expected a function");
    const trust = packTrust(options);
    // Called without a receiver: Workers insist on it for their own `fetch`.
    const feed = new Feed(base, keyspace, token, async (target, init) => fetch(target, init));
    this.#current = new Current(feed, trust, new Clock(clock));
    this.#upkeep = new Upkeep(this.#current, maxAgeMs, clock, (error) => report(error, onError));
  }

  async verify(request: RequestLike, options?: EdgeOptions & VerifyOptions): Promise<Decision> {
    const read = readRequest(request);
    const verifier = await this.#upkeep.verifier(options?.ctx);
    return verifier === undefined ? this.#denials.of("stale_snapshot") : verifier.verifyRead(read, options);
  }

  async verifyKey(key: string | null | undefined, options?: EdgeKeyOptions): Promise<Decision> {
    const verifier = await this.#upkeep.verifier(options?.ctx);
    return verifier === undefined ? this.#denials.of("stale_snapshot") : verifier.verifyKey(key, options);
  }

  async explain(request: RequestLike, options?: EdgeOptions & VerifyOptions): Promise<Explanation> {
    const read = readRequest(request);
    const verifier = await this.#upkeep.verifier(options?.ctx);
    if (verifier === undefined) return unexplained("stale_snapshot", "no snapshot could be loaded yet");
    return verifier.explainRead(read, options);
  }

  refresh(): Promise<void> {
    return this.#upkeep.refresh();
  }

  get status(): EdgeStatus | undefined {
    const { snapshot, confirmedAt } = this.#current;
    if (snapshot === undefined) return undefined;
    const { era, epoch, issuedAt } = snapshot.head;
    return { era, epoch, issuedAt, confirmedAt, size: snapshot.verifier.size };
  }
}

/** An address without credentials: errors name it. */
function serverAddress(url: string | URL): URL {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (address === undefined || !/^https?:$/.test(address.protocol)) {
    throw invalidArgument("url: expected an http(s) address");
  }
  if (address.username !== "" || address.password !== "") {
    throw invalidArgument("url: expected an address without user name and password; the token is given apart");
  }
  return address;
}

function report(error: unknown, onError: (error: Error) => void): void {
  try {
    onError(error instanceof Error ? error : new Error(String(error)));
  } catch (thrown) {
    console.error("keyward: onError threw", thrown);
  }
}

/// <reference lib="esnext.disposable" preserve="true" />
/**
 * What a verifier can be asked.
 */
import type { Decision } from "./decision.js";
import type { Explanation } from "./explanation.js";
import type { RequestLike } from "./request.js";

/** When to decide for. */
export interface VerifyOptions {
  /** Milliseconds since the epoch instead of the host's clock. What is no time (0, negative, NaN) denies. */
  readonly now?: number | undefined;
}

/** What to ask about a key besides that it is genuine and alive: nothing, a request, a scope, or a resolved route. */
export type VerifyKeyOptions = VerifyOptions &
  (
    | { readonly method?: never; readonly path?: never; readonly scope?: never; readonly route?: never }
    | { readonly method: string; readonly path: string; readonly scope?: never; readonly route?: never }
    | { readonly scope: string; readonly method?: never; readonly path?: never; readonly route?: never }
    | { readonly route: RouteHandle; readonly method?: never; readonly path?: never; readonly scope?: never }
  );

/** A route of one verifier's profile, resolved once and decided many times. */
export interface RouteHandle {
  readonly method: string;
  readonly path: string;
}

/** Verifies keys against the records or the snapshot it was made from. Makes no request and waits for nothing. */
export interface Verifier {
  /** Decides a request: finds the credential, verifies it, and asks whether it may do what the request asks. */
  verify(request: RequestLike, options?: VerifyOptions): Decision;
  /** Decides for a key that the caller has found itself; `null` and `undefined` are a missing credential. */
  verifyKey(key: string | null | undefined, options?: VerifyKeyOptions): Decision;
  /** Resolves a route, by a path or by a pattern of the profile. Throws a `KeywardError` when no rule matches. */
  route(method: string, path: string): RouteHandle;
  /** Decides a request and tells how. */
  explain(request: RequestLike, options?: VerifyOptions): Explanation;
  /** Decides for a key and tells how. */
  explainKey(key: string, options?: VerifyKeyOptions): Explanation;
  /** The snapshot's epoch: how many changes the keyspace had seen. 0 for records. */
  readonly epoch: number;
  /** The snapshot's era. 0 for records. */
  readonly era: number;
  /** When the snapshot's head was signed, in ms; 0 for records. */
  readonly issuedAt: number;
  /** The number of keys. */
  readonly size: number;
  /** Lets go of the keys. A verifier that has been disposed of throws. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/// <reference lib="esnext.disposable" preserve="true" />
/**
 * What a verifier can be asked.
 */
import type { Decision } from "./decision.js";
import type { Explanation } from "./explanation.js";
import type { RequestLike } from "./request.js";

/** A value that a call uses: a whole number or a text, as the profile's constraint has it. */
export type ContextValue = string | number;

/**
 * What a call is about, by the names of the profile's constraints: one value, or a list, each of which has to be
 * allowed. To a key that is limited in it, an empty list is never allowed, and what is left out is not either.
 */
export interface ContextValues {
  readonly [dimension: string]: ContextValue | readonly ContextValue[] | undefined;
}

/** What a decision rests on besides the key and the call. */
export interface VerifyOptions {
  /** What the call is about, for keys with constraints. A name that the profile does not know throws. */
  readonly context?: ContextValues | undefined;
  /**
   * The client's address, as the host knows it: `192.0.2.7`, `2001:db8::7`. Without it, or with what is no address, a
   * key that is limited to networks is refused. Never take it from a header that a client can set.
   */
  readonly clientAddress?: string | null | undefined;
  /** Units that the call takes from the key's rate, instead of what its route says: 0 to 1,000,000. 0 only asks. */
  readonly cost?: number | undefined;
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
  /**
   * Resolves a route, by a path or by a pattern of the profile. A path that no rule lists is one that only keys which open
   * everything may call. Throws a `KeywardError` for a pattern that is not the profile's, and for what can be read in two
   * ways.
   */
  route(method: string, path: string): RouteHandle;
  /** Decides a request and tells how. Takes nothing from the key's rate. */
  explain(request: RequestLike, options?: VerifyOptions): Explanation;
  /** Decides for a key and tells how. Takes nothing from the key's rate. */
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
  /** The same, at the end of a `using` declaration's block. */
  [Symbol.dispose](): void;
}

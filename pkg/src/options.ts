/**
 * What the options of a question say, each member read once. A member that is misspelt, an object that is something
 * else than options, or a prototype that was tampered with must never turn into asking less.
 */
import { invalidArgument } from "./error.js";
import { isPlain } from "./plain.js";
import { ResolvedRoute } from "./route.js";
import type { Verifier } from "./verifier.js";

/** Options before anything of them is known. */
export interface UnreadOptions {
  readonly method?: unknown;
  readonly path?: unknown;
  readonly scope?: unknown;
  readonly route?: unknown;
  readonly now?: unknown;
  readonly context?: unknown;
  readonly clientAddress?: unknown;
  readonly cost?: unknown;
}

/** What options that were left out say: its members are its own, so that no prototype speaks for them. */
export const NO_OPTIONS: UnreadOptions = Object.freeze({
  method: undefined,
  path: undefined,
  scope: undefined,
  route: undefined,
  now: undefined,
  context: undefined,
  clientAddress: undefined,
  cost: undefined,
});

/** Options that say how to decide, not what about. `ctx` is an edge's. */
const HOW: ReadonlySet<string> = new Set(["now", "context", "clientAddress", "cost", "ctx"]);

/** The options of a question about a key, if they can be some. */
export function keyOptions(options: object): UnreadOptions {
  if (isPlain(options)) return options;
  throw invalidArgument("options: expected a plain object such as { method, path } or { scope }");
}

/** The options of a question about a request: the request says what is asked, so they say only how. */
export function requestOptions(options: object): UnreadOptions {
  if (!isPlain(options)) throw invalidArgument("options: expected a plain object such as { context, clientAddress }");
  for (const member in options) {
    if (!HOW.has(member)) throw invalidArgument(`${member}: a request is asked about as it is; leave this out`);
  }
  return options;
}

/** The time that options give; `undefined` for the clock's. */
export function readNow(options: UnreadOptions): number | undefined {
  const { now } = options;
  // An own member: an inherited time could bring back a key that has expired.
  if (now === undefined || !Object.hasOwn(options, "now")) return undefined;
  if (typeof now !== "number") throw invalidArgument("now: expected a number of milliseconds");
  return now;
}

/**
 * What is asked besides that the key is genuine and alive, where it is no call: a scope, the number of a route, or
 * nothing. The members that say so have been read and are handed over, so that a call needs no look at the others.
 */
export function readAsk(
  options: UnreadOptions,
  owner: Verifier,
  calls: boolean,
  scope: unknown,
  route: unknown,
): string | number | undefined {
  if (options === NO_OPTIONS) return undefined;
  if (typeof scope === "string" && route === undefined && !calls) return scope;
  if (route instanceof ResolvedRoute && route.owner === owner && scope === undefined && !calls) return route.number;
  for (const member in options) {
    if (member === "route") throw invalidArgument("route: expected a handle from this verifier's route(), alone");
    if (!HOW.has(member)) throw invalidArgument(`${member}: expected a method with a path, or a scope, or a route`);
  }
  if (!calls && scope === undefined && route === undefined) return undefined;
  // What no enumeration shows.
  throw invalidArgument("options: expected a method with a path, or a scope, or a route");
}

/**
 * What is read of a request: method, URL, and the headers in which the profile's credentials stand. Everything is read
 * before anything is decided, so that a getter which throws leaves nothing half done.
 */
import { invalidArgument } from "./error.js";
import { kindOf } from "./plain.js";

/** Headers in any of the usual shapes. Names are compared without case. */
export type HeadersLike =
  | Headers
  | Iterable<readonly [name: string, value: string]>
  | { readonly [name: string]: string | readonly string[] | undefined };

/** A request: the platform's `Request`, Node's `IncomingMessage`, or anything of this shape. */
export interface RequestLike {
  /** Absent means `GET`, as for `fetch`. */
  readonly method?: string | undefined;
  /** Absolute, or from the path on. A string is used as it stands, unparsed. */
  readonly url?: string | undefined;
  readonly headers: HeadersLike;
  /** Node's: names and values in turn, as they came. Its `headers` keep the first `Authorization` and hide a second. */
  readonly rawHeaders?: readonly string[] | undefined;
}

/** A request whose headers are still to be read: which of them count, the profile says. */
export interface ReadRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: HeadersLike;
  readonly rawHeaders: unknown;
}

/** Reads a request once. Throws `invalid_argument` for what is not one. */
export function readRequest(request: RequestLike): ReadRequest {
  if (typeof request !== "object" || request === null) throw invalidArgument("request: expected an object");
  const { method = "GET", url, headers, rawHeaders } = request;
  if (typeof method !== "string") throw invalidArgument("request.method: expected a string");
  if (typeof url !== "string") throw invalidArgument("request.url: expected a string");
  if (typeof headers !== "object" || headers === null) throw invalidArgument("request.headers: expected headers");
  return { method, url, headers, rawHeaders };
}

/** The values of the headers that count, in the profile's order; `undefined` for one that is absent. */
export type Credentials = [string | undefined, string | undefined, string | undefined, string | undefined];

/** The values of no header at all. */
export const NO_CREDENTIALS: Readonly<Credentials> = [undefined, undefined, undefined, undefined];

/**
 * The values of the headers called `names`: at most four, in lower case. Several of one name are joined by a comma, as
 * hosts do.
 */
export function credentials({ headers, rawHeaders }: ReadRequest, names: readonly string[]): Credentials {
  const found = valuesOf(headers, names);
  if (Array.isArray(rawHeaders)) addHidden(rawHeaders, names, found);
  return found;
}

/** The hosts' `Headers` are told by a method of theirs: the global class is costly to name in some of them. */
function valuesOf(headers: HeadersLike, names: readonly string[]): Credentials {
  const found: Credentials = [undefined, undefined, undefined, undefined];
  if ("getSetCookie" in headers && typeof headers.getSetCookie === "function") {
    for (let at = 0; at < names.length; at++) found[at] = (headers as Headers).get(names[at] ?? "") ?? undefined;
    return found;
  }
  if (Symbol.iterator in headers) {
    for (const [name, value] of headers as Iterable<readonly [unknown, unknown]>) {
      const at = position(name, names);
      if (at >= 0) add(found, names, at, value);
    }
    return found;
  }
  for (const name of Object.keys(headers)) {
    const at = position(name, names);
    if (at < 0) continue;
    const value: unknown = (headers as Record<string, unknown>)[name];
    if (Array.isArray(value)) for (const one of value) add(found, names, at, one);
    else if (value !== undefined) add(found, names, at, value);
  }
  return found;
}

function add(found: Credentials, names: readonly string[], at: number, value: unknown): void {
  if (typeof value !== "string") {
    throw invalidArgument(`request.headers.${names[at]}: expected a string, found ${kindOf(value)}`);
  }
  const before = found[at];
  found[at] = before === undefined ? value : `${before}, ${value}`;
}

/** What is hidden counts: where raw headers hold more than one of a name, several came in, whichever is shown. */
function addHidden(rawHeaders: readonly unknown[], names: readonly string[], found: Credentials): void {
  const counts = names.map(() => 0);
  for (let raw = 0; raw < rawHeaders.length; raw += 2) {
    const at = position(rawHeaders[raw], names);
    const shown = found[at];
    if (shown === undefined) continue;
    counts[at] = (counts[at] ?? 0) + 1;
    if (counts[at] === 2) found[at] = `${shown}, ${shown}`;
  }
}

/** Which of `names` a header's name is; -1 for none. */
function position(name: unknown, names: readonly string[]): number {
  if (typeof name !== "string") return -1;
  for (let at = 0; at < names.length; at++) {
    const known = names[at];
    if (name === known || (name.length === known?.length && name.toLowerCase() === known)) return at;
  }
  return -1;
}

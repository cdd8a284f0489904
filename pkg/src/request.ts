/**
 * What is read of a request: method, URL and the `Authorization` header. Everything is read before anything is
 * decided, so that a getter which throws leaves nothing half done.
 */
import { invalidArgument } from "./error.js";

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

/** What the verifier needs of a request. */
export interface ReadRequest {
  /** `undefined`: the header is absent. Several are joined by a comma, as hosts do. */
  readonly authorization: string | undefined;
  readonly method: string;
  readonly url: string;
}

/** Reads a request once. Throws `invalid_argument` for what is not one. */
export function readRequest(request: RequestLike): ReadRequest {
  if (typeof request !== "object" || request === null) throw invalidArgument("request: expected an object");
  const { method = "GET", url, headers, rawHeaders } = request;
  if (typeof method !== "string") throw invalidArgument("request.method: expected a string");
  if (typeof url !== "string") throw invalidArgument("request.url: expected a string");
  if (typeof headers !== "object" || headers === null) throw invalidArgument("request.headers: expected headers");
  const shown = authorizationOf(headers);
  // What is hidden counts: two came in, whichever of them is shown.
  const authorization = shown !== undefined && hidesOne(rawHeaders) ? `${shown}, ${shown}` : shown;
  return { authorization, method, url };
}

/** The hosts' `Headers` are told by a method of theirs: the global class is costly to name in some of them. */
function authorizationOf(headers: HeadersLike): string | undefined {
  if ("getSetCookie" in headers && typeof headers.getSetCookie === "function") {
    return (headers as Headers).get("authorization") ?? undefined;
  }
  let found: string | undefined;
  const add = (value: unknown): void => {
    if (typeof value !== "string") throw invalidArgument("request.headers: authorization: expected a string");
    found = found === undefined ? value : `${found}, ${value}`;
  };
  if (Symbol.iterator in headers) {
    for (const [name, value] of headers as Iterable<readonly [unknown, unknown]>) {
      if (isAuthorization(name)) add(value);
    }
    return found;
  }
  for (const name of Object.keys(headers)) {
    if (!isAuthorization(name)) continue;
    const value: unknown = (headers as Record<string, unknown>)[name];
    if (Array.isArray(value)) value.forEach(add);
    else if (value !== undefined) add(value);
  }
  return found;
}

/** Whether raw headers of Node hold more than one `Authorization`. */
function hidesOne(rawHeaders: unknown): boolean {
  if (!Array.isArray(rawHeaders)) return false;
  return rawHeaders.filter((name, at) => at % 2 === 0 && isAuthorization(name)).length > 1;
}

function isAuthorization(name: unknown): boolean {
  return typeof name === "string" && name.length === 13 && name.toLowerCase() === "authorization";
}

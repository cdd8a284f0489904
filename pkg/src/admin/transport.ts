/**
 * How the calls of the management API travel: `fetch`, an operator key, retries where they can do no harm.
 */
import { invalidArgument, KeywardError } from "../error.js";
import { type Page, Paged } from "./paged.js";
import { type ProblemError, problemOf } from "./problem.js";

/** An operator key, or whatever fetches one when it is needed: a secret store. */
export type Credential = string | (() => string | Promise<string>);

/** Where the server is and who calls. */
export interface AdminOptions {
  /** Where the server is: `https://keys.example.com`. Plain HTTP is for this machine only. */
  readonly url: string;
  /** The operator key, or what fetches it. It is sent to this server and nowhere else. */
  readonly key: Credential;
  /** How long a call may take, retries included, in ms; 30,000 by default. */
  readonly timeoutMs?: number | undefined;
  /** How often a call is tried again that can do no harm twice: 2 by default. */
  readonly retries?: number | undefined;
  /** Another `fetch` than the host's. */
  readonly fetch?: typeof fetch | undefined;
}

/** What one call may be told besides. */
export interface CallOptions {
  /** Ends the call early. */
  readonly signal?: AbortSignal | undefined;
}

/** One call. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  readonly ifMatch?: string | undefined;
  /** Present, if only as `undefined`, where the call takes one. */
  readonly idempotencyKey?: string | undefined;
  /** The answer has no content. */
  readonly empty?: boolean;
}

const DEFAULT_TIMEOUT = 30_000;
const DEFAULT_RETRIES = 2;
/** Before the first retry, in ms; twice as long before each further one, with chance in it. */
const FIRST_PAUSE = 200;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Sends calls to one server. */
export class Transport {
  readonly #base: string;
  readonly #key: Credential;
  readonly #timeout: number;
  readonly #retries: number;
  readonly #fetch: typeof fetch;

  constructor({ url, key, timeoutMs = DEFAULT_TIMEOUT, retries = DEFAULT_RETRIES, fetch: own }: AdminOptions) {
    this.#base = baseOf(url);
    if (typeof key !== "string" && typeof key !== "function") {
      throw invalidArgument("key: expected an operator key, or a function that gives one");
    }
    this.#key = key;
    this.#timeout = timeoutMs;
    this.#retries = retries;
    // Some hosts refuse a `fetch` that is called as a member of something else.
    this.#fetch = own ?? ((input, init) => fetch(input, init));
  }

  /** Sends a call and reads its answer; a refusal is thrown. */
  async send<T>(call: Call, { signal }: CallOptions = {}): Promise<T> {
    const end = AbortSignal.timeout(this.#timeout);
    const until = signal === undefined ? end : AbortSignal.any([signal, end]);
    // Made once: every try of one call is the same request to the server.
    const request = await this.#request(call);
    const isSafe = call.method === "GET" || "idempotencyKey" in call;
    for (let tried = 0; ; tried += 1) {
      const outcome = await this.#try(call, { ...request, signal: until }).catch((thrown: unknown) =>
        lost(thrown, until),
      );
      if (!(outcome instanceof KeywardError)) {
        return (call.empty ? undefined : await outcome.json()) as T;
      }
      const mayHelp = outcome.code === "unreachable" || (outcome as ProblemError).status === 503;
      if (!isSafe || !mayHelp || tried >= this.#retries || until.aborted) throw outcome;
      await pause(Math.max(FIRST_PAUSE * 2 ** tried * (0.5 + Math.random()), waitOf(outcome)), until);
    }
  }

  /** A list, to be walked over. */
  list<T>(call: Call, options?: CallOptions): Paged<T> {
    return new Paged((cursor) => this.send<Page<T>>({ ...call, query: { ...call.query, cursor } }, options));
  }

  async #try({ path, query }: Call, request: RequestInit): Promise<Response | ProblemError> {
    const reply = await this.#fetch(`${this.#base}${path}${search(query)}`, request);
    return reply.ok ? reply : problemOf(reply);
  }

  async #request(call: Call): Promise<RequestInit> {
    const key = typeof this.#key === "function" ? await this.#key() : this.#key;
    if (typeof key !== "string" || !/^[\x21-\x7e]+$/.test(key)) {
      throw invalidArgument("key: expected an operator key, one word of ASCII");
    }
    const headers: Record<string, string> = { accept: "application/json", authorization: `Bearer ${key}` };
    if (call.body !== undefined) headers["content-type"] = "application/json";
    if (call.ifMatch !== undefined) headers["if-match"] = call.ifMatch;
    if ("idempotencyKey" in call) headers["idempotency-key"] = call.idempotencyKey ?? crypto.randomUUID();
    return {
      method: call.method,
      headers,
      // A redirect would carry the operator key elsewhere.
      redirect: "error",
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    };
  }
}

/** A segment of a path. An empty one, or one of dots, would make another path of it. */
export function segment(name: string, value: string): string {
  if (typeof value !== "string" || value === "" || value === "." || value === "..") {
    throw invalidArgument(`${name}: expected an id`);
  }
  return encodeURIComponent(value);
}

function baseOf(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw invalidArgument("url: expected a URL such as https://keys.example.com");
  }
  const isSecure = url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.test(url.hostname));
  if (!isSecure) throw invalidArgument("url: an operator key travels by https, or to this machine");
  if (url.search !== "" || url.hash !== "" || url.username !== "" || url.password !== "") {
    throw invalidArgument("url: expected a URL without user, query and fragment");
  }
  return url.href.replace(/\/+$/, "");
}

function search(query: Call["query"]): string {
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== undefined);
  return given.length === 0 ? "" : `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}

/** What it means that no answer came. */
function lost(thrown: unknown, until: AbortSignal): KeywardError {
  if (until.aborted) return new KeywardError("aborted", "the call was ended before its answer", { cause: thrown });
  return new KeywardError("unreachable", "the server could not be reached", { cause: thrown });
}

function waitOf(outcome: KeywardError): number {
  return (outcome as ProblemError).retryAfterMs ?? 0;
}

function pause(ms: number, until: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    until.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}

/**
 * The files of a keyspace over HTTP. What arrives is bytes that nobody has vouched for yet; it is bounded in size and
 * time, and the token goes to the configured origin only.
 */
import { KeywardError } from "../error.js";

/** A head is a few hundred bytes. */
const MAX_HEAD = 64 * 1024;

/** `fetch`, or something that answers like it. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** A head as it came, with the tag to ask for the next one by. */
export interface FetchedHead {
  readonly bytes: Uint8Array;
  readonly etag: string | undefined;
}

/** Where a keyspace's files are. */
export class Feed {
  readonly #base: string;
  readonly #token: string;
  readonly #fetch: Fetch;

  constructor(url: URL, keyspace: string, token: string, fetch: Fetch) {
    const root = url.href.replace(/[?#].*$/, "").replace(/\/+$/, "");
    this.#base = `${root}/v1/keyspaces/${encodeURIComponent(keyspace)}`;
    this.#token = token;
    this.#fetch = fetch;
  }

  /** The head, or `undefined` when it is still the one with this tag. */
  async head(etag: string | undefined, signal: AbortSignal): Promise<FetchedHead | undefined> {
    const response = await this.#get("/head", etag === undefined ? {} : { "if-none-match": etag }, signal);
    if (response.status === 304 && etag !== undefined) return undefined;
    const bytes = await this.#body(response, "/head", MAX_HEAD, signal);
    return { bytes, etag: response.headers.get("etag") ?? undefined };
  }

  /** A shard, of the length that a signed head has named. */
  async shard(index: number, length: number, signal: AbortSignal): Promise<Uint8Array> {
    const path = `/snapshot/${index}`;
    return this.#body(await this.#get(path, {}, signal), path, length, signal);
  }

  async #get(path: string, headers: Record<string, string>, signal: AbortSignal): Promise<Response> {
    try {
      const init: RequestInit = {
        headers: { authorization: `Bearer ${this.#token}`, ...headers },
        // Not followed: the token is for this origin.
        redirect: "manual",
        signal,
      };
      return await before(signal, this.#fetch(this.#base + path, init).then(requireResponse));
    } catch (cause) {
      throw unavailable(`GET ${this.#base}${path} failed: ${said(cause)}`, cause);
    }
  }

  /** The body of a 200, at most `limit` bytes of it. */
  async #body(response: Response, path: string, limit: number, signal: AbortSignal): Promise<Uint8Array> {
    if (response.status !== 200) {
      discard(response);
      throw unavailable(`GET ${this.#base}${path} answered ${response.status}`);
    }
    try {
      return await readBounded(response, limit, signal);
    } catch (cause) {
      throw unavailable(`GET ${this.#base}${path} broke off: ${said(cause)}`, cause);
    }
  }
}

/** Reads a body that may be as long as its sender likes. */
async function readBounded(response: Response, limit: number, signal: AbortSignal): Promise<Uint8Array> {
  const reader = (response.body ?? new Response("").body!).getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await before(signal, reader.read());
      if (done) break;
      length += value.length;
      if (length > limit) throw new Error(`more than ${limit} bytes`);
      chunks.push(value);
    }
  } catch (cause) {
    void reader.cancel().catch(() => undefined);
    throw cause;
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** What `work` comes to before `signal` is aborted, whether or not the `fetch` that was given heeds signals itself. */
function before<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason as Error);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    const done = () => signal.removeEventListener("abort", stop);
    work.then(resolve, reject).then(done, done);
  });
}

/** A `fetch` that a program brings along may answer with anything. */
function requireResponse(answer: unknown): Response {
  const { status, headers } = (answer ?? {}) as Partial<Response>;
  if (typeof status === "number" && typeof headers?.get === "function") return answer as Response;
  throw new TypeError("fetch gave no Response");
}

/** Lets go of a body that nobody will read. */
function discard({ body }: Response): void {
  if (typeof body?.cancel === "function") void body.cancel().catch(() => undefined);
}

function unavailable(message: string, cause?: unknown): KeywardError {
  return new KeywardError("snapshot_unavailable", message, { cause });
}

function said(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

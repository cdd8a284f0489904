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
    const bytes = await this.#body(response, "/head", MAX_HEAD);
    return { bytes, etag: response.headers.get("etag") ?? undefined };
  }

  /** A shard, of the length that a signed head has named. */
  async shard(index: number, length: number, signal: AbortSignal): Promise<Uint8Array> {
    const path = `/snapshot/${index}`;
    return this.#body(await this.#get(path, {}, signal), path, length);
  }

  async #get(path: string, headers: Record<string, string>, signal: AbortSignal): Promise<Response> {
    try {
      return await this.#fetch(this.#base + path, {
        headers: { authorization: `Bearer ${this.#token}`, ...headers },
        // Not followed: the token is for this origin.
        redirect: "manual",
        signal,
      });
    } catch (cause) {
      throw unavailable(`GET ${this.#base}${path} failed: ${said(cause)}`, cause);
    }
  }

  /** The body of a 200, at most `limit` bytes of it. */
  async #body(response: Response, path: string, limit: number): Promise<Uint8Array> {
    if (response.status !== 200) {
      await response.body?.cancel().catch(() => undefined);
      throw unavailable(`GET ${this.#base}${path} answered ${response.status}`);
    }
    try {
      return await readBounded(response, limit);
    } catch (cause) {
      throw unavailable(`GET ${this.#base}${path} broke off: ${said(cause)}`, cause);
    }
  }
}

/** Reads a body that may be as long as its sender likes. */
async function readBounded(response: Response, limit: number): Promise<Uint8Array> {
  const reader = (response.body ?? new Response("").body!).getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > limit) {
      await reader.cancel();
      throw new Error(`more than ${limit} bytes`);
    }
    chunks.push(value);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

function unavailable(message: string, cause?: unknown): KeywardError {
  return new KeywardError("snapshot_unavailable", message, { cause });
}

function said(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

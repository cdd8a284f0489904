/**
 * Puts the strings of a question into an instance's input buffer, one after another in the order of the arguments, and
 * gives their lengths.
 */
import { MAX_KEY } from "./keys.js";
import type { Credentials } from "./request.js";
import type { Scratch } from "./scratch.js";
import { MAX_CONTEXT, putSurroundings, type Surroundings } from "./surroundings.js";

const MAX_HEADER = 8 * 1024;
const MAX_METHOD = 64;
const MAX_PATH = 8 * 1024;
/** A request crosses with the values of so many headers. */
const MAX_HEADERS = 4;
/** The module's number for "the header is absent". */
const ABSENT = 0xffff_ffff;

/**
 * What stands in for a string that is too long to cross. It is malformed in every format, so the module refuses it
 * itself, in its own order of checks.
 */
const MALFORMED = "\u0000";

/** The way into one instance. */
export class Inputs {
  readonly #scratch: Scratch;
  /** How long a header may be, so that all of them fit beside path and context. */
  readonly #maxHeader: number;
  /** The lengths of the headers that were put last. */
  readonly lengths: [number, number, number, number] = [ABSENT, ABSENT, ABSENT, ABSENT];
  /** The length of the URL that was put last. */
  urlLength = 0;

  /** For profiles that read credentials from `headers` headers. */
  constructor(scratch: Scratch, headers: number) {
    if (headers > MAX_HEADERS) throw new Error(`credentials in ${headers} headers`);
    this.#scratch = scratch;
    const room = scratch.size - MAX_PATH - MAX_CONTEXT;
    this.#maxHeader = Math.min(MAX_HEADER, Math.floor(room / Math.max(1, headers)));
  }

  /** Puts a key, first of all. */
  key(key: string): number {
    this.#scratch.refresh();
    const length = this.#scratch.first(key, MAX_KEY);
    return length < 0 ? this.#malformed(0) : length;
  }

  /** Puts a method, first of all. */
  method(method: string): number {
    this.#scratch.refresh();
    return this.#put(0, method, MAX_METHOD);
  }

  path(offset: number, path: string): number {
    return this.#put(offset, path, MAX_PATH);
  }

  /** Puts headers and URL, first of all; gives where the headers end. */
  headers(values: Readonly<Credentials>, url: string): number {
    const scratch = this.#scratch;
    const lengths = this.lengths;
    scratch.refresh();
    let whole = "";
    let fits = url.length <= MAX_PATH;
    for (let at = 0; at < MAX_HEADERS; at++) {
      const value = values[at];
      lengths[at] = value === undefined ? ABSENT : value.length;
      if (value === undefined) continue;
      fits &&= value.length <= this.#maxHeader;
      whole += value;
    }
    if (fits) {
      // All in one go; that is right if every character took one byte.
      const end = whole.length;
      whole += url;
      this.urlLength = url.length;
      if (scratch.first(whole, whole.length) === whole.length) return end;
    }
    let end = 0;
    for (let at = 0; at < MAX_HEADERS; at++) {
      const value = values[at];
      if (value !== undefined) end += lengths[at] = this.#put(end, value, this.#maxHeader);
    }
    this.urlLength = this.path(end, url);
    return end;
  }

  /** Puts the surroundings, behind everything else. */
  around(offset: number, around: Surroundings | undefined): number {
    return around === undefined || around.isSilent ? 0 : putSurroundings(this.#scratch, offset, around);
  }

  #put(offset: number, text: string, limit: number): number {
    const length = this.#scratch.next(offset, text, limit);
    return length < 0 ? this.#malformed(offset) : length;
  }

  #malformed(offset: number): number {
    return this.#scratch.next(offset, MALFORMED, 1);
  }
}

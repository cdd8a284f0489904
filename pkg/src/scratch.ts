/**
 * The two windows into an instance's memory through which a decision goes: the input buffer, where strings are put one
 * after another, and the outcome block, where the module says what an allowed key grants.
 */
import { write } from "#platform";
import { writeAscii } from "./ascii.js";

/** Size of the outcome block, see `src/wasm/grant.rs`. */
const OUTCOME = 80;
/** Above this, one call of `encodeInto` is quicker than a loop over characters. */
const SHORT = 96;

const encoder = new TextEncoder();

/** Windows into one instance. Whoever uses them calls `refresh` first: a memory that grew has a new buffer. */
export class Scratch {
  readonly #memory: WebAssembly.Memory;
  readonly #inputAt: number;
  readonly #inputLength: number;
  readonly #outcomeAt: number;
  #input: Uint8Array;
  #numbers: DataView;
  #outcome: DataView;

  constructor(memory: WebAssembly.Memory, inputAt: number, inputLength: number, outcomeAt: number) {
    this.#memory = memory;
    this.#inputAt = inputAt;
    this.#inputLength = inputLength;
    this.#outcomeAt = outcomeAt;
    this.#input = new Uint8Array(memory.buffer, inputAt, inputLength);
    this.#numbers = new DataView(memory.buffer, inputAt, inputLength);
    this.#outcome = new DataView(memory.buffer, outcomeAt, OUTCOME);
  }

  /** How many bytes the input buffer has. */
  get size(): number {
    return this.#inputLength;
  }

  /** Makes the windows anew if the memory has grown, which leaves views of the old buffer empty. */
  refresh(): void {
    if (this.#input.length !== 0) return;
    this.#input = new Uint8Array(this.#memory.buffer, this.#inputAt, this.#inputLength);
    this.#numbers = new DataView(this.#memory.buffer, this.#inputAt, this.#inputLength);
    this.#outcome = new DataView(this.#memory.buffer, this.#outcomeAt, OUTCOME);
  }

  /** Puts the first string; its length in bytes, or -1 when it has more than `limit`. */
  first(text: string, limit: number): number {
    if (text.length > limit) return -1;
    const written = write(this.#input, text);
    return written > limit ? -1 : written;
  }

  /** Puts a further string at `offset`; its length in bytes, or -1 when it has more than `limit` or does not fit. */
  next(offset: number, text: string, limit: number): number {
    const room = Math.min(limit, this.#inputLength - offset);
    if (text.length > room) return -1;
    if (text.length <= SHORT) {
      const written = writeAscii(this.#input, offset, text);
      if (written >= 0) return written;
    }
    const { read, written } = encoder.encodeInto(text, this.#input.subarray(offset, offset + room));
    return read === text.length ? written : -1;
  }

  /** Puts a byte at `offset`. */
  u8(offset: number, value: number): void {
    this.#numbers.setUint8(offset, value);
  }

  /** Puts a 16-bit number at `offset`. */
  u16(offset: number, value: number): void {
    this.#numbers.setUint16(offset, value, true);
  }

  /** Puts a double at `offset`. */
  f64(offset: number, value: number): void {
    this.#numbers.setFloat64(offset, value, true);
  }

  /** A word of the outcome block. */
  word(index: number): number {
    return this.#outcome.getUint32(index * 4, true);
  }

  /** When the key ends, in ms; 0 for never. */
  expiresAt(): number {
    return this.#outcome.getFloat64(0, true);
  }

  /** After a step of the rate: what is left, and in how many milliseconds all of it is back, and the same cost again. */
  rate(): { readonly remaining: number; readonly resetMs: number; readonly retryMs: number } {
    const view = this.#outcome;
    return {
      remaining: view.getFloat64(56, true),
      resetMs: view.getFloat64(64, true),
      retryMs: view.getFloat64(72, true),
    };
  }

  /** The key id's thirteen ASCII characters. */
  keyId(): string {
    const view = this.#outcome;
    // One call with thirteen numbers: a decoder or a loop of concatenations costs several times as much.
    return String.fromCharCode(
      view.getUint8(32),
      view.getUint8(33),
      view.getUint8(34),
      view.getUint8(35),
      view.getUint8(36),
      view.getUint8(37),
      view.getUint8(38),
      view.getUint8(39),
      view.getUint8(40),
      view.getUint8(41),
      view.getUint8(42),
      view.getUint8(43),
      view.getUint8(44),
    );
  }
}

/**
 * Little-endian bytes in a buffer that grows.
 */

const encoder = new TextEncoder();

/** How many bytes a text takes as UTF-8; -1 when it holds half of a surrogate pair, which UTF-8 cannot say. */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) continue;
    length += unit < 0x800 ? 1 : 2;
    if (unit < 0xd800 || unit > 0xdfff) continue;
    const low = text.charCodeAt(++at);
    // Two units, four bytes.
    if (unit > 0xdbff || !(low >= 0xdc00 && low <= 0xdfff)) return -1;
  }
  return length;
}

/** Numbers and strings, one after another. */
export class ByteWriter {
  #view = new DataView(new ArrayBuffer(4096));
  #length = 0;

  u8(value: number): void {
    const at = this.#take(1);
    this.#view.setUint8(at, value);
  }

  u16(value: number): void {
    const at = this.#take(2);
    this.#view.setUint16(at, value, true);
  }

  u32(value: number): void {
    const at = this.#take(4);
    this.#view.setUint32(at, value, true);
  }

  f64(value: number): void {
    const at = this.#take(8);
    this.#view.setFloat64(at, value, true);
  }

  text(value: string): void {
    const bytes = encoder.encode(value);
    this.u16(bytes.length);
    this.bytes(bytes);
  }

  bytes(value: Uint8Array): void {
    const at = this.#take(value.length);
    new Uint8Array(this.#view.buffer).set(value, at);
  }

  finish(): Uint8Array {
    return new Uint8Array(this.#view.buffer.slice(0, this.#length));
  }

  /** Makes room for `count` bytes and returns where they go. Call it before `#view` is read: that may be another then. */
  #take(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#view.byteLength) {
      const larger = new Uint8Array(Math.max(this.#length, this.#view.byteLength * 2));
      larger.set(new Uint8Array(this.#view.buffer, 0, at));
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }
}

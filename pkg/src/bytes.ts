/**
 * Little-endian bytes in a buffer that grows.
 */

const encoder = new TextEncoder();

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

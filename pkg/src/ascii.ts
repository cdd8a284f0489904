/**
 * The quickest way to put a short ASCII string into WebAssembly memory: no view is made, no result object returned.
 */

/** Writes `text` at `offset`; its length, or -1 when it is not ASCII. The caller has made sure that it fits. */
export function writeAscii(target: Uint8Array, offset: number, text: string): number {
  const length = text.length;
  for (let at = 0; at < length; at++) {
    const unit = text.charCodeAt(at);
    if (unit > 0x7f) return -1;
    target[offset + at] = unit;
  }
  return length;
}

/**
 * Base64 to bytes, synchronously.
 */

/** What hosts bring for it: the language in newer ones, Node since long. */
interface Native {
  readonly Uint8Array: { fromBase64?(text: string): Uint8Array<ArrayBuffer> };
  readonly Buffer?: { from(text: string, encoding: "base64"): Uint8Array<ArrayBuffer> };
}

/** Decodes base64 that this package's own build has written. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const native = globalThis as unknown as Native;
  if (native.Uint8Array.fromBase64 !== undefined) return native.Uint8Array.fromBase64(text);
  // A loop over the module's size takes milliseconds before it is optimized: most of a cold start.
  if (native.Buffer !== undefined) return native.Buffer.from(text, "base64");
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

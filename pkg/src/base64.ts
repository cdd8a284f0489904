/**
 * Base64 to bytes, synchronously, with nothing but the language.
 */

/** Decodes base64 that this package's own build has written. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

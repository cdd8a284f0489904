/**
 * What hosts have in common that run many requests in one isolate and keep them apart: Cloudflare Workers, Vercel Edge,
 * and whatever else the caller brings its own module to.
 */
import { writeAscii } from "../ascii.js";
import type { Preset } from "../profile.js";

/** None: a bundle carries only the presets it imports. */
export const presets: readonly Preset[] = [];

/** A promise started by one request must not be awaited by another, and nothing outlives its request by itself. */
export const sharesWork = false;

const encoder = new TextEncoder();

/** Writes `text` as UTF-8 at the start of `target`; the number of bytes, or -1 when it does not fit. */
export function write(target: Uint8Array, text: string): number {
  // `encodeInto` crosses into the host in workerd, which takes twice as long as this loop for a key.
  if (text.length <= 128 && text.length <= target.length) {
    const written = writeAscii(target, 0, text);
    if (written >= 0) return written;
  }
  const { read, written } = encoder.encodeInto(text, target);
  return read === text.length ? written : -1;
}

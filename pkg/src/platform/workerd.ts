/**
 * What differs between hosts, for workerd: Cloudflare Workers.
 */
import module from "#wasm/module";
import { writeAscii } from "../ascii.js";
import type { Preset } from "../profile.js";

/** The module, which the host has compiled: it allows no compilation of bytes at run time. */
export function loadModule(): WebAssembly.Module {
  return module;
}

/** None: a Worker carries only the presets it imports. */
export const presets: readonly Preset[] = [];

/** A promise started by one request must not be awaited by another, and nothing outlives its request by itself. */
export const sharesWork = false;

const encoder = new TextEncoder();

/** Writes `text` as UTF-8 at the start of `target`; the number of bytes, or -1 when it does not fit. */
export function write(target: Uint8Array, text: string): number {
  // `encodeInto` crosses into the host here, which takes twice as long as this loop for a key.
  if (text.length <= 128 && text.length <= target.length) {
    const written = writeAscii(target, 0, text);
    if (written >= 0) return written;
  }
  const { read, written } = encoder.encodeInto(text, target);
  return read === text.length ? written : -1;
}

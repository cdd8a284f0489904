/**
 * What differs between hosts, for every host but workerd: Node, browsers, Deno, Bun.
 */
import wasm from "#wasm/base64";
import { decodeBase64 } from "../base64.js";
import { emailit } from "../presets/emailit.js";
import { esputnik } from "../presets/esputnik.js";
import { inboxfirst } from "../presets/inboxfirst.js";
import { keyward } from "../presets/keyward.js";
import { optimove } from "../presets/optimove.js";
import { smashfly } from "../presets/smashfly.js";
import type { Preset } from "../profile.js";

/** The module, compiled from the bytes that the build has put into this file. */
export function loadModule(): WebAssembly.Module {
  return new WebAssembly.Module(decodeBase64(wasm));
}

/** The presets that can be called by name. */
export const presets: readonly Preset[] = [emailit, esputnik, inboxfirst, keyward, optimove, smashfly];

/** One request may wait for what another has started, and work outlives the request that started it. */
export const sharesWork = true;

const encoder = new TextEncoder();

/** Writes `text` as UTF-8 at the start of `target`; the number of bytes, or -1 when it does not fit. */
export function write(target: Uint8Array, text: string): number {
  const { read, written } = encoder.encodeInto(text, target);
  return read === text.length ? written : -1;
}

/**
 * What differs between hosts, for workerd: Cloudflare Workers.
 */
import module from "#wasm/module";

export * from "./isolate.js";

/** The module, which the host has compiled: it allows no compilation of bytes at run time. */
export function loadModule(): WebAssembly.Module {
  return module;
}

/**
 * What differs between hosts, for those that Vercel's edge runtime is the model of. Their bundlers know a module by
 * `?module` behind its name.
 */
import module from "#wasm/module";
import { ownModule } from "./foreign.js";

export * from "./isolate.js";

/** The module, which the bundler has had compiled: the host allows no compilation of bytes at run time. */
export function loadModule(): WebAssembly.Module {
  return ownModule(module);
}

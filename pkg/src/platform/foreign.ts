/**
 * Modules that another realm has compiled, as Next.js's development server hands them to edge functions.
 */

/** The same module, of this realm's class: wasm-bindgen's glue would take another for bytes that are still to compile. */
export function ownModule(module: WebAssembly.Module): WebAssembly.Module {
  if (!(module instanceof WebAssembly.Module)) Object.setPrototypeOf(module, WebAssembly.Module.prototype);
  return module;
}

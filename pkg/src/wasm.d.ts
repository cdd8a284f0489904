/** The WebAssembly module as `scripts/build.mjs` hands it to the two platform shims. */

declare module "#wasm/base64" {
  const base64: string;
  export default base64;
}

declare module "#wasm/module" {
  const module: WebAssembly.Module;
  export default module;
}

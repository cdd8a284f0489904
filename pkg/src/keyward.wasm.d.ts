/** The WebAssembly module, for hosts and bundlers that compile what is imported; `init` of `keyward/slim` takes it. */
declare const module: WebAssembly.Module;
export default module;

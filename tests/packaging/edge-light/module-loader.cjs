/** What Next.js does with `….wasm?module`: the module is a global of the function's realm, compiled outside of it. */
module.exports = () => "export default globalThis.keyward_wasm;";

/** The memories of all WebAssembly instances that are made from now on, in order. */
export const memories = [];

const { Instance } = WebAssembly;
WebAssembly.Instance = class extends Instance {
  constructor(...given) {
    super(...given);
    if (this.exports.memory !== undefined) memories.push(this.exports.memory);
  }
};

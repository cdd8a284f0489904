/** What one would pick instead in Node alone. */
import { readFileSync } from "node:fs";
import * as nodeCrypto from "node:crypto";
import prefixedApiKey from "prefixed-api-key";

/** Subjects `{ name, run }`. */
export async function nodePeerSubjects({ key, digest, digests }) {
  const known = new Map(digests.map((one) => [one, { level: "events" }]));
  const expected = Buffer.from(digest, "hex");
  const { token, longTokenHash } = await prefixedApiKey.generateAPIKey({ keyPrefix: "bench" });
  const subjects = [
    {
      name: "node:crypto `createHash`, `timingSafeEqual`",
      run: () => nodeCrypto.timingSafeEqual(nodeCrypto.createHash("sha256").update(key).digest(), expected),
    },
    { name: "prefixed-api-key", run: () => prefixedApiKey.checkAPIKey(token, longTokenHash) },
    await biscuit(),
  ];
  // Since Node 20.12.
  if (nodeCrypto.hash !== undefined) {
    subjects.unshift({ name: "node:crypto `hash()`, Map", run: () => known.has(nodeCrypto.hash("sha256", key)) });
  }
  return subjects;
}

/** Its module imports `.wasm`, which Node 20 does not: it is put together here as a bundler would. */
async function biscuit() {
  const dir = new URL(".", import.meta.resolve("@biscuit-auth/biscuit-wasm"));
  const glue = await import(new URL("biscuit_bg.js", dir));
  const module = new WebAssembly.Module(readFileSync(new URL("biscuit_bg.wasm", dir)));
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    imports[from] ??= from === "./biscuit_bg.js" ? glue : await import(new URL(from, dir));
    if (imports[from][name] === undefined) throw new Error(`biscuit-wasm has no ${from} ${name}`);
  }
  const { exports } = new WebAssembly.Instance(module, imports);
  glue.__wbg_set_wasm(exports);
  exports.__wbindgen_start();
  const { KeyPair, Biscuit, SignatureAlgorithm, AuthorizerBuilder } = glue;
  const pair = new KeyPair(SignatureAlgorithm.Ed25519);
  const builder = Biscuit.builder();
  builder.addCode('right("event");');
  const token = builder.build(pair.getPrivateKey()).toBase64();
  const publicKey = pair.getPublicKey();
  return {
    name: "biscuit-wasm, parse and authorize",
    run() {
      const parsed = Biscuit.fromBase64(token, publicKey);
      const rules = new AuthorizerBuilder();
      rules.addCode('allow if right("event");');
      const authorizer = rules.buildAuthenticated(parsed);
      const policy = authorizer.authorize();
      authorizer.free();
      parsed.free();
      return policy === 0;
    },
  };
}

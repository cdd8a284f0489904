/** What one would pick instead in Node alone. */
import { apiKey } from "@better-auth/api-key";
import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { readFileSync } from "node:fs";
import prefixedApiKey from "prefixed-api-key";

export const NODE_PEERS = {
  prefixed: "prefixed-api-key",
  biscuit: "biscuit-wasm, parse and authorize",
  betterAuth: "better-auth `verifyApiKey`, in memory, without limits",
};

/** Subjects `{ name, run }`, with keys of their own. */
export async function nodePeerSubjects() {
  return [await prefixed(), await biscuit(), await better()];
}

async function prefixed() {
  const { token, longTokenHash } = await prefixedApiKey.generateAPIKey({ keyPrefix: "bench" });
  return { name: NODE_PEERS.prefixed, run: () => prefixedApiKey.checkAPIKey(token, longTokenHash) };
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
    name: NODE_PEERS.biscuit,
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

async function better() {
  const { api } = betterAuth({
    secret: "a secret of the bench, long enough",
    baseURL: "http://localhost",
    database: memoryAdapter({ user: [], session: [], account: [], verification: [], apikey: [] }),
    emailAndPassword: { enabled: true },
    logger: { disabled: true },
    telemetry: { enabled: false },
    plugins: [apiKey({ rateLimit: { enabled: false } })],
  });
  const { user } = await api.signUpEmail({ body: { email: "a@example.com", password: "correct horse", name: "A" } });
  const { key } = await api.createApiKey({ body: { userId: user.id } });
  return { name: NODE_PEERS.betterAuth, run: async () => (await api.verifyApiKey({ body: { key } })).valid };
}

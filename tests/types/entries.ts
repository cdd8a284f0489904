/** The other entries: uses that must compile, and some that must not. */
import { Hono } from "hono";
import { type Allowed, connect, createVerifier, type Edge, type Verifier } from "keyward";
import { clientAddress, withKey } from "keyward/cloudflare";
import { keyward, type KeywardEnv, type KeywardOptions } from "keyward/hono";
import wasm from "keyward/keyward.wasm";
import { esputnik } from "keyward/presets/esputnik";
import { connect as connectSlim, createVerifier as createSlim, init } from "keyward/slim";

const edge: Edge = connect({ url: "https://keys.example", keyspace: "mail", token: "t", publicKeys: ["ed25519:"] });
const verifier: Verifier = createVerifier({ profile: esputnik, records: [] });

// Handlers behind the middleware know what the key is.
new Hono().get("/a", keyward({ edge }), (c) => {
  const key: Allowed = c.var.key;
  // @ts-expect-error A grant has no such member.
  console.log(c.var.key.reason);
  return c.json({ account: key.account });
});
new Hono<KeywardEnv>().use(keyward({ verifier })).get("/a", (c) => c.text(c.var.key.keyId));
// @ts-expect-error Without the middleware there is no key.
new Hono().get("/a", (c) => c.text(c.var.key.keyId));

const all: KeywardOptions = {
  edge,
  context: async (c) => ({ sending_domain_id: [Number(c.req.query("domain"))] }),
  clientAddress: (c) => c.req.header("x-real-ip"),
  cost: 2,
  onDenied: (c, denied) => c.text(denied.reason, denied.status),
};
keyward(all);
keyward({ verifier, cost: (c) => c.req.path.length });
// @ts-expect-error Somebody has to decide.
keyward({});
// @ts-expect-error But not two.
keyward({ edge, verifier });
// @ts-expect-error A misspelt option.
keyward({ edge, clientaddress: () => "192.0.2.7" });
// @ts-expect-error What a request is about is no list.
keyward({ edge, context: () => [7] });

interface Env {
  readonly GREETING: string;
}
interface Ctx {
  waitUntil(work: Promise<unknown>): void;
}
const worker: { fetch(request: Request, env: Env, ctx: Ctx): Promise<Response> } = {
  fetch: withKey(edge, (_request, env: Env, _ctx, key) => new Response(`${env.GREETING} ${key.account}`), {
    context: (request) => ({ sending_domain_id: Number(request.headers.get("x-domain")) }),
  }),
};
const address: string | null = clientAddress(new Request("https://api.example/"));
// @ts-expect-error A verifier waits for nothing: it is asked without a helper.
withKey(verifier, () => new Response());

const module: WebAssembly.Module = wasm;
init(module);
const same: typeof connect = connectSlim;
createSlim({ profile: esputnik, records: [] }) satisfies Verifier;

export { address, same, worker };

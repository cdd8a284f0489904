import { env } from "cloudflare:workers";
import { connect } from "keyward";

const { KEYWARD_URL: url, KEYWARD_KEYSPACE: keyspace, KEYWARD_TOKEN: token, KEYWARD_PUBLIC_KEY: publicKey } = env;
const edge = connect({ url, keyspace, token, publicKeys: [publicKey] });

export default {
  async fetch(request: Request, _env: unknown, ctx: { waitUntil(work: Promise<unknown>): void }): Promise<Response> {
    const decision = await edge.verify(request, { ctx });
    return decision.allowed ? Response.json({ hello: decision.account }) : decision.toResponse();
  },
};

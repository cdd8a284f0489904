/** A Worker that fetches a snapshot for its first request, and decides. */
import { key, keyspace, publicKeys, url } from "given";
import { connect } from "keyward";

const edge = connect({ url, keyspace, token: "bench", publicKeys });

export default {
  async fetch(_request, _env, ctx) {
    const decision = await edge.verifyKey(key, { method: "POST", path: "/api/v1/event", ctx });
    return new Response(decision.allowed ? "ok" : decision.reason);
  },
};

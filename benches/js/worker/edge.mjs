/** A Worker as the README has it: it keeps itself current against a server. */
import { keyspace, publicKeys, url } from "given";
import { connect } from "keyward";

const edge = connect({ url, keyspace, token: "bench", publicKeys });

export default {
  async fetch(request, _env, ctx) {
    const decision = await edge.verify(request, { ctx });
    return decision.allowed ? new Response("hello") : decision.toResponse();
  },
};

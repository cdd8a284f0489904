/** A Worker behind `withKey`, over records that its test brings. */
import { env } from "cloudflare:workers";
import { createVerifier } from "keyward";
import { clientAddress, withKey } from "keyward/cloudflare";
import { esputnik as profile } from "keyward/presets/esputnik";

const verifier = createVerifier({ profile, records: env.RECORDS });
const asked = [];
const edge = {
  async verify(request, { ctx, context, clientAddress }) {
    ctx.waitUntil(Promise.resolve());
    asked.push({ context, clientAddress });
    return verifier.verify(request);
  },
};
const context = (request) => ({ sending_domain_id: request.headers.get("x-domain") });

export default {
  fetch: withKey(
    edge,
    (request, { GREETING }, ctx, { account }) => {
      ctx.waitUntil(Promise.resolve());
      return Response.json({ greeting: GREETING, account, asked, address: clientAddress(request) });
    },
    { context },
  ),
};

/** A Worker that verifies a token at its first request. */
import { secret, token } from "given";
import { jwtVerify } from "jose";

export default {
  async fetch() {
    const bytes = Uint8Array.from(secret.match(/../g), (pair) => Number.parseInt(pair, 16));
    return new Response((await jwtVerify(token, bytes)).payload.sub === "acme" ? "ok" : "refused");
  },
};

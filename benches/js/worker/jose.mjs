/** A Worker that verifies a token. */
import { secret } from "given";
import { jwtVerify } from "jose";

const bytes = Uint8Array.from(secret.match(/../g), (pair) => Number.parseInt(pair, 16));

export default {
  async fetch(request) {
    const [, token] = request.headers.get("authorization").split(" ");
    const { payload } = await jwtVerify(token, bytes);
    return new Response(payload.sub === "acme" ? "hello" : "no", { status: payload.sub === "acme" ? 200 : 401 });
  },
};

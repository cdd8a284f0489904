/** A Worker that looks the digest of a bearer token up. */
import { digests } from "given";

const known = new Set(digests);
const encoder = new TextEncoder();

export default {
  async fetch(request) {
    const [, token] = request.headers.get("authorization").split(" ");
    const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(token)));
    const isKnown = known.has(Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(""));
    return new Response(isKnown ? "hello" : "no", { status: isKnown ? 200 : 401 });
  },
};

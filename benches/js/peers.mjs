/**
 * What one would pick instead, as far as it runs everywhere: each verifies one key, the way its documentation shows.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { jwtVerify, SignJWT } from "jose";

/** Subjects `{ name, run }`; those whose `run` gives a promise are awaited. */
export async function peerSubjects({ key, digests }) {
  const known = new Map(digests.map((digest) => [digest, { level: "events" }]));
  const encoder = new TextEncoder();
  const secret = crypto.getRandomValues(new Uint8Array(32));
  const pair = await crypto.subtle.generateKey({ name: "Ed25519" }, true, ["sign", "verify"]);
  const token = (alg, by) =>
    new SignJWT({ scope: "events" }).setProtectedHeader({ alg }).setSubject("acme").setExpirationTime("1y").sign(by);
  const hs256 = await token("HS256", secret);
  const eddsa = await token("EdDSA", pair.privateKey);
  return [
    { name: "@noble/hashes, hex, Map", run: () => known.has(bytesToHex(sha256(utf8ToBytes(key)))) },
    {
      name: "WebCrypto digest, hex, Map",
      async run() {
        const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(key)));
        return known.has(Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(""));
      },
    },
    { name: "jose, HS256", run: async () => (await jwtVerify(hs256, secret)).payload.sub === "acme" },
    { name: "jose, EdDSA", run: async () => (await jwtVerify(eddsa, pair.publicKey)).payload.sub === "acme" },
  ];
}

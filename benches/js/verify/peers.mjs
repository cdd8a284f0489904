/**
 * What one would pick instead, as far as it runs everywhere: each verifies one key, the way its documentation shows.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { jwtVerify, SignJWT } from "jose";
import * as nodeCrypto from "node:crypto";
import { bytesOf, inTurn } from "./subjects.mjs";

export const PEERS = {
  unrolled: "unrolled JavaScript SHA-256, compared with one digest",
  hash: "node:crypto `hash()`, Map",
  createHash: "node:crypto `createHash`, `timingSafeEqual`",
  noble: "@noble/hashes, hex, Map",
  webCrypto: "WebCrypto digest, hex, Map",
  hs256: "jose, HS256",
  eddsa: "jose, EdDSA",
};

/** Subjects `{ name, run }`; those whose `run` gives a promise are awaited. `matches` is what `unrolled.mjs` writes. */
export async function peerSubjects({ plain, shard }, { matches }) {
  const keys = plain.slice(0, 1_000).map(({ key }) => key);
  const known = new Map(digestsOf(shard).map((digest) => [digest, { level: "events" }]));
  const expected = bytesOf(plain[0].digest);
  const words = new Int32Array(8).map((_, at) => new DataView(expected.buffer).getInt32(at * 4));
  const encoder = new TextEncoder();
  const secret = crypto.getRandomValues(new Uint8Array(32));
  const pair = await crypto.subtle.generateKey({ name: "Ed25519" }, true, ["sign", "verify"]);
  const token = (alg, by) =>
    new SignJWT({ scope: "events" }).setProtectedHeader({ alg }).setSubject("acme").setExpirationTime("1y").sign(by);
  const hs256 = await token("HS256", secret);
  const eddsa = await token("EdDSA", pair.privateKey);
  const subjects = [
    { name: PEERS.unrolled, run: inTurn(keys, (key) => matches(key, words)) },
    { name: PEERS.hash, run: inTurn(keys, (key) => known.has(nodeCrypto.hash("sha256", key))) },
    {
      name: PEERS.createHash,
      run: inTurn(keys, (key) =>
        nodeCrypto.timingSafeEqual(nodeCrypto.createHash("sha256").update(key).digest(), expected),
      ),
    },
    { name: PEERS.noble, run: inTurn(keys, (key) => known.has(bytesToHex(sha256(utf8ToBytes(key))))) },
    {
      name: PEERS.webCrypto,
      run: inTurn(keys, async (key) => {
        const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(key)));
        return known.has(Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(""));
      }),
    },
    { name: PEERS.hs256, run: async () => (await jwtVerify(hs256, secret)).payload.sub === "acme" },
    { name: PEERS.eddsa, run: async () => (await jwtVerify(eddsa, pair.publicKey)).payload.sub === "acme" },
  ];
  // Node has `hash` since 20.12, workerd not always.
  return subjects.filter(({ name }) => name !== PEERS.hash || nodeCrypto.hash !== undefined);
}

/** The digests of a shard's records in hexadecimal, as others keep them (docs/format.md, "Shard"). */
function digestsOf(shard) {
  const view = new DataView(shard.buffer, shard.byteOffset);
  const length = (section) => view.getUint32(24 + section * 4, true);
  const start = 68 + length(0) + length(1) + length(2);
  const digests = [];
  for (let at = start; at < start + length(3); at += 48) {
    digests.push(bytesToHex(shard.subarray(at, at + 32)));
  }
  return digests;
}

/** Keys and their digests, as `docs/format.md` has them under "Keys". */
import { createHash, createHmac } from "node:crypto";
import type { KeyFormat } from "./profile.js";

/** A key in its parts, or why it is none, and at which byte (the document tells the byte of `checksummed` keys only). */
export type ReadKey =
  | {
      readonly ok: true;
      readonly prefix?: string;
      readonly body: string;
      readonly checksum?: string;
      readonly account?: number;
    }
  | { readonly ok: false; readonly reason: "malformed_key" | "bad_checksum"; readonly at?: number };

const MAX_KEY = 256;
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Takes a key of the format apart. */
export function readKey(format: KeyFormat, key: string): ReadKey {
  switch (format.name) {
    case "checksummed":
      return readChecksummed(format.prefix, key);
    case "account_hex":
      return readAccountHex(key);
    case "opaque":
      return /^[\x21-\x7e]+$/.test(key) && key.length <= MAX_KEY
        ? { ok: true, body: key }
        : { ok: false, reason: "malformed_key" };
  }
}

function readChecksummed(prefix: string, key: string): ReadKey {
  const bytes = Buffer.from(key, "utf8").toString("latin1");
  const start = `${prefix}_`;
  const length = start.length + 36;
  for (let at = 0; at < Math.min(start.length, bytes.length); at++) {
    if (bytes[at] !== start[at]) return { ok: false, reason: "malformed_key", at };
  }
  if (bytes.length !== length) return { ok: false, reason: "malformed_key", at: Math.min(bytes.length, length) };
  for (let at = start.length; at < length; at++) {
    if (!DIGITS.includes(bytes.charAt(at))) return { ok: false, reason: "malformed_key", at };
  }
  const body = bytes.slice(start.length, -6);
  const checksum = bytes.slice(-6);
  return checksum === checksumOf(body)
    ? { ok: true, prefix, body, checksum }
    : { ok: false, reason: "bad_checksum", at: length - 6 };
}

function readAccountHex(key: string): ReadKey {
  const malformed: ReadKey = { ok: false, reason: "malformed_key" };
  const payload = readBase64(key);
  const parts = payload && /^([1-9][0-9]{0,15}):[0-9a-fA-F]{40}$/.exec(payload);
  const account = Number(parts?.[1]);
  return parts && Number.isSafeInteger(account) ? { ok: true, body: key, account } : malformed;
}

/** The bytes, one a character, that canonical base64 stands for. */
export function readBase64(text: string): string | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes.toString("latin1") : undefined;
}

/** CRC-32 of a body, bit by bit, in six digits of base 62. */
export function checksumOf(body: string): string {
  let crc = 0xffff_ffff;
  for (const byte of Buffer.from(body, "latin1")) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1;
  }
  return base62(BigInt((crc ^ 0xffff_ffff) >>> 0), 6);
}

/** The text of the key id with a number. */
export function keyId(number: bigint): string {
  return `key_${base62(number, 9)}`;
}

/** The number of a key id. */
export function keyNumber(id: string): bigint {
  return [...id.slice("key_".length)].reduce((sum, digit) => sum * 62n + BigInt(DIGITS.indexOf(digit)), 0n);
}

function base62(number: bigint, digits: number): string {
  const digit = DIGITS.charAt(Number(number % 62n));
  return digits === 1 ? digit : base62(number / 62n, digits - 1) + digit;
}

/** Secrets by the id of their pepper. */
export interface Peppers {
  readonly [id: string]: string;
}

/** The text of a key's digest, by the scheme of another digest. */
export function digestLike(digest: string, key: string, peppers: Peppers): string {
  const [scheme, pepper] = digest.split(":");
  if (scheme === "sha256") return `sha256:${createHash("sha256").update(key, "utf8").digest("hex")}`;
  const secret = peppers[pepper ?? ""];
  if (scheme !== "hmac-sha256" || secret === undefined) throw new Error(`no scheme of ${digest}`);
  return `hmac-sha256:${pepper}:${createHmac("sha256", secret).update(key, "utf8").digest("hex")}`;
}

/**
 * Writes the records of a world as head and shard, signed: the sections of `docs/format.md`, one after another, around a
 * compiled profile.
 */
import { createHash, generateKeyPairSync, type KeyObject, sign as signWith } from "node:crypto";
import type { Age, World } from "./reading.js";
import { ADDRESS_BITS, readAddress } from "./reading/constraints.js";
import { keyNumber } from "./reading/keys.js";
import { type Policy, policyOf } from "./reading/policy.js";
import type { Profile, Record } from "./reading/profile.js";

/** The files, and the root's public key, raw and as text. */
export interface Snapshot {
  readonly head: Uint8Array;
  readonly shard: Uint8Array;
  readonly root: Uint8Array;
  readonly publicKey: string;
}

const KEYSPACE = "random";
const ERA = 2;
const EPOCH = 5n;
const NONE = 0xffff_ffff;

const [root, online] = [signer(), signer()];

/** The snapshot of a world's records. */
export function writeSnapshot(compiled: Uint8Array, world: World, age: Age): Snapshot {
  const shard = writeShard(compiled, world);
  return { head: writeHead(shard, age), shard, root: root.raw, publicKey: `ed25519:${root.raw.toString("base64url")}` };
}

function writeHead(shard: Uint8Array, { issuedAt, freshForSeconds, validUntil }: Age): Uint8Array {
  const keyring = Buffer.concat([name(KEYSPACE), u32(ERA), u8(1), online.raw]);
  const reference = Buffer.concat([sha256(shard), u32(shard.length)]);
  const validity = [u64(issuedAt), u32(freshForSeconds), u64(validUntil)];
  const statement = Buffer.concat([name(KEYSPACE), u32(ERA), u64(EPOCH), ...validity, u8(0), reference, u16(0)]);
  return Buffer.concat([
    Buffer.from("KWHEAD\0\x01", "latin1"),
    u16(keyring.length),
    u16(statement.length),
    ...[root.name, root.sign("keyring", keyring)],
    ...[online.name, online.sign("head", statement)],
    keyring,
    statement,
  ]);
}

interface Row {
  readonly digest: Buffer;
  readonly scheme: string;
  readonly record: Record;
  readonly end: number;
}

function writeShard(compiled: Uint8Array, { profile, records }: World): Uint8Array {
  const rows = records.flatMap((record) => record.digests.map((digest) => rowOf(record, digest)));
  rows.sort((a, b) => Buffer.compare(a.digest, b.digest));
  const schemes = [...new Set(records.flatMap((record) => record.digests.map(({ digest }) => schemeOf(digest))))];
  const policies = records.map((record) => writePolicy(profile, policyOf(profile, record), record.status));
  const limits = records.map((record) => writeLimits(profile, record));
  const place = (record: Record) => {
    const at = records.indexOf(record);
    const before = limits.slice(0, at).reduce((sum, bytes) => sum + bytes.length, 0);
    return limits[at]?.length ? before + 1 : 0;
  };
  const sections = [
    compiled,
    Buffer.concat([u8(schemes.length), ...schemes.map(name)]),
    Buffer.concat(policies),
    Buffer.concat(
      rows.map(({ digest, scheme, record, end }) =>
        Buffer.concat([
          digest,
          u64(keyNumber(record.id)).subarray(0, 7),
          u8(schemes.indexOf(scheme)),
          u64(end).subarray(0, 6),
          u16(records.indexOf(record)),
        ]),
      ),
    ),
    writeDirectory(rows),
    Buffer.concat(rows.map(() => u32(NONE))),
    u32(0),
    Buffer.alloc(0),
    Buffer.alloc(0),
    Buffer.concat(rows.map(({ record }) => u32(place(record)))),
    Buffer.concat(limits),
  ];
  const lengths = sections.map((section) => u32(section.length));
  const start = [Buffer.from("KWSHARD\x01", "latin1"), u32(ERA), u32(0), u64(EPOCH)];
  return Buffer.concat([...start, ...lengths, ...sections]);
}

function rowOf(record: Record, { digest, expiresAt }: Record["digests"][number]): Row {
  const ends = [record.expiresAt, expiresAt].filter((end) => end !== undefined);
  const bytes = Buffer.from(digest.slice(-64), "hex");
  return { digest: bytes, scheme: schemeOf(digest), record, end: ends.length === 0 ? 0 : Math.min(...ends) };
}

function schemeOf(digest: string): string {
  return digest.slice(0, -65);
}

function writePolicy(profile: Profile, { level, everything, scopes, rate }: Policy, status: Record["status"]): Buffer {
  const at = profile.levels.findIndex(({ id }) => id === level);
  const bits = scopes.reduce((set, scope) => set | (1n << BigInt(profile.scopes.indexOf(scope))), 0n);
  return Buffer.concat([
    u8(status === "active" ? 0 : 1),
    u8(everything ? 1 : 0),
    u16(level === null ? 0xffff : at),
    u64(bits & 0xffff_ffff_ffff_ffffn),
    u64(bits >> 64n),
    u32(rate?.limit ?? 0),
    u32(rate?.window ?? 0),
  ]);
}

/** Empty for a key that is free in every dimension. */
function writeLimits({ dimensions }: Profile, { constraints }: Record): Buffer {
  const limited = dimensions.flatMap(({ name: dimension, kind }, at) => {
    const limit = constraints[dimension];
    if (limit === undefined || limit === "all") return [];
    const values = Buffer.concat(
      limit.map((value) => {
        if (kind === "integer") return i64(Number(value));
        return kind === "network" ? network(String(value)) : text(String(value));
      }),
    );
    return [Buffer.concat([u8(at), u16(limit.length), u32(values.length), values])];
  });
  return limited.length === 0 ? Buffer.alloc(0) : Buffer.concat([u8(limited.length), ...limited]);
}

function network(written: string): Buffer {
  const [base = "", length] = written.split("/");
  const address = readAddress(base);
  if (address === undefined) throw new Error(`${written} is no network`);
  const bits = ADDRESS_BITS[address.family];
  const bytes = Buffer.from(address.number.toString(16).padStart(32, "0"), "hex");
  return Buffer.concat([u8(address.family), u8(length === undefined ? bits : Number(length)), bytes]);
}

function writeDirectory(rows: readonly Row[]): Buffer {
  const quarter = Math.floor(rows.length / 4);
  const bits = quarter === 0 ? 0 : quarter.toString(2).length;
  const bucket = ({ digest }: Row) => Math.floor(digest.readUInt32BE() / 2 ** (32 - bits));
  const ends = Array.from({ length: 2 ** bits + 1 }, (_, at) => rows.filter((row) => bucket(row) < at).length);
  return Buffer.concat(ends.map(u32));
}

function signer() {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const raw = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url");
  const sign = (role: string, part: Uint8Array) => signed(privateKey, `keyward/v1/${role}\0`, part);
  return { raw, name: sha256(raw).subarray(0, 8), sign };
}

function signed(key: KeyObject, role: string, part: Uint8Array): Buffer {
  return signWith(null, Buffer.concat([Buffer.from(role, "latin1"), part]), key);
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

/** A short text, its length in one byte. */
function name(value: string): Buffer {
  const bytes = Buffer.from(value, "utf8");
  return Buffer.concat([u8(bytes.length), bytes]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, "utf8");
  return Buffer.concat([u16(bytes.length), bytes]);
}

function u8(value: number): Buffer {
  return Buffer.from([value]);
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function i64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value));
  return bytes;
}

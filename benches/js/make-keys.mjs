/**
 * Signed snapshots of many keys. Of most of them nothing but a digest exists; a few thousand are real, to be verified in
 * turn. Every key ends one day. A third of them is limited in shop and network, a third has a rate; the others have
 * neither. The suite's writer of snapshots would take a minute for a million, so the shard is written here.
 */
import { digestKey, generateKey, profileInfo } from "keyward";
import { randomFillSync } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { signer, writeHead, writeKeyring } from "../../tests/packaging/suite/snapshot-writer.mjs";
import { scratch } from "./place.mjs";

/** So many keys are verified in turn, and so many where it shall be more than a verifier remembers the texts of. */
export const IN_TURN = 1_000;
export const MANY = 4_000;

const ACCOUNTS = 1_000;
const KEYSPACE = "bench";
/** Never used up: a call takes a microsecond's worth. */
const RATE = { limit: 60_000_000, window: 60 };
/** What every limited key may do, among others; and what is then said with a call. */
const SHOP = 7;
const NETWORK = [192, 0, 2, 0];
const CONTEXT = { context: { shop_id: SHOP }, clientAddress: "192.0.2.7" };

const NEVER_MET = Date.UTC(2099, 0);
const PEPPER = "a secret of the bench, long enough";
const RECORD = 48;

/**
 * Makes a snapshot and leaves it in a directory, for `readKeys`. `options`: `profile` as the package takes it, `level`,
 * `count`, and `accounts`, `constraints`, `pepper`, each to be switched on.
 */
export async function makeKeys(name, options) {
  const { count } = options;
  const samples = sampleKeys(options);
  const rows = arrange(count, samples);
  const shard = writeShard(rows, options);
  const root = await signer();
  const online = await signer();
  const keyring = await writeKeyring({ keyspace: KEYSPACE, era: 1, keys: [online] }, root);
  const times = { issuedAt: Date.now(), freshFor: 43_200 };
  const head = await writeHead({ keyspace: KEYSPACE, era: 1, epoch: 1, ...times, shard }, online, keyring);
  const described = {
    count,
    profile: options.profile,
    keyspace: KEYSPACE,
    around: CONTEXT,
    publicKeys: [root.text],
    peppers: options.pepper ? { p1: PEPPER } : {},
    plain: samples.filter((_, at) => at % 3 === 0),
    limited: options.constraints ? samples.filter((sample, at) => at % 3 === 1 && sample !== undefined) : [],
    rated: samples.filter((sample, at) => at % 3 === 2 && sample !== undefined),
  };
  const dir = join(scratch, name);
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, "head"), head);
  writeFileSync(join(dir, "shard"), shard);
  writeFileSync(join(dir, "keys.json"), JSON.stringify(described));
  return dir;
}

/** Real keys for the first rows, by turns plain, limited, rated. Of the last two kinds fewer are enough. */
function sampleKeys({ profile, count, pepper }) {
  const samples = [];
  for (let row = 0; row < Math.min(count, 3 * MANY); row++) {
    if (row % 3 !== 0 && row >= 3 * IN_TURN) {
      samples.push(undefined);
      continue;
    }
    const { key, digest } = generateKey({ profile });
    const stored = pepper ? digestKey(key, { pepper: { id: "p1", secret: PEPPER } }) : digest;
    samples.push({ key, digest: hexOf(digest), stored: hexOf(stored) });
  }
  return samples;
}

function hexOf(digest) {
  return digest.slice(digest.lastIndexOf(":") + 1);
}

/** Digests of all rows, and the order of the rows by them. */
function arrange(count, samples) {
  const digests = randomFillSync(new Uint8Array(count * 32));
  for (const [row, sample] of samples.entries()) {
    if (sample !== undefined) digests.set(Buffer.from(sample.stored, "hex"), row * 32);
  }
  const view = new DataView(digests.buffer);
  // The first four bytes and the row's number fit into one number.
  const rowBits = 2 ** 20;
  const keys = Float64Array.from({ length: count }, (_, row) => view.getUint32(row * 32) * rowBits + row).sort();
  const order = Uint32Array.from(keys, (key) => key % rowBits);
  const isBefore = (a, b) => {
    const differ = view.getUint32(a * 32) - view.getUint32(b * 32);
    if (differ !== 0) return differ < 0;
    return Buffer.compare(digests.subarray(a * 32, a * 32 + 32), digests.subarray(b * 32, b * 32 + 32)) < 0;
  };
  for (let at = 1; at < count; at++) {
    for (let to = at; to > 0 && isBefore(order[to], order[to - 1]); to--) {
      [order[to - 1], order[to]] = [order[to], order[to - 1]];
    }
  }
  return { digests, order };
}

/** A shard as docs/format.md has it. */
function writeShard({ digests, order }, { profile, level, count, accounts, constraints, pepper }) {
  const compiled = Buffer.from(profile.compiled, "base64");
  const schemes = text8(pepper ? "hmac-sha256:p1" : "sha256");
  const limits = Buffer.concat(
    Array.from({ length: constraints ? Math.ceil(count / 3) : 0 }, (_, index) => limitsOf(index)),
  );
  const limitLength = limitsOf(0).length;
  const bits = Math.floor(count / 4) === 0 ? 0 : Math.min(20, Math.floor(Math.log2(Math.floor(count / 4))) + 1);
  const names = Array.from({ length: accounts ? ACCOUNTS : 0 }, (_, at) => Buffer.from(`account-${at}`));
  const lengths = [
    compiled.length,
    1 + schemes.length,
    3 * 28,
    count * RECORD,
    (2 ** bits + 1) * 4,
    accounts ? count * 4 : 0,
    4 + names.reduce((sum, name) => sum + 4 + name.length, 0),
    0,
    0,
    constraints ? count * 4 : 0,
    limits.length,
  ];
  const file = Buffer.alloc(68 + lengths.reduce((sum, length) => sum + length));
  file.write("KWSHARD\x01", "latin1");
  file.writeUInt32LE(1, 8);
  file.writeBigUInt64LE(1n, 16);
  let at = 68;
  const starts = lengths.map((length, index) => {
    file.writeUInt32LE(length, 24 + index * 4);
    at += length;
    return at - length;
  });
  const [profileAt, schemesAt, policiesAt, recordsAt, directoryAt, ownersAt, accountsAt, , , indexAt, limitsAt] =
    starts;
  compiled.copy(file, profileAt);
  Buffer.concat([Buffer.of(1), schemes]).copy(file, schemesAt);
  for (const [policy, rate] of [undefined, undefined, RATE].entries()) {
    policyOf(profile, level, rate).copy(file, policiesAt + policy * 28);
  }
  let bucket = 0;
  for (const [place, row] of order.entries()) {
    const record = recordsAt + place * RECORD;
    file.set(digests.subarray(row * 32, row * 32 + 32), record);
    file.writeUIntLE(2 ** 40 + row, record + 32, 6);
    file.writeUIntLE(NEVER_MET + row, record + 40, 6);
    file.writeUInt16LE(row % 3, record + 46);
    const own = Math.floor(file.readUInt32BE(record) / 2 ** (32 - bits));
    while (bucket <= own) file.writeUInt32LE(place, directoryAt + 4 * bucket++);
    if (accounts) file.writeUInt32LE(row % ACCOUNTS, ownersAt + place * 4);
    if (constraints && row % 3 === 1) file.writeUInt32LE(1 + Math.floor(row / 3) * limitLength, indexAt + place * 4);
  }
  while (bucket <= 2 ** bits) file.writeUInt32LE(count, directoryAt + 4 * bucket++);
  file.writeUInt32LE(names.length, accountsAt);
  let end = 0;
  for (const [index, name] of names.entries()) {
    file.writeUInt32LE((end += name.length), accountsAt + 4 + index * 4);
  }
  Buffer.concat(names).copy(file, accountsAt + 4 + names.length * 4);
  limits.copy(file, limitsAt);
  return new Uint8Array(file);
}

function policyOf(profile, id, rate) {
  const { scopes, levels } = profileInfo(profile);
  const at = levels.findIndex((level) => level.id === id);
  const mask = levels[at].scopes.reduce(
    (sum, name) => sum | (1n << BigInt(scopes.findIndex(({ id }) => id === name))),
    0n,
  );
  const policy = Buffer.alloc(28);
  policy.writeUInt16LE(at, 2);
  policy.writeBigUInt64LE(mask, 4);
  policy.writeUInt32LE(rate?.limit ?? 0, 20);
  policy.writeUInt32LE(rate?.window ?? 0, 24);
  return policy;
}

/** Two shops, one of its own, and a network. Always of the same length. */
function limitsOf(index) {
  const limits = Buffer.alloc(1 + 7 + 2 * 8 + 7 + 18);
  limits[0] = 2;
  limits.writeUInt16LE(2, 2);
  limits.writeUInt32LE(16, 4);
  limits.writeUInt32LE(SHOP, 8);
  limits.writeUInt32LE(1_000 + index, 16);
  limits[24] = 1;
  limits.writeUInt16LE(1, 25);
  limits.writeUInt32LE(18, 27);
  limits[31] = 4;
  limits[32] = 24;
  limits.set(NETWORK, 45);
  return limits;
}

function text8(text) {
  return Buffer.concat([Buffer.of(text.length), Buffer.from(text)]);
}

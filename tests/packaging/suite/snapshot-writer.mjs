/**
 * Writes signed heads and shards as `docs/format.md` lays them down: a second implementation, in another language,
 * with the host's own SHA-256 and Ed25519.
 */
const TEXT = new TextEncoder();
const NONE = 0xffff_ffff;

/** A pair of Ed25519 keys: `{ sign(bytes), publicKey, text }`. */
export async function signer() {
  const pair = await crypto.subtle.generateKey({ name: "Ed25519" }, true, ["sign", "verify"]);
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const text = `ed25519:${btoa(String.fromCharCode(...publicKey))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace("=", "")}`;
  const sign = async (domain, payload) =>
    new Uint8Array(
      await crypto.subtle.sign("Ed25519", pair.privateKey, concat(TEXT.encode(`keyward/v1/${domain}\0`), payload)),
    );
  return { sign, publicKey, text };
}

/** The root's list of the keys that speak for a keyspace in an era. */
export async function writeKeyring({ keyspace, era, keys }, root) {
  const payload = concat(text8(keyspace), u32(era), [keys.length], ...keys.map((key) => key.publicKey));
  return { payload, by: await signed(root, "keyring", payload) };
}

/** A head over one shard, unless `shards` says otherwise. */
export async function writeHead(
  { keyspace, era, epoch, issuedAt, freshFor = 300, validUntil, shard, shards = [shard] },
  online,
  keyring,
) {
  const refs = await Promise.all(shards.map(async (file) => concat(await sha256(file), u32(file.length))));
  const payload = concat(
    text8(keyspace),
    u32(era),
    u64(epoch),
    u64(issuedAt),
    u32(freshFor),
    u64(validUntil ?? issuedAt + 86_400_000),
    [Math.log2(shards.length)],
    ...refs,
    u16(0),
  );
  const lengths = concat(u16(keyring.payload.length), u16(payload.length));
  return concat(
    TEXT.encode("KWHEAD\0\x01"),
    lengths,
    keyring.by,
    await signed(online, "head", payload),
    keyring.payload,
    payload,
  );
}

/**
 * A shard. `policies` are `{ everything?, level?, scopes, rate? }` in numbers; a key names its policy by index. Its
 * `constraints` are pairs of a dimension's position and whole numbers or texts.
 */
export async function writeShard({ era, epoch, profile, policies, keys }) {
  const rows = keys.map((key) => ({ ...key, ...readDigest(key.digest) }));
  rows.sort((a, b) => compare(a.digestBytes, b.digestBytes));
  const schemes = [...new Set(rows.map(({ scheme }) => scheme))];
  const accounts = [...new Set(rows.map(({ account }) => account).filter((name) => name !== undefined))];
  const notes = column(rows, ({ subject, meta }) =>
    subject === undefined && meta === undefined ? undefined : concat(text16(subject), text16(meta)),
  );
  const limits = column(rows, ({ constraints }) => (constraints === undefined ? undefined : limitsOf(constraints)));
  const texts = accounts.map((name) => TEXT.encode(name));
  let end = 0;
  const sections = [
    profile,
    concat([schemes.length], ...schemes.map(text8)),
    concat(
      ...policies.map(({ everything = false, level = 0xffff, scopes = 0n, rate = { limit: 0, window: 0 } }) =>
        concat([0, Number(everything)], u16(level), u64(scopes), u64(0), u32(rate.limit), u32(rate.window)),
      ),
    ),
    concat(...rows.map((row) => record(row, schemes))),
    directory(rows),
    accounts.length === 0
      ? []
      : concat(...rows.map(({ account }) => u32(account === undefined ? NONE : accounts.indexOf(account)))),
    concat(u32(accounts.length), ...texts.map((text) => u32((end += text.length))), ...texts),
    notes.index,
    notes.content,
    limits.index,
    limits.content,
  ];
  return concat(
    TEXT.encode("KWSHARD\x01"),
    u32(era),
    u32(0),
    u64(epoch),
    ...sections.map((section) => u32(section.length)),
    ...sections,
  );
}

/** A digest as it is written in texts: `<scheme>:<hexadecimal digits>`. */
function readDigest(digest) {
  const at = digest.lastIndexOf(":");
  return { scheme: digest.slice(0, at), digestBytes: hex(digest.slice(at + 1)) };
}

/** What some rows have: an index of places from 1, 0 for nothing, and what lies there; both empty if none has any. */
function column(rows, contentOf) {
  const parts = [];
  let end = 0;
  const index = rows.map((row) => {
    const part = contentOf(row);
    if (part === undefined) return 0;
    const place = end + 1;
    parts.push(part);
    end += part.length;
    return place;
  });
  return { index: end === 0 ? [] : concat(...index.map(u32)), content: concat(...parts) };
}

function limitsOf(constraints) {
  const limits = constraints.map(([dimension, values]) => {
    const packed = concat(...values.map((value) => (typeof value === "number" ? u64(value) : text16(value))));
    return concat([dimension], u16(values.length), u32(packed.length), packed);
  });
  return concat([limits.length], ...limits);
}

function record({ digestBytes, scheme, number, expiresAt = 0, policy }, schemes) {
  const id = u64(number).subarray(0, 7);
  return concat(digestBytes, id, [schemes.indexOf(scheme)], u64(expiresAt).subarray(0, 6), u16(policy));
}

/** For each bucket of digests the first row in it or after it; the digests' top bits choose the bucket. */
function directory(rows) {
  const bits = Math.min(
    20,
    Math.floor(rows.length / 4) === 0 ? 0 : Math.floor(Math.log2(Math.floor(rows.length / 4))) + 1,
  );
  const bucket = ({ digestBytes: [a, b, c, d] }) =>
    Math.floor((((a << 24) | (b << 16) | (c << 8) | d) >>> 0) / 2 ** (32 - bits));
  const entries = [];
  for (let at = 0, row = 0; at <= 2 ** bits; at++) {
    while (row < rows.length && bucket(rows[row]) < at) row++;
    entries.push(u32(row));
  }
  return concat(...entries);
}

async function signed(key, domain, payload) {
  return concat((await sha256(key.publicKey)).subarray(0, 8), await key.sign(domain, payload));
}

export async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function text8(text) {
  const bytes = TEXT.encode(text);
  return concat([bytes.length], bytes);
}

function text16(text) {
  if (text === undefined) return u16(0xffff);
  const bytes = TEXT.encode(text);
  return concat(u16(bytes.length), bytes);
}

function u16(value) {
  return new Uint8Array(new Uint16Array([value]).buffer);
}

function u32(value) {
  return new Uint8Array(new Uint32Array([value]).buffer);
}

function u64(value) {
  return new Uint8Array(new BigUint64Array([BigInt(value)]).buffer);
}

function hex(text) {
  return Uint8Array.from(text.match(/../g), (pair) => Number.parseInt(pair, 16));
}

function compare(a, b) {
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return at < 0 ? 0 : a[at] - b[at];
}

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

/** A shard. `policies` are `{ everything?, level?, scopes }` in numbers; a key names its policy by index. */
export async function writeShard({ era, epoch, profile, policies, keys }) {
  const rows = keys.map((key) => ({ ...key, digestBytes: hex(key.digest.slice("sha256:".length)) }));
  rows.sort((a, b) => compare(a.digestBytes, b.digestBytes));
  const accounts = [...new Set(rows.map(({ account }) => account).filter((name) => name !== undefined))];
  const notes = [];
  let noteEnd = 0;
  const noteIndex = rows.map(({ subject, meta }) => {
    if (subject === undefined && meta === undefined) return 0;
    const note = concat(text16(subject), text16(meta));
    const place = noteEnd + 1;
    notes.push(note);
    noteEnd += note.length;
    return place;
  });
  const texts = accounts.map((name) => TEXT.encode(name));
  let end = 0;
  const sections = [
    profile,
    concat(
      ...policies.map(({ everything = false, level = 0xffff, scopes = 0n }) =>
        concat([0, Number(everything)], u16(level), u64(scopes), u64(0)),
      ),
    ),
    concat(...rows.map(record)),
    directory(rows),
    accounts.length === 0
      ? []
      : concat(...rows.map(({ account }) => u32(account === undefined ? NONE : accounts.indexOf(account)))),
    concat(u32(accounts.length), ...texts.map((text) => u32((end += text.length))), ...texts),
    noteEnd === 0 ? [] : concat(...noteIndex.map(u32)),
    concat(...notes),
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

function record({ digestBytes, number, expiresAt = 0, policy }) {
  return concat(digestBytes, u64(number), u64(expiresAt).subarray(0, 6), u16(policy));
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

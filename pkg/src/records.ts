/**
 * Records of keys as `createVerifier` takes them, checked and packed for the module. What the module needs for a
 * decision travels; what only comes back in one stays here and is found by the record's ordinal.
 */
import { ByteWriter } from "./bytes.js";
import { KeywardError } from "./error.js";
import { frozen, type Json } from "./json.js";

/** One key, as its issuer stores it. It has a level, or scopes one by one, and never neither. */
export interface KeyRecord {
  /** Public identifier, unique among the records. */
  readonly id: string;
  /** From `digestKey` or `generateKey`: `sha256:<64 hex digits>`. */
  readonly digest: string;
  /** The account the key belongs to. */
  readonly account?: string | undefined;
  /** An access level of the profile. */
  readonly level?: string | undefined;
  /** Scopes of the profile, instead of a level. */
  readonly scopes?: readonly string[] | undefined;
  /** When the key ends: ms since the epoch, or a `Date`. Never, if absent. */
  readonly expiresAt?: number | Date | undefined;
  /** `active`, if absent. */
  readonly status?: "active" | "disabled" | "deactivated" | undefined;
  /** Comes back in the decision: an id of yours. */
  readonly subject?: string | undefined;
  /** Comes back in the decision: any JSON, up to 1 KB. */
  readonly meta?: Json | undefined;
}

/** What comes back in a decision, by ordinal. */
export interface Attachment {
  readonly id: string;
  readonly account: string | undefined;
  readonly subject: string | undefined;
  readonly meta: Json | undefined;
}

/** Records ready for the module. */
export interface PackedRecords {
  readonly bytes: Uint8Array;
  readonly attachments: readonly Attachment[];
}

const MEMBERS = new Set(["id", "digest", "account", "level", "scopes", "expiresAt", "status", "subject", "meta"]);
const STATUSES = ["active", "disabled", "deactivated"];
/** u16 in the packed form; far above any real digest, level or scope. */
const MAX_TEXT = 1024;
/** What a decision carries is small; larger things have a place of their own and an id. */
const MAX_META = 1024;

/** Checks and packs records. Throws a `KeywardError` that names the record and the member at fault. */
export function packRecords(records: Iterable<KeyRecord>): PackedRecords {
  const packed = new ByteWriter();
  const names = new NameTable();
  const attachments: Attachment[] = [];
  const seen = new Map<string, number>();
  for (const record of iterable(records)) {
    const at = attachments.length;
    const read = readRecord(record, at);
    const twin = seen.get(read.id);
    if (twin !== undefined) {
      const message = `record ${at}: id: "${read.id}" is the id of record ${twin} too`;
      throw new KeywardError("invalid_record", message, { record: at, member: "id" });
    }
    seen.set(read.id, at);
    packed.text(read.digest);
    packed.f64(read.expiresAt);
    packed.u8(read.status);
    packed.u32(read.level === undefined ? 0 : names.indexOf(read.level) + 1);
    packed.u16(read.scopes.length);
    for (const scope of read.scopes) packed.u32(names.indexOf(scope));
    attachments.push(read.attachment);
  }
  const whole = new ByteWriter();
  whole.u32(names.all.length);
  for (const name of names.all) whole.text(name);
  whole.u32(attachments.length);
  whole.bytes(packed.finish());
  return { bytes: whole.finish(), attachments };
}

interface ReadRecord {
  readonly id: string;
  readonly digest: string;
  readonly expiresAt: number;
  readonly status: number;
  readonly level: string | undefined;
  readonly scopes: readonly string[];
  readonly attachment: Attachment;
}

/** Reads every member once, so that a getter cannot give one value to the check and another to the use. */
function readRecord(record: unknown, at: number): ReadRecord {
  const wrong = (member: string | undefined, what: string): KeywardError =>
    new KeywardError("invalid_record", `record ${at}: ${member === undefined ? "" : `${member}: `}${what}`, {
      record: at,
      ...(member === undefined ? {} : { member }),
    });
  if (typeof record !== "object" || record === null) throw wrong(undefined, "expected an object");
  for (const member of Object.keys(record)) {
    if (!MEMBERS.has(member)) throw wrong(member, "there is no such member");
  }
  const { id, digest, account, level, scopes, expiresAt, status, subject, meta } = record as Record<string, unknown>;

  const text = (member: string, value: unknown): string => {
    if (typeof value !== "string") throw wrong(member, `expected a string, found ${kind(value)}`);
    if (value.length === 0 || value.length > MAX_TEXT) throw wrong(member, `expected 1 to ${MAX_TEXT} characters`);
    return value;
  };
  const optional = (member: string, value: unknown): string | undefined =>
    value === undefined ? undefined : text(member, value);

  if (level !== undefined && scopes !== undefined) throw wrong("scopes", "a record has a level or scopes, not both");
  if (scopes !== undefined && !Array.isArray(scopes)) throw wrong("scopes", `expected an array, found ${kind(scopes)}`);
  const scopeList = Array.from((scopes ?? []) as unknown[], (scope) => text("scopes", scope));
  if (scopeList.length > 0xffff) throw wrong("scopes", "expected at most 65535 scopes");
  const statusNumber = status === undefined ? 0 : STATUSES.indexOf(status as string);
  if (statusNumber < 0) throw wrong("status", 'expected "active", "disabled" or "deactivated"');

  return {
    id: text("id", id),
    digest: text("digest", digest),
    expiresAt: expiry(expiresAt, wrong),
    status: statusNumber,
    level: optional("level", level),
    scopes: scopeList,
    attachment: {
      id: id as string,
      account: optional("account", account),
      subject: optional("subject", subject),
      meta: meta === undefined ? undefined : json(meta, wrong),
    },
  };
}

/** NaN stands for never in the packed form, so one that comes in must not pass. */
function expiry(value: unknown, wrong: (member: string, what: string) => KeywardError): number {
  if (value === undefined) return Number.NaN;
  const time = value instanceof Date ? value.getTime() : value;
  if (typeof time !== "number" || !Number.isSafeInteger(time) || time <= 0) {
    throw wrong("expiresAt", "expected a Date or whole milliseconds since 1970");
  }
  return time;
}

/** A frozen copy: what the caller does to its object later changes no decision. */
function json(value: unknown, wrong: (member: string, what: string) => KeywardError): Json {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    // A cycle or a BigInt; said below.
  }
  if (text === undefined) throw wrong("meta", "expected a JSON value");
  if (text.length > MAX_META) throw wrong("meta", `expected at most ${MAX_META} characters of JSON`);
  return frozen(JSON.parse(text) as Json);
}

function iterable(records: unknown): Iterable<unknown> {
  if (typeof records === "object" && records !== null && Symbol.iterator in records) {
    return records as Iterable<unknown>;
  }
  throw new KeywardError("invalid_argument", "records: expected an array or another iterable");
}

function kind(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : `a ${typeof value}`;
}

/** Levels and scopes, each written once. */
class NameTable {
  readonly all: string[] = [];
  readonly #index = new Map<string, number>();

  indexOf(name: string): number {
    const known = this.#index.get(name);
    if (known !== undefined) return known;
    this.#index.set(name, this.all.length);
    return this.all.push(name) - 1;
  }
}

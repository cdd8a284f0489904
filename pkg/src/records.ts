/**
 * Records of keys as `createVerifier` takes them, checked and packed for the module. What the module needs for a
 * decision travels; what only comes back in one stays here and is found by the record's ordinal.
 */
import { ByteWriter } from "./bytes.js";
import { KeywardError } from "./error.js";
import type { Json } from "./json.js";
import type { Rate } from "./rate.js";
import { type ReadRecord, readRecord } from "./record-reader.js";

/** One key, as its issuer stores it. It has a level, or scopes one by one, and never neither. */
export type KeyRecord = RecordDigests &
  RecordRights & {
    /** Public identifier, unique among the records. */
    readonly id: string;
    /** The account the key belongs to. */
    readonly account?: string | undefined;
    /** What the key is limited to, by the names of the profile's constraints. What is left out is not limited. */
    readonly constraints?: RecordConstraints | undefined;
    /** When the key ends: ms since the epoch, or a `Date`. Never, if absent. */
    readonly expiresAt?: number | Date | undefined;
    /** `active`, if absent. */
    readonly status?: "active" | "disabled" | undefined;
    /** How often the key may be used, instead of what its level says. */
    readonly rate?: Rate | undefined;
    /** Comes back in the decision: an id of yours. */
    readonly subject?: string | undefined;
    /** Comes back in the decision: any JSON, up to 1 KB. */
    readonly meta?: Json | undefined;
  };

/** How a key is found again: by one digest, or by several while it is being rotated. */
export type RecordDigests =
  | {
      /** From `digestKey` or `generateKey`: `sha256:<64 hex digits>` or `hmac-sha256:<pepper's id>:<64 hex digits>`. */
      readonly digest: string;
      readonly digests?: undefined;
    }
  | {
      /** One to eight, each of which may end earlier than the key. */
      readonly digests: readonly [RecordDigest, ...RecordDigest[]];
      readonly digest?: undefined;
    };

/** A digest, and when it stops to count. */
export type RecordDigest =
  | string
  | {
      readonly digest: string;
      /** Ms since the epoch, or a `Date`. With the key, if absent. */
      readonly expiresAt?: number | Date | undefined;
    };

/** What a key may do: a level, or scopes one by one. */
export type RecordRights =
  | {
      /** An access level of the profile. */
      readonly level: string;
      readonly scopes?: undefined;
    }
  | {
      /** Scopes of the profile, at least one; `*` stands for one segment: `contacts.*`. */
      readonly scopes: readonly string[];
      readonly level?: undefined;
    };

/** By the names of the profile's constraints: everything, or these values alone. */
export interface RecordConstraints {
  readonly [dimension: string]: "all" | ConstraintValues;
}

/** Values of a constraint, never none: whole numbers or texts as its kind says, networks as `192.0.2.0/24`. */
export type ConstraintValues = readonly [string | number, ...(string | number)[]];

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

/** Kinds of values in the packed form. */
const INTEGER = 0;
const TEXT = 1;

/** Checks and packs records. Throws a `KeywardError` that names the record and the member at fault. */
export function packRecords(records: Iterable<KeyRecord>): PackedRecords {
  const packed = new ByteWriter();
  const names = new NameTable();
  const attachments: Attachment[] = [];
  const seen = new Map<string, number>();
  for (const given of iterable(records)) {
    const at = attachments.length;
    const record = readRecord(given, at);
    const { id } = record.attachment;
    const twin = seen.get(id);
    if (twin !== undefined) {
      const message = `record ${at}: id: "${id}" is the id of record ${twin} too`;
      throw new KeywardError("invalid_record", message, { record: at, member: "id" });
    }
    seen.set(id, at);
    pack(record, packed, names);
    attachments.push(record.attachment);
  }
  const whole = new ByteWriter();
  whole.u32(names.all.length);
  for (const name of names.all) whole.text(name);
  whole.u32(attachments.length);
  whole.bytes(packed.finish());
  return { bytes: whole.finish(), attachments };
}

/** Writes one record, as `src/wasm/records.rs` reads it. */
function pack(record: ReadRecord, packed: ByteWriter, names: NameTable): void {
  packed.u16(record.digests.length);
  for (const { digest, expiresAt } of record.digests) {
    packed.text(digest);
    packed.f64(expiresAt);
  }
  packed.f64(record.expiresAt);
  packed.u8(record.status);
  packed.u32(record.level === undefined ? 0 : names.indexOf(record.level) + 1);
  packed.u16(record.scopes.length);
  for (const scope of record.scopes) packed.u32(names.indexOf(scope));
  packed.u32(record.rate?.limit ?? 0);
  packed.u32(record.rate?.window ?? 0);
  packed.u16(record.constraints.length);
  for (const [dimension, values] of record.constraints) {
    packed.u32(names.indexOf(dimension));
    packed.u8(Number(values === "all"));
    if (values === "all") continue;
    packed.u16(values.length);
    for (const value of values) {
      packed.u8(typeof value === "number" ? INTEGER : TEXT);
      if (typeof value === "number") packed.f64(value);
      else packed.text(value);
    }
  }
}

function iterable(records: unknown): Iterable<unknown> {
  if (typeof records === "object" && records !== null && Symbol.iterator in records) {
    return records as Iterable<unknown>;
  }
  throw new KeywardError("invalid_argument", "records: expected an array or another iterable", { member: "records" });
}

/** Levels, scopes and dimensions, each written once. */
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

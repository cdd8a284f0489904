/**
 * Reads one record: what are its own members, each of them once, so that neither a prototype nor a getter gives one
 * value to the check and another to the use.
 */
import { utf8Length } from "./bytes.js";
import { KeywardError } from "./error.js";
import { frozen, type Json } from "./json.js";
import { isPlain, kindOf } from "./plain.js";
import type { Rate } from "./rate.js";
import type { Attachment } from "./records.js";

/** A record that can be packed. Where a time is NaN, there is none. */
export interface ReadRecord {
  readonly digests: readonly { readonly digest: string; readonly expiresAt: number }[];
  readonly expiresAt: number;
  readonly status: number;
  readonly level: string | undefined;
  readonly scopes: readonly string[];
  readonly rate: Rate | undefined;
  readonly constraints: readonly (readonly [dimension: string, values: "all" | readonly (string | number)[]])[];
  readonly attachment: Attachment;
}

const MEMBERS = [
  "id",
  "digest",
  "digests",
  "account",
  "level",
  "scopes",
  "constraints",
  "expiresAt",
  "status",
  "rate",
  "subject",
  "meta",
];
/** In the order of the numbers by which the module knows them. */
const STATUSES = ["active", "disabled"];
const MAX_DIGESTS = 8;
/** Far above any real digest, level or scope, and below what a 16-bit length can say. */
const MAX_TEXT = 1024;
/** What 16 bits can count. */
const MAX_COUNT = 0xffff;
const MAX_U32 = 0xffff_ffff;
/** What a decision carries is small; larger things have a place of their own and an id. */
const MAX_META = 1024;

/** Reads a record. Throws a `KeywardError` that names its position and the member at fault. */
export function readRecord(record: unknown, at: number): ReadRecord {
  return new Reader(at).record(record);
}

class Reader {
  readonly #at: number;

  constructor(at: number) {
    this.#at = at;
  }

  record(record: unknown): ReadRecord {
    const own = this.#members(record, undefined, MEMBERS);
    const { digest, digests, level, scopes } = own;
    if (digest !== undefined && digests !== undefined) {
      throw this.#wrong("digests", "a record has a digest or digests, not both");
    }
    if (level !== undefined && scopes !== undefined) {
      throw this.#wrong("scopes", "a record has a level or scopes, not both");
    }
    return {
      attachment: {
        id: this.#text("id", own["id"]),
        account: this.#optionalText("account", own["account"]),
        subject: this.#optionalText("subject", own["subject"]),
        meta: this.#json("meta", own["meta"]),
      },
      digests: digests === undefined ? [this.#digest("digest", digest)] : this.#digests(digests),
      expiresAt: this.#time("expiresAt", own["expiresAt"]),
      status: this.#status(own["status"]),
      level: this.#optionalText("level", level),
      scopes: this.#list("scopes", scopes, (member, scope) => this.#text(member, scope)),
      rate: this.#rate(own["rate"]),
      constraints: this.#constraints(own["constraints"]),
    };
  }

  #digests(value: unknown): ReadRecord["digests"] {
    const digests = this.#list("digests", value, (member, one) => this.#digest(member, one));
    if (digests.length > 0 && digests.length <= MAX_DIGESTS) return digests;
    throw this.#wrong("digests", `expected 1 to ${MAX_DIGESTS} digests`);
  }

  #digest(member: string, value: unknown): { readonly digest: string; readonly expiresAt: number } {
    if (typeof value !== "object" || member === "digest") {
      return { digest: this.#text(member, value), expiresAt: Number.NaN };
    }
    const { digest, expiresAt } = this.#members(value, member, ["digest", "expiresAt"]);
    return { digest: this.#text(`${member}.digest`, digest), expiresAt: this.#time(`${member}.expiresAt`, expiresAt) };
  }

  #status(status: unknown): number {
    const number = status === undefined ? 0 : STATUSES.indexOf(status as string);
    if (number < 0) throw this.#wrong("status", 'expected "active" or "disabled"');
    return number;
  }

  /** The bounds of a rate are the module's to know; here is what 32 bits can say, where 0 says that there is none. */
  #rate(rate: unknown): Rate | undefined {
    if (rate === undefined) return undefined;
    const { limit, window } = this.#members(rate, "rate", ["limit", "window"]);
    const whole = (member: string, value: unknown): number => {
      if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= MAX_U32) return value;
      throw this.#wrong(member, `expected a whole number from 1, found ${found(value)}`);
    };
    return { limit: whole("rate.limit", limit), window: whole("rate.window", window) };
  }

  #constraints(constraints: unknown): ReadRecord["constraints"] {
    if (constraints === undefined) return [];
    const own = this.#members(constraints, "constraints", undefined);
    const dimensions = Object.keys(own);
    if (dimensions.length > MAX_COUNT) throw this.#wrong("constraints", `expected at most ${MAX_COUNT}`);
    return dimensions.map((dimension) => {
      const member = `constraints.${dimension}`;
      const values = own[dimension];
      if (values === "all") return [this.#text(member, dimension), values];
      if (!Array.isArray(values)) {
        throw this.#wrong(member, `expected "all" or a list that is not empty, found ${found(values)}`);
      }
      // Nothing is limited by leaving it out; a list that has come out empty is a mistake, and never means everything.
      if (values.length === 0) throw this.#wrong(member, 'an empty list; say "all" for no limit');
      return [this.#text(member, dimension), this.#list(member, values, (place, value) => this.#value(place, value))];
    });
  }

  #value(member: string, value: unknown): string | number {
    if (typeof value === "string") return this.#text(member, value);
    if (typeof value !== "number") {
      throw this.#wrong(member, `expected a string or a whole number, found ${kindOf(value)}`);
    }
    if (Number.isSafeInteger(value)) return value;
    throw this.#wrong(member, `expected a whole number within 2^53, found ${value}`);
  }

  /** NaN stands for never in the packed form, so one that comes in must not pass. */
  #time(member: string, value: unknown): number {
    if (value === undefined) return Number.NaN;
    const time = value instanceof Date ? value.getTime() : value;
    if (typeof time === "number" && Number.isSafeInteger(time) && time > 0) return time;
    throw this.#wrong(member, "expected a Date or whole milliseconds since 1970");
  }

  #optionalText(member: string, value: unknown): string | undefined {
    return value === undefined ? undefined : this.#text(member, value);
  }

  #text(member: string, value: unknown): string {
    if (typeof value !== "string") throw this.#wrong(member, `expected a string, found ${kindOf(value)}`);
    if (value.length === 0 || value.length > MAX_TEXT) {
      throw this.#wrong(member, `expected 1 to ${MAX_TEXT} characters`);
    }
    if (utf8Length(value) < 0) throw this.#wrong(member, "expected text without lone surrogates");
    return value;
  }

  #list<T>(member: string, value: unknown, read: (member: string, value: unknown) => T): readonly T[] {
    if (value === undefined) return [];
    if (!Array.isArray(value)) throw this.#wrong(member, `expected an array, found ${kindOf(value)}`);
    if (value.length > MAX_COUNT) throw this.#wrong(member, `expected at most ${MAX_COUNT} entries`);
    return Array.from(value as unknown[], (one, index) => read(`${member}[${index}]`, one));
  }

  /** A frozen copy: what the caller does to its object later changes no decision. */
  #json(member: string, value: unknown): Json | undefined {
    if (value === undefined) return undefined;
    let text: string | undefined;
    try {
      text = JSON.stringify(value);
    } catch {
      // A cycle or a BigInt; said below.
    }
    if (text === undefined) throw this.#wrong(member, "expected a JSON value");
    if (text.length > MAX_META) throw this.#wrong(member, `expected at most ${MAX_META} characters of JSON`);
    return frozen(JSON.parse(text) as Json);
  }

  /** The members of an object, read once. `known` are those that there are; any, if it is left out. */
  #members(
    value: unknown,
    member: string | undefined,
    known: readonly string[] | undefined,
  ): Readonly<Record<string, unknown>> {
    if (!isPlain(value)) throw this.#wrong(member, `expected a plain object, found ${kindOf(value)}`);
    const own: Record<string, unknown> = Object.create(null);
    for (const name of Object.keys(value)) {
      if (known?.includes(name) === false) {
        throw this.#wrong(member === undefined ? name : `${member}.${name}`, "there is no such member");
      }
      own[name] = value[name];
    }
    return own;
  }

  #wrong(member: string | undefined, what: string): KeywardError {
    const message = `record ${this.#at}: ${member === undefined ? "" : `${member}: `}${what}`;
    return new KeywardError("invalid_record", message, { record: this.#at, member });
  }
}

/** A number as it is, anything else by its kind. */
function found(value: unknown): string {
  return typeof value === "number" ? String(value) : kindOf(value);
}

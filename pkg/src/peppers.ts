/**
 * Peppers: secrets of a deployment that digests are keyed with, so that a stolen list of digests is worth nothing
 * alone.
 */
import { ByteWriter, utf8Length } from "./bytes.js";
import { invalidArgument } from "./error.js";
import { kindOf, ownMembers } from "./plain.js";

/**
 * Peppers by their id (1 to 16 characters `a-z 0-9 _ -`): 16 to 1,024 bytes each, or text that stands for its UTF-8.
 * More than are needed do no harm, so that the next one can be there before it is used.
 */
export interface Peppers {
  readonly [id: string]: string | Uint8Array;
}

/** One pepper. */
export interface Pepper {
  /** 1 to 16 characters `a-z 0-9 _ -`; a part of every digest that is made with it. */
  readonly id: string;
  /** 16 to 1,024 bytes, or text that stands for its UTF-8. */
  readonly secret: string | Uint8Array;
}

const MIN_SECRET = 16;
const MAX_SECRET = 1024;
/** At most two are in use at a time; nobody rotates through so many. */
const MAX_PEPPERS = 64;

const encoder = new TextEncoder();

/** Peppers as the module takes them. */
export function packPeppers(peppers: Peppers | undefined): Uint8Array {
  const packed = new ByteWriter();
  const own = peppers === undefined ? {} : ownMembers(peppers, "peppers");
  const ids = Object.keys(own);
  if (ids.length > MAX_PEPPERS) throw invalidArgument(`peppers: expected at most ${MAX_PEPPERS}`);
  packed.u16(ids.length);
  for (const id of ids) {
    packed.text(pepperId(id, "peppers"));
    const secret = pepperSecret(own[id], `peppers.${id}`);
    packed.u16(secret.length);
    packed.bytes(secret);
  }
  return packed.finish();
}

/** A pepper's id, if it is one. `member` is what an error calls it. */
export function pepperId(id: unknown, member: string): string {
  if (typeof id === "string" && /^[a-z0-9_-]{1,16}$/.test(id)) return id;
  throw invalidArgument(`${member}: expected an id of 1 to 16 characters a-z 0-9 _ -`);
}

/** A pepper's bytes. An error names the member, never the secret. */
export function pepperSecret(secret: unknown, member: string): Uint8Array {
  let bytes: Uint8Array;
  if (secret instanceof Uint8Array) {
    bytes = secret;
  } else if (typeof secret === "string") {
    if (utf8Length(secret) < 0) throw invalidArgument(`${member}: expected text without lone surrogates`);
    bytes = encoder.encode(secret);
  } else {
    throw invalidArgument(`${member}: expected a string or a Uint8Array, found ${kindOf(secret)}`);
  }
  if (bytes.length >= MIN_SECRET && bytes.length <= MAX_SECRET) return bytes;
  throw invalidArgument(`${member}: expected ${MIN_SECRET} to ${MAX_SECRET} bytes`);
}

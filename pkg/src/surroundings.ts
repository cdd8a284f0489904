/**
 * What a decision rests on besides the key and the call: what the call is about, where the client is, what the call
 * costs. All of it is read and checked before anything crosses into the module.
 */
import { utf8Length } from "./bytes.js";
import { invalidArgument, KeywardError } from "./error.js";
import { isPlain, kindOf } from "./plain.js";
import type { Scratch } from "./scratch.js";
import type { ContextValue } from "./verifier.js";
import type { Dimension } from "#glue";

/** What has been read of it. */
export interface Surroundings {
  /** The client's address as text; `undefined` for none. */
  readonly client: string | undefined;
  /** Positions of dimensions, and at the same places their values; `undefined` for a list without one. */
  readonly dimensions: readonly number[];
  readonly values: readonly (ContextValue | undefined)[];
  /** Whether nothing of all that was said, so that nothing needs to cross. */
  readonly isSilent: boolean;
  /** Units to take, instead of what the route says. */
  readonly cost: number | undefined;
}

/** The most entries of a context. */
const MAX_ENTRIES = 64;
/** The most bytes of a packed context, with the address. */
export const MAX_CONTEXT = 4096;
/** What may be an address: the longest ones have 45 characters, and a zone. Anything else is none. */
const ADDRESS = /^[\x21-\x7e]{1,64}$/;
/** The most units that a call may cost. */
const MAX_COST = 1_000_000;

/** Kinds of values in the packed form. */
const INTEGER = 0;
const TEXT = 1;
const EMPTY = 2;

/** The members of options that are read here, whatever they are. */
export interface UnreadSurroundings {
  readonly context?: unknown;
  readonly clientAddress?: unknown;
  readonly cost?: unknown;
}

/** Reads what options say of a call's surroundings, each member once; `undefined` where they say nothing. */
export function readSurroundings(
  options: UnreadSurroundings,
  dimensions: readonly Dimension[],
): Surroundings | undefined {
  const { context, clientAddress, cost } = options;
  if (context === undefined && clientAddress === undefined && cost === undefined) return undefined;
  const entries = new Entries(dimensions);
  if (context !== undefined && Object.hasOwn(options, "context")) entries.read(context);
  const client = Object.hasOwn(options, "clientAddress") ? readAddress(clientAddress) : undefined;
  if (entries.bytes + (client?.length ?? 0) > MAX_CONTEXT) {
    throw invalidArgument(`context: expected at most ${MAX_CONTEXT} bytes`);
  }
  return {
    client,
    dimensions: entries.dimensions,
    values: entries.values,
    isSilent: client === undefined && entries.values.length === 0,
    cost: Object.hasOwn(options, "cost") ? readCost(cost) : undefined,
  };
}

/** Puts surroundings into the input buffer at `offset`; how many bytes they take there. */
export function putSurroundings(
  scratch: Scratch,
  offset: number,
  { client, dimensions, values }: Surroundings,
): number {
  let at = offset + 1;
  const clientLength = client === undefined ? 0 : scratch.next(at, client, MAX_CONTEXT);
  scratch.u8(offset, clientLength);
  at += clientLength;
  scratch.u8(at++, values.length);
  for (const [index, value] of values.entries()) {
    scratch.u8(at, dimensions[index] ?? 0);
    scratch.u8(at + 1, value === undefined ? EMPTY : typeof value === "number" ? INTEGER : TEXT);
    at += 2;
    if (typeof value === "number") {
      scratch.f64(at, value);
      at += 8;
    } else if (value !== undefined) {
      const length = scratch.next(at + 2, value, MAX_CONTEXT);
      scratch.u16(at, length);
      at += 2 + length;
    }
  }
  return at - offset;
}

/** The entries of a context, as they are read. */
class Entries {
  readonly dimensions: number[] = [];
  readonly values: (ContextValue | undefined)[] = [];
  /** What they take in the packed form, with the two counts. */
  bytes = 2;
  readonly #known: readonly Dimension[];

  constructor(known: readonly Dimension[]) {
    this.#known = known;
  }

  read(context: unknown): void {
    if (!isPlain(context)) throw invalidArgument("context: expected a plain object of values by name");
    for (const name of Object.keys(context)) {
      const position = this.#known.findIndex((dimension) => dimension.name === name);
      const kind = this.#known[position]?.kind;
      if (kind === undefined) throw this.#unknown(name);
      const member = `context.${name}`;
      const value: unknown = context[name];
      if (kind === "network") throw invalidArgument(`${member}: the client's address goes into clientAddress`);
      if (!Array.isArray(value)) {
        if (value !== undefined) this.#add(position, value, member);
        continue;
      }
      const { length } = value;
      if (length === 0) this.#push(position, undefined, 2);
      for (let at = 0; at < length; at++) this.#add(position, value[at], `${member}[${at}]`);
    }
  }

  /**
   * Takes numbers and texts as they are: whether they are of the dimension's kind, and within a limit, is not for here.
   */
  #add(position: number, value: unknown, member: string): void {
    if (typeof value === "number") {
      if (!Number.isSafeInteger(value)) throw invalidArgument(`${member}: expected a whole number within 2^53`);
      this.#push(position, value, 10);
      return;
    }
    if (typeof value !== "string") {
      throw invalidArgument(`${member}: expected a string or a number, found ${kindOf(value)}`);
    }
    const bytes = value.length > MAX_CONTEXT ? MAX_CONTEXT : utf8Length(value);
    if (bytes < 0) throw invalidArgument(`${member}: expected text without lone surrogates`);
    this.#push(position, value, 4 + bytes);
  }

  #push(position: number, value: ContextValue | undefined, bytes: number): void {
    if (this.values.length === MAX_ENTRIES) throw invalidArgument(`context: expected at most ${MAX_ENTRIES} values`);
    this.dimensions.push(position);
    this.values.push(value);
    this.bytes += bytes;
  }

  #unknown(name: string): KeywardError {
    const known = this.#known.filter(({ kind }) => kind !== "network").map((dimension) => dimension.name);
    const names = known.length === 0 ? "the profile has none" : `there are: ${known.join(", ")}`;
    const message = `context: the profile has no constraint called ${JSON.stringify(name)}; ${names}`;
    return new KeywardError("invalid_argument", message, { member: `context.${name}` });
  }
}

function readAddress(address: unknown): string | undefined {
  if (address === undefined || address === null) return undefined;
  if (typeof address !== "string") {
    throw invalidArgument(`clientAddress: expected a string, found ${kindOf(address)}`);
  }
  return ADDRESS.test(address) ? address : undefined;
}

function readCost(cost: unknown): number | undefined {
  if (cost === undefined) return undefined;
  if (typeof cost === "number" && Number.isSafeInteger(cost) && cost >= 0 && cost <= MAX_COST) return cost;
  throw invalidArgument(`cost: expected a whole number from 0 to ${MAX_COST}`);
}

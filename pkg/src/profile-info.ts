/**
 * What a profile says, for pages that show it: fields, levels, routes, words. Nothing here decides anything, so it is read
 * here and not in the module, which every Worker carries.
 */
import { KeywardError } from "./error.js";
import { compiledProfile, type Preset, type PresetName } from "./profile.js";
import type { Rate } from "./rate.js";

/** A profile as people read it. */
export interface ProfileInfo {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** What its keys look like. */
  readonly keyFormat: "checksummed" | "account_hex" | "opaque";
  /** What every key begins with, before the underscore, in the format `checksummed`. */
  readonly prefix?: string | undefined;
  /** Where in a request the key may stand, in order: `bearer`, `header(x-api-key)`. */
  readonly transports: readonly string[];
  /** The headers that are read for it, in lower case. */
  readonly headers: readonly string[];
  /** What every path begins with: empty, or `/api`. */
  readonly basePath: string;
  /** Whether one segment `v1` … `v999` may stand after the base path. */
  readonly versionSegment: boolean;
  readonly scopes: readonly { readonly id: string; readonly title: string }[];
  readonly levels: readonly ProfileLevel[];
  /** The route rules; patterns are below the base path. */
  readonly routes: readonly ProfileRoute[];
  /** What a key can be limited in. */
  readonly constraints: readonly ProfileConstraint[];
  readonly fields: readonly ProfileField[];
  readonly lifecycle: ProfileLifecycle;
  /** The system's own words, by what they name. */
  readonly vocabulary: Readonly<Record<string, string>>;
}

/** An access level. */
export interface ProfileLevel {
  readonly id: string;
  readonly title: string;
  readonly help: string;
  /** It opens every route, also those without a rule; but not the closed ones. */
  readonly everything: boolean;
  readonly scopes: readonly string[];
  /** The rate of keys that have none of their own. */
  readonly rate?: Rate | undefined;
}

/** A route rule: the scope it needs, or why no key may use it. */
export interface ProfileRoute {
  /** `*` for every method that no other rule of the pattern names. */
  readonly method: string;
  readonly pattern: string;
  readonly scope?: string | undefined;
  /** No key may use it; this says what to use instead. */
  readonly closed?: string | undefined;
  /** Units that a call takes from the key's rate and quota. */
  readonly cost: number;
  /** It is refused while the snapshot is older than it should be. */
  readonly requireFresh: boolean;
}

/** Something that a key can be limited in. */
export interface ProfileConstraint {
  /** The name in a record's `constraints` and in a call's `context`. */
  readonly name: string;
  readonly title: string;
  readonly help: string;
  /** What its values are; `network` is held against the client's address. */
  readonly kind: "integer" | "text" | "network";
  /** The levels whose keys can be limited in it; all, if empty. */
  readonly levels: readonly string[];
  /** The scopes whose calls it concerns; all, if absent. */
  readonly appliesTo?: readonly string[] | undefined;
  /** The most values that a key may have. */
  readonly maxValues: number;
  /** For a text: the only values there are; any, if empty. */
  readonly values: readonly string[];
}

/** Something that is filled in when a key is made. */
export interface ProfileField {
  readonly name: string;
  readonly label: string;
  readonly help: string;
  readonly required: boolean;
  /** In characters. */
  readonly maxLength: number;
  readonly kind: "text" | "email";
}

/** What time and people do to a key. */
export interface ProfileLifecycle {
  /** A key that was not used for so many days is disabled; never, if absent. */
  readonly idleDisableDays?: number | undefined;
  /** The lifetimes of which one is chosen when a key is made; any or none, if empty. */
  readonly expiresInDays: readonly number[];
  /** A key that was switched off can be switched on again. */
  readonly reversible: boolean;
  /** A key can be shown again later. */
  readonly recoverable: boolean;
}

/** What a profile says. */
export function profileInfo(profile: Preset | PresetName): ProfileInfo {
  const bytes = compiledProfile(profile);
  try {
    return read(new Reader(bytes));
  } catch (cause) {
    throw new KeywardError("invalid_profile", "a compiled profile that is cut short or damaged", { cause });
  }
}

/** What docs/format.md has under "Compiled profile", in its order. The module has a reader of its own and no use for this one. */
function read(input: Reader): ProfileInfo {
  if (MAGIC.some((byte) => input.u8() !== byte)) throw new RangeError("another format or version");
  const [id, title, description] = [input.text(), input.text(), input.text()];
  input.text(); // The realm.
  const keyFormat = input.text() as ProfileInfo["keyFormat"];
  const prefix = input.text();
  const transports = input.list(() => input.text());
  const own = transports.flatMap((transport) => /^header\((.*)\)$/.exec(transport)?.[1] ?? []);
  const scopes = input.list(() => ({ id: input.text(), title: input.text() }));
  const idOf = (position: number) => at(scopes, position).id;
  const levels = input.list(() => level(input, idOf));
  const basePath = input.text();
  const versionSegment = input.flag();
  const routes = input.list(() => route(input, idOf));
  skipTrees(input);
  const constraints = input.list(() => constraint(input, levels, idOf));
  const fields = input.list(() => field(input));
  const vocabulary = Object.fromEntries(input.list(() => [input.text(), input.text()] as const));
  const lifecycle = readLifecycle(input);
  input.end();
  return {
    id,
    title,
    description,
    keyFormat,
    ...(prefix === "" ? {} : { prefix }),
    transports,
    headers: ["authorization", ...own],
    basePath,
    versionSegment,
    scopes,
    levels,
    routes,
    constraints,
    fields,
    vocabulary,
    lifecycle,
  };
}

function level(input: Reader, scopeId: (position: number) => string): ProfileLevel {
  const [id, title, help] = [input.text(), input.text(), input.text()];
  const scopes = input.scopes().map(scopeId);
  const everything = input.flag();
  const [limit, window] = [input.u32(), input.u32()];
  return { id, title, help, everything, scopes, ...(window === 0 ? {} : { rate: { limit, window } }) };
}

function route(input: Reader, scopeId: (position: number) => string): ProfileRoute {
  const [method, pattern, scope] = [input.text(), input.text(), input.u16()];
  const access = scope === CLOSED ? { closed: input.text() } : { scope: scopeId(scope) };
  return { method, pattern, ...access, cost: input.u32(), requireFresh: input.flag() };
}

/** The trees that calls are looked up in say nothing that the rules do not. */
function skipTrees(input: Reader): void {
  for (let nodes = input.u32(); nodes > 0; nodes--) {
    input.list(() => [input.text(), input.u32()]);
    input.u32();
    input.list(() => input.u16());
  }
  input.u32();
}

function constraint(
  input: Reader,
  levels: readonly ProfileLevel[],
  scopeId: (position: number) => string,
): ProfileConstraint {
  const [name, title, help] = [input.text(), input.text(), input.text()];
  const kind = input.text() as ProfileConstraint["kind"];
  const carriers = input.list(() => at(levels, input.u16()).id);
  const appliesTo = input.flag() ? { appliesTo: input.scopes().map(scopeId) } : {};
  const maxValues = input.u16();
  const values = input.list(() => input.text());
  return { name, title, help, kind, levels: carriers, ...appliesTo, maxValues, values };
}

function field(input: Reader): ProfileField {
  return {
    name: input.text(),
    label: input.text(),
    help: input.text(),
    required: input.flag(),
    maxLength: input.u16(),
    kind: input.text() as ProfileField["kind"],
  };
}

function readLifecycle(input: Reader): ProfileLifecycle {
  const idleDisableDays = input.u16();
  return {
    ...(idleDisableDays === 0 ? {} : { idleDisableDays }),
    expiresInDays: input.list(() => input.u16()),
    reversible: input.flag(),
    recoverable: input.flag(),
  };
}

function at<T>(list: readonly T[], position: number): T {
  const found = list[position];
  if (found === undefined) throw new RangeError("a position that is none");
  return found;
}

/** `KWPROF`, 0, version 1. */
const MAGIC = [0x4b, 0x57, 0x50, 0x52, 0x4f, 0x46, 0, 1];
/** In place of a rule's scope: no key may use it. */
const CLOSED = 0xffff;

/** Little-endian numbers and texts, one after another. Beyond the end, `DataView` throws a `RangeError`. */
class Reader {
  readonly #view: DataView;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(): number {
    return this.#view.getUint8(this.#pass(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#pass(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#pass(4), true);
  }

  flag(): boolean {
    return this.u8() === 1;
  }

  text(): string {
    const length = this.u16();
    const { buffer, byteOffset } = this.#view;
    const start = this.#pass(length);
    if (this.#at > this.#view.byteLength) throw new RangeError("a text beyond the end");
    return this.#decoder.decode(new Uint8Array(buffer, byteOffset + start, length));
  }

  /** The positions in a set of 128 bits. */
  scopes(): number[] {
    const bytes = Array.from({ length: 16 }, () => this.u8());
    return bytes.flatMap((byte, index) =>
      [0, 1, 2, 3, 4, 5, 6, 7].filter((bit) => (byte >> bit) & 1).map((bit) => index * 8 + bit),
    );
  }

  list<T>(item: () => T): T[] {
    return Array.from({ length: this.u16() }, item);
  }

  end(): void {
    if (this.#at !== this.#view.byteLength) throw new RangeError("something behind the end");
  }

  #pass(length: number): number {
    const start = this.#at;
    this.#at += length;
    return start;
  }
}

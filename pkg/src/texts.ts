/**
 * What decisions carry and the module keeps as text: whose a key of a snapshot is, and what a key is limited to. It is
 * decoded when a key is first met, and kept for those in use.
 */
import type { GrantedConstraints } from "./decision.js";
import { frozen, type Json } from "./json.js";
import type { Attachment } from "./records.js";
import type { Dimension, Engine } from "#glue";

/** The texts of so many keys, and the names of so many accounts, are kept. */
const MAX_KEPT = 1024;
/** The module's number for "no such entry". */
const NONE = 0xffff_ffff;

/** The texts of one engine. */
export class Texts {
  /** What a key without constraints may use. */
  readonly unlimited: GrantedConstraints;
  readonly #engine: Engine;
  readonly #holders = new Map<number, Attachment>();
  readonly #accounts = new Map<number, string>();
  readonly #constraints = new Map<number, GrantedConstraints>();

  constructor(engine: Engine, dimensions: readonly Dimension[]) {
    this.#engine = engine;
    this.unlimited = Object.freeze(Object.fromEntries(dimensions.map(({ name }) => [name, "all" as const])));
  }

  /** Whose key a record of a snapshot is, if it has been met. */
  holder(record: number): Attachment | undefined {
    return this.#holders.get(record);
  }

  /** Decodes whose key a record is; `undefined` where that cannot be read. `noted`: it has a subject or meta. */
  decode(record: number, id: string, account: number, noted: boolean): Attachment | undefined {
    let subject: string | undefined;
    let meta: Json | undefined;
    if (noted) {
      subject = this.#engine.subject(record);
      const json = this.#engine.meta(record);
      try {
        meta = json === undefined ? undefined : frozen(JSON.parse(json) as Json);
      } catch {
        // Signed, but not what a server writes: nothing is granted by it, and the instance is sound.
        return undefined;
      }
    }
    return keep(this.#holders, record, { id, account: this.#account(account), subject, meta });
  }

  /** What a key is limited to; every dimension of the profile is there. */
  constraints(record: number): GrantedConstraints {
    return this.#constraints.get(record) ?? keep(this.#constraints, record, this.#decodeConstraints(record));
  }

  #decodeConstraints(record: number): GrantedConstraints {
    const constraints = this.#engine.constraints(record) as Record<string, "all" | string[]>;
    for (const values of Object.values(constraints)) Object.freeze(values);
    return Object.freeze(constraints);
  }

  /** Names of accounts are decoded when first met: there may be as many as keys. */
  #account(index: number): string | undefined {
    if (index === NONE) return undefined;
    const known = this.#accounts.get(index);
    if (known !== undefined) return known;
    const account = this.#engine.account(index);
    return account === undefined ? undefined : keep(this.#accounts, index, account);
  }
}

/** Keeps a value, and lets go of all others when there are too many. */
function keep<T>(kept: Map<number, T>, index: number, value: T): T {
  if (kept.size >= MAX_KEPT) kept.clear();
  kept.set(index, value);
  return value;
}

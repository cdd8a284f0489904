/**
 * One instance with a loaded engine, and the tables decoded from it once. It crosses into the module with numbers only
 * and builds the decision here. Whatever it throws is a trap; the verifier around it deals with that.
 */
import { type Allowed, type Decision, Denials, type Denied } from "./decision.js";
import { fromModule } from "./error.js";
import type { Explanation } from "./explanation.js";
import { frozen, type Json } from "./json.js";
import { MAX_KEY } from "./keys.js";
import { type Instance, instantiate } from "./module.js";
import type { Attachment } from "./records.js";
import type { ReadRequest } from "./request.js";
import { Scratch } from "./scratch.js";
import type { Engine, EngineInfo, Policy } from "#glue";

const MAX_AUTHORIZATION = 8 * 1024;
const MAX_METHOD = 64;
const MAX_PATH = 8 * 1024;
/** The module's number for "the header is absent". */
const ABSENT = 0xffff_ffff;
/** The module's number for "no such entry" in the outcome block. */
const NONE = 0xffff_ffff;

/** The texts of so many keys, and the names of so many accounts, are kept decoded. */
const MAX_HOLDERS = 1024;

/** The only two verdicts that allow. Everything else, whatever it is, denies. */
const ALLOW = 0;
const ALLOW_STALE = 256;

/** Words of the grant block, see `src/wasm/engine.rs`. */
const POLICY = 2;
const ACCOUNT = 3;
const RECORD = 4;
const ORDINAL = 6;
const NOTED = 7;

/**
 * What stands in for a string that is too long to cross. It is malformed in every format, so the module refuses it
 * itself, in its own order of checks.
 */
const MALFORMED = "\u0000";

/** A call that a key is asked to make. */
export interface Target {
  readonly method: string;
  readonly path: string;
}

/** What is asked of a key: nothing but to be genuine and alive, a scope, the handle of a route, or a call. */
export type Ask = undefined | string | number | Target;

/** An engine and what it needs to decide. Throws `KeywardError` where it is made, traps where it is asked. */
export class Decider {
  readonly info: EngineInfo;
  readonly #memory: WebAssembly.Memory;
  readonly #shardAt: number;
  readonly #shardLength: number;
  readonly #engine: Engine;
  readonly #scratch: Scratch;
  readonly #denials: Denials;
  readonly #policies: readonly Policy[];
  readonly #attachments: readonly Attachment[];
  readonly #holders = new Map<number, Attachment>();
  readonly #accounts = new Map<number, string>();
  readonly #methods: ReadonlyMap<string, number>;
  readonly #scopes: ReadonlyMap<string, number>;

  /** An instance loaded with packed records. Throws a `KeywardError` when one of them cannot be. */
  static fromRecords(profile: Uint8Array, records: Uint8Array, attachments: readonly Attachment[]): Decider {
    const instance = instantiate();
    try {
      return new Decider(instance, instance.glue.Engine.fromRecords(profile, records), attachments);
    } catch (thrown) {
      throw fromModule(thrown);
    }
  }

  /** An instance loaded with a snapshot. Throws a `KeywardError` unless signature, digest and floor hold. */
  static openSnapshot(
    head: Uint8Array,
    shard: Uint8Array,
    publicKeys: string,
    keyspace: string,
    minEra: number,
    minEpoch: number,
  ): Decider {
    const instance = instantiate();
    try {
      const { Engine } = instance.glue;
      return new Decider(instance, Engine.openSnapshot(head, shard, publicKeys, keyspace, minEra, minEpoch), []);
    } catch (thrown) {
      throw fromModule(thrown);
    }
  }

  /** `attachments` belong to records given by the caller; a snapshot has none. */
  private constructor(instance: Instance, engine: Engine, attachments: readonly Attachment[]) {
    this.#memory = instance.memory;
    this.#shardAt = engine.shardAddress();
    this.#shardLength = engine.shardLength();
    this.#engine = engine;
    this.#scratch = new Scratch(instance.memory, engine.scratch(), engine.scratchLength(), engine.outcome());
    this.info = engine.info() as EngineInfo;
    this.#denials = new Denials(this.info.challenges);
    this.#policies = this.info.policies.map(({ level, scopes }) => ({ level, scopes: Object.freeze(scopes) }));
    this.#attachments = attachments;
    this.#methods = positions(this.info.methods);
    this.#scopes = positions(this.info.scopes);
  }

  /** Is the key genuine and alive, and does it meet what is asked? */
  key(key: string, ask: Ask, now: number): Decision {
    const engine = this.#engine;
    const keyLength = this.#putKey(key);
    switch (typeof ask) {
      case "undefined":
        return this.#answer(engine.verifyAlive(keyLength, now));
      case "number":
        return this.#answer(engine.verifyRoute(keyLength, ask, now));
      case "string":
        return this.#answer(engine.verifyScope(keyLength, this.#scopes.get(ask) ?? NONE, now));
      default: {
        const method = this.#methods.get(ask.method) ?? NONE;
        return this.#answer(engine.verifyKey(keyLength, method, this.#putPath(keyLength, ask.path), now));
      }
    }
  }

  /** Is the credential in a request genuine, alive and allowed there? */
  request(request: ReadRequest, now: number): Decision {
    const [authorization, method, url] = this.#putRequest(request);
    return this.#answer(this.#engine.verifyRequest(authorization, method, url, now));
  }

  /** As `key`, with the steps. */
  explainKey(key: string, ask: Ask, now: number): Explanation {
    const engine = this.#engine;
    const keyLength = this.#putKey(key);
    switch (typeof ask) {
      case "undefined":
        return this.#explained(engine.explainAlive(keyLength, now));
      case "number":
        return this.#explained(engine.explainRoute(keyLength, ask, now));
      case "string":
        return this.#explained(engine.explainScope(keyLength, this.#scopes.get(ask) ?? NONE, now));
      default: {
        const method = this.#methods.get(ask.method) ?? NONE;
        return this.#explained(engine.explainKey(keyLength, method, this.#putPath(keyLength, ask.path), now));
      }
    }
  }

  /** As `request`, with the steps. */
  explainRequest(request: ReadRequest, now: number): Explanation {
    const [authorization, method, url] = this.#putRequest(request);
    return this.#explained(this.#engine.explainRequest(authorization, method, url, now));
  }

  /** The handle of a route rule, or the negative number of the reason why there is none. */
  resolve(method: string, path: string): number {
    this.#scratch.refresh();
    const methodLength = this.#put(0, method, MAX_METHOD);
    return this.#engine.resolveRoute(methodLength, this.#putPath(methodLength, path));
  }

  /**
   * The snapshot's shard, where it lies in the instance's memory: there is no second copy. It can be read after a trap
   * too; whoever opens it again checks its digest again.
   */
  shard(): Uint8Array {
    return new Uint8Array(this.#memory.buffer, this.#shardAt, this.#shardLength);
  }

  /** The refusal for a reason found on this side. */
  denied(reason: Denied["reason"]): Denied {
    return this.#denials.of(reason);
  }

  #putKey(key: string): number {
    this.#scratch.refresh();
    const length = this.#scratch.first(key, MAX_KEY);
    return length < 0 ? this.#malformed(0) : length;
  }

  #put(offset: number, text: string, limit: number): number {
    const length = this.#scratch.next(offset, text, limit);
    return length < 0 ? this.#malformed(offset) : length;
  }

  #putPath(offset: number, path: string): number {
    return this.#put(offset, path, MAX_PATH);
  }

  #putRequest({ authorization, method, url }: ReadRequest): [number, number, number] {
    const scratch = this.#scratch;
    scratch.refresh();
    let end = 0;
    let authorizationLength = ABSENT;
    if (authorization !== undefined) {
      if (authorization.length <= MAX_AUTHORIZATION && method.length <= MAX_METHOD && url.length <= MAX_PATH) {
        // All three in one go; that is right if every character took one byte.
        const whole = authorization + method + url;
        if (scratch.first(whole, whole.length) === whole.length) {
          return [authorization.length, method.length, url.length];
        }
      }
      const length = scratch.first(authorization, MAX_AUTHORIZATION);
      end = authorizationLength = length < 0 ? this.#malformed(0) : length;
    }
    const methodLength = this.#put(end, method, MAX_METHOD);
    return [authorizationLength, methodLength, this.#putPath(end + methodLength, url)];
  }

  #malformed(offset: number): number {
    return this.#scratch.next(offset, MALFORMED, 1);
  }

  #answer(verdict: number): Decision {
    if (verdict === ALLOW) return this.#allowed(false);
    if (verdict === ALLOW_STALE) return this.#allowed(true);
    return this.#denials.numbered(verdict);
  }

  #allowed(stale: boolean): Decision {
    const scratch = this.#scratch;
    scratch.refresh();
    const policy = this.#policies[scratch.word(POLICY)];
    if (policy === undefined) return this.denied("internal");
    const expiresAt = scratch.expiresAt();
    const holder = this.#holder();
    if (holder === undefined) return this.denied("internal");
    return {
      allowed: true,
      keyId: holder.id,
      account: holder.account,
      subject: holder.subject,
      meta: holder.meta,
      level: policy.level ?? undefined,
      scopes: policy.scopes,
      expiresAt: expiresAt === 0 ? undefined : expiresAt,
      stale,
    } satisfies Allowed;
  }

  /** Whose key it is: for records what the caller attached, for a snapshot what is written in it. */
  #holder(): Attachment | undefined {
    const scratch = this.#scratch;
    const ordinal = scratch.word(ORDINAL);
    if (ordinal !== NONE) return this.#attachments[ordinal];
    const record = scratch.word(RECORD);
    return this.#holders.get(record) ?? this.#decode(record);
  }

  /** Decodes texts of a snapshot, and keeps those of the keys that are in use. */
  #decode(record: number): Attachment | undefined {
    const scratch = this.#scratch;
    // Read before anything else crosses: the memory may grow then, and leave this view empty.
    const id = scratch.keyId();
    const noted = scratch.word(NOTED) !== 0;
    const account = this.#account(scratch.word(ACCOUNT));
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
    const holder = { id, account, subject, meta };
    if (this.#holders.size >= MAX_HOLDERS) this.#holders.clear();
    this.#holders.set(record, holder);
    return holder;
  }

  /** Names of accounts are decoded when first met: there may be as many as keys. */
  #account(index: number): string | undefined {
    if (index === NONE) return undefined;
    let account = this.#accounts.get(index);
    if (account === undefined) {
      account = this.#engine.account(index);
      if (account === undefined) return undefined;
      if (this.#accounts.size >= MAX_HOLDERS) this.#accounts.clear();
      this.#accounts.set(index, account);
    }
    return account;
  }

  /** The module knows a record by its ordinal, the caller by its id. */
  #explained(found: Explanation & { ordinal?: number }): Explanation {
    const { ordinal, ...explanation } = found;
    const attachment = ordinal === undefined ? undefined : this.#attachments[ordinal];
    return attachment === undefined ? explanation : { ...explanation, keyId: attachment.id };
  }
}

function positions(names: readonly string[]): ReadonlyMap<string, number> {
  return new Map(names.map((name, position) => [name, position]));
}

/**
 * One instance with a loaded engine, and the tables decoded from it once. It crosses into the module with numbers only
 * and builds the decision here. Whatever it throws is a trap; the verifier around it deals with that.
 */
import { type Allowed, type Decision, Denials, type Denied } from "./decision.js";
import { fromModule } from "./error.js";
import type { Explanation } from "./explanation.js";
import { Inputs } from "./inputs.js";
import type { Limiter } from "./limiter.js";
import { type Instance, instantiate } from "./module.js";
import type { Rate, RateStatus } from "./rate.js";
import type { Attachment } from "./records.js";
import type { Credentials } from "./request.js";
import { Scratch } from "./scratch.js";
import type { Surroundings } from "./surroundings.js";
import { Texts } from "./texts.js";
import type { PackedTrust } from "./trust.js";
import type { Engine, EngineInfo } from "#glue";

/** The module's number for "no such entry" in the outcome block, and for a method or scope that no rule names. */
const NONE = 0xffff_ffff;

/** The only two verdicts that allow. Everything else, whatever it is, denies. */
const ALLOW = 0;
const ALLOW_STALE = 256;
/** What a step of the rate gives instead of a state when it refuses. */
const NOT_ADMITTED = -1;

/** Words of the grant block, see `src/wasm/grant.rs`. */
const POLICY = 2;
const ACCOUNT = 3;
const RECORD = 4;
const ORDINAL = 6;
const NOTED = 7;
const LIMITED = 12;
const COST = 13;

/** What decisions need of a policy. */
interface Granted {
  readonly level: string | undefined;
  readonly scopes: readonly string[];
  readonly rate: Rate | undefined;
}

/** An engine and what it needs to decide. Throws `KeywardError` where it is made, traps where it is asked. */
export class Decider {
  readonly info: EngineInfo;
  readonly #memory: WebAssembly.Memory;
  readonly #shardAt: number;
  readonly #shardLength: number;
  readonly #engine: Engine;
  readonly #scratch: Scratch;
  readonly #inputs: Inputs;
  readonly #denials: Denials;
  readonly #policies: readonly Granted[];
  readonly #attachments: readonly Attachment[];
  readonly #texts: Texts;
  readonly #limiter: Limiter;
  readonly #methods: ReadonlyMap<string, number>;
  readonly #scopes: ReadonlyMap<string, number>;

  /** An instance loaded with packed records. Throws a `KeywardError` when one of them cannot be. */
  static fromRecords(
    profile: Uint8Array,
    records: Uint8Array,
    peppers: Uint8Array,
    attachments: readonly Attachment[],
    limiter: Limiter,
  ): Decider {
    const instance = instantiate();
    try {
      const { Engine } = instance.glue;
      return new Decider(instance, Engine.fromRecords(profile, records, peppers), attachments, limiter);
    } catch (thrown) {
      throw fromModule(thrown);
    }
  }

  /** An instance loaded with a snapshot. Throws a `KeywardError` unless signature, digest and floor hold. */
  static openSnapshot(
    head: Uint8Array,
    shard: Uint8Array,
    { publicKeys, keyspace, minEra, minEpoch, peppers }: PackedTrust,
    limiter: Limiter,
  ): Decider {
    const instance = instantiate();
    try {
      const { Engine } = instance.glue;
      const engine = Engine.openSnapshot(head, shard, publicKeys, keyspace, minEra, minEpoch, peppers);
      return new Decider(instance, engine, [], limiter);
    } catch (thrown) {
      throw fromModule(thrown);
    }
  }

  /** `attachments` belong to records given by the caller; a snapshot has none. */
  private constructor(instance: Instance, engine: Engine, attachments: readonly Attachment[], limiter: Limiter) {
    this.#memory = instance.memory;
    this.#shardAt = engine.shardAddress();
    this.#shardLength = engine.shardLength();
    this.#engine = engine;
    this.#scratch = new Scratch(instance.memory, engine.scratch(), engine.scratchLength(), engine.outcome());
    this.info = engine.info() as EngineInfo;
    const { challenges, notes, policies, methods, scopes, headers, dimensions } = this.info;
    this.#inputs = new Inputs(this.#scratch, headers.length);
    this.#denials = new Denials(challenges, notes);
    this.#policies = policies.map(({ level, scopes, rate }) => ({
      level: level ?? undefined,
      scopes: Object.freeze(scopes),
      rate: rate ?? undefined,
    }));
    this.#attachments = attachments;
    this.#texts = new Texts(engine, dimensions);
    this.#limiter = limiter;
    this.#methods = positions(methods);
    this.#scopes = positions(scopes);
  }

  /** Is the key genuine and alive, and has it the scope, or may it use the route, that is asked for? */
  key(key: string, ask: string | number | undefined, around: Surroundings | undefined, now: number): Decision {
    const engine = this.#engine;
    const keyLength = this.#inputs.key(key);
    const context = this.#inputs.around(keyLength, around);
    switch (typeof ask) {
      case "undefined":
        return this.#answer(engine.verifyAlive(keyLength, context, now), around, now);
      case "number":
        return this.#answer(engine.verifyRoute(keyLength, ask, context, now), around, now);
      default: {
        const scope = this.#scopes.get(ask) ?? NONE;
        return this.#answer(engine.verifyScope(keyLength, scope, context, now), around, now);
      }
    }
  }

  /** Is the key genuine and alive, and may it make the call? */
  call(key: string, method: string, path: string, around: Surroundings | undefined, now: number): Decision {
    const number = this.#methods.get(method) ?? this.#unlisted(method);
    const keyLength = this.#inputs.key(key);
    const pathLength = this.#inputs.path(keyLength, path);
    const context = this.#inputs.around(keyLength + pathLength, around);
    return this.#answer(this.#engine.verifyKey(keyLength, number, pathLength, context, now), around, now);
  }

  /** Is the credential in a request genuine, alive and allowed there? `values` are those of `info.headers`. */
  request(
    values: Readonly<Credentials>,
    method: string,
    url: string,
    around: Surroundings | undefined,
    now: number,
  ): Decision {
    const number = this.#methods.get(method) ?? this.#unlisted(method);
    const inputs = this.#inputs;
    const end = inputs.headers(values, url);
    const urlLength = inputs.urlLength;
    const context = inputs.around(end + urlLength, around);
    const lengths = inputs.lengths;
    const verdict = this.#engine.verifyRequest(
      lengths[0],
      lengths[1],
      lengths[2],
      lengths[3],
      number,
      urlLength,
      context,
      now,
    );
    return this.#answer(verdict, around, now);
  }

  /** As `key`, with the steps. */
  explainKey(
    key: string,
    ask: string | number | undefined,
    around: Surroundings | undefined,
    now: number,
  ): Explanation {
    const engine = this.#engine;
    const keyLength = this.#inputs.key(key);
    const context = this.#inputs.around(keyLength, around);
    switch (typeof ask) {
      case "undefined":
        return this.#explained(engine.explainAlive(keyLength, context, now));
      case "number":
        return this.#explained(engine.explainRoute(keyLength, ask, context, now));
      default:
        return this.#explained(engine.explainScope(keyLength, this.#scopes.get(ask) ?? NONE, context, now));
    }
  }

  /** As `call`, with the steps. */
  explainCall(key: string, method: string, path: string, around: Surroundings | undefined, now: number): Explanation {
    const number = this.#methods.get(method) ?? this.#unlisted(method);
    const keyLength = this.#inputs.key(key);
    const pathLength = this.#inputs.path(keyLength, path);
    const context = this.#inputs.around(keyLength + pathLength, around);
    return this.#explained(this.#engine.explainKey(keyLength, number, pathLength, context, now));
  }

  /** As `request`, with the steps. */
  explainRequest(
    values: Readonly<Credentials>,
    method: string,
    url: string,
    around: Surroundings | undefined,
    now: number,
  ): Explanation {
    const number = this.#methods.get(method) ?? this.#unlisted(method);
    const inputs = this.#inputs;
    const end = inputs.headers(values, url);
    const urlLength = inputs.urlLength;
    const context = inputs.around(end + urlLength, around);
    const [h0, h1, h2, h3] = inputs.lengths;
    return this.#explained(this.#engine.explainRequest(h0, h1, h2, h3, number, urlLength, context, now));
  }

  /** The number of a method that no rule names, or of what is no method: the module tells one from the other. */
  #unlisted(method: string): number {
    return this.#engine.methodNumber(this.#inputs.method(method));
  }

  /** The handle of a route rule, or the negative number of the reason why there is none. */
  resolve(method: string, path: string): number {
    const methodLength = this.#inputs.method(method);
    return this.#engine.resolveRoute(methodLength, this.#inputs.path(methodLength, path));
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

  #answer(verdict: number, around: Surroundings | undefined, now: number): Decision {
    if (verdict === ALLOW) return this.#allowed(false, around, now);
    if (verdict === ALLOW_STALE) return this.#allowed(true, around, now);
    return this.#denials.numbered(verdict);
  }

  #allowed(stale: boolean, around: Surroundings | undefined, now: number): Decision {
    const scratch = this.#scratch;
    scratch.refresh();
    const number = scratch.word(POLICY);
    const policy = this.#policies[number];
    if (policy === undefined) return this.denied("internal");
    const expiresAt = scratch.expiresAt();
    const cost = around?.cost ?? scratch.word(COST);
    const record = scratch.word(RECORD);
    const isLimited = scratch.word(LIMITED) !== 0;
    const holder = this.#holder(record);
    if (holder === undefined) return this.denied("internal");
    const constraints = isLimited ? this.#texts.constraints(record) : this.#texts.unlimited;
    let rate: RateStatus | undefined;
    if (policy.rate !== undefined) {
      const taken = this.#take(number, policy.rate, holder.id, cost, now);
      if ("allowed" in taken) return taken;
      rate = taken;
    }
    return {
      allowed: true,
      keyId: holder.id,
      account: holder.account,
      subject: holder.subject,
      meta: holder.meta,
      level: policy.level,
      scopes: policy.scopes,
      constraints,
      expiresAt: expiresAt === 0 ? undefined : expiresAt,
      stale,
      rate,
      cost,
    } satisfies Allowed;
  }

  /** Takes what a call costs from the key's rate, if that holds it. */
  #take(policy: number, rate: Rate, keyId: string, cost: number, now: number): RateStatus | Denied {
    const state = this.#engine.rateStep(policy, cost, this.#limiter.state(keyId), now);
    this.#scratch.refresh();
    const standing = this.#scratch.rate();
    if (state >= 0) {
      if (cost > 0) this.#limiter.keep(keyId, state, now);
      return { limit: rate.limit, remaining: standing.remaining, resetMs: standing.resetMs };
    }
    return state === NOT_ADMITTED ? this.#denials.rateLimited(rate, standing) : this.denied("internal");
  }

  /** Whose key it is: for records what the caller attached, for a snapshot what is written in it. */
  #holder(record: number): Attachment | undefined {
    const scratch = this.#scratch;
    const ordinal = scratch.word(ORDINAL);
    if (ordinal !== NONE) return this.#attachments[ordinal];
    return (
      this.#texts.holder(record) ??
      this.#texts.decode(record, scratch.keyId(), scratch.word(ACCOUNT), scratch.word(NOTED) !== 0)
    );
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

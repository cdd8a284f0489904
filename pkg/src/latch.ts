/**
 * The verifier, pure and synchronous. Around the engine it adds a clock that never goes back and a latch: whatever
 * goes wrong inside the WebAssembly instance refuses the request at hand and costs that instance its place.
 */
import { Clock } from "./clock.js";
import type { Ask, Decider } from "./decider.js";
import { type Decision, type Denied, REASONS } from "./decision.js";
import { fromModule, invalidArgument, KeywardError } from "./error.js";
import { type Explanation, unexplained } from "./explanation.js";
import type { EngineInfo } from "#glue";
import { readRequest, type ReadRequest, type RequestLike } from "./request.js";
import type { RouteHandle, Verifier, VerifyKeyOptions, VerifyOptions } from "./verifier.js";

/**
 * Makes an instance, the first or the one after `failed`, whose memory may still be read. Throws when what it builds
 * from is not sound.
 */
export type Build = (failed: Decider | undefined) => Decider;

/**
 * A build from a shard that is not kept beside the instance: the next instance takes it from the memory of the last.
 */
export function snapshotBuild(shard: Uint8Array, open: (shard: Uint8Array) => Decider): Build {
  let first: Uint8Array | undefined = shard;
  return (failed) => {
    const decider = open(failed?.shard() ?? first ?? new Uint8Array());
    first = undefined;
    return decider;
  };
}

/** A verifier that rebuilds itself by `build` when its instance has failed. */
export class LatchedVerifier implements Verifier {
  readonly #clock: Clock;
  readonly #info: EngineInfo;
  /** What every request is answered with while there is no sound instance. */
  readonly #internal: Denied;
  #build: Build | undefined;
  /** Absent from the moment an instance has failed until another has been built. */
  #decider: Decider | undefined;
  /** The one that has failed, and why. */
  #failed: Decider | undefined;
  #failure: KeywardError | undefined;

  constructor(build: Build, clock: Clock = new Clock()) {
    this.#build = build;
    this.#clock = clock;
    this.#decider = build(undefined);
    this.#info = this.#decider.info;
    this.#internal = this.#decider.denied("internal");
  }

  verify(request: RequestLike, options?: VerifyOptions): Decision {
    return this.verifyRead(readRequest(request), options);
  }

  /** As `verify`, for a request that has been read already. */
  verifyRead(request: ReadRequest, options: VerifyOptions | undefined): Decision {
    const now = this.#time(options);
    const decider = this.#decider ?? this.#rebuilt();
    if (decider === undefined) return this.#internal;
    try {
      return decider.request(request, now);
    } catch (thrown) {
      return this.#poisoned(thrown);
    }
  }

  verifyKey(key: string | null | undefined, options?: VerifyKeyOptions): Decision {
    if (key === null || key === undefined) return this.verifyRead(NO_CREDENTIAL, options);
    if (typeof key !== "string") throw invalidArgument("key: expected a string");
    const now = this.#time(options);
    const ask = options === undefined ? undefined : this.#asked(options);
    const decider = this.#decider ?? this.#rebuilt();
    if (decider === undefined) return this.#internal;
    try {
      return decider.key(key, ask, now);
    } catch (thrown) {
      return this.#poisoned(thrown);
    }
  }

  route(method: string, path: string): RouteHandle {
    if (typeof method !== "string") throw invalidArgument("method: expected a string");
    if (typeof path !== "string") throw invalidArgument("path: expected a string");
    const decider = this.#decider ?? this.#rebuilt();
    if (decider === undefined) throw this.#failure ?? new KeywardError("internal", "there is no sound instance");
    let handle: number;
    try {
      handle = decider.resolve(method, path);
    } catch (thrown) {
      this.#poisoned(thrown);
      throw fromModule(thrown);
    }
    if (handle >= 0) return new ResolvedRoute(this, handle, method, path);
    const reason = REASONS[-handle - 1] ?? "internal";
    throw new KeywardError(reason, `route: no rule of the profile for ${method} ${path}`);
  }

  explain(request: RequestLike, options?: VerifyOptions): Explanation {
    return this.explainRead(readRequest(request), options);
  }

  /** As `explain`, for a request that has been read already. */
  explainRead(request: ReadRequest, options: VerifyOptions | undefined): Explanation {
    const now = this.#time(options);
    return this.#explained((decider) => decider.explainRequest(request, now));
  }

  explainKey(key: string, options?: VerifyKeyOptions): Explanation {
    if (typeof key !== "string") throw invalidArgument("key: expected a string");
    const now = this.#time(options);
    const ask = options === undefined ? undefined : this.#asked(options);
    return this.#explained((decider) => decider.explainKey(key, ask, now));
  }

  /** Its instance has failed and could not be built again: nothing but refusals will come. */
  get isLost(): boolean {
    return this.#decider === undefined && this.#rebuilt() === undefined;
  }

  /** The snapshot's shard, in the memory of the instance, sound or failed. */
  shard(): Uint8Array {
    return (this.#decider ?? this.#failed)?.shard() ?? new Uint8Array();
  }

  get epoch(): number {
    return this.#info.snapshot?.epoch ?? 0;
  }

  get era(): number {
    return this.#info.snapshot?.era ?? 0;
  }

  get issuedAt(): number {
    return this.#info.snapshot?.issuedAt ?? 0;
  }

  get size(): number {
    return this.#info.size;
  }

  dispose(): void {
    this.#build = undefined;
    this.#decider = undefined;
    this.#failed = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #time(options: VerifyOptions | undefined): number {
    const now = options?.now;
    if (now === undefined) return this.#clock.now();
    if (typeof now !== "number") throw invalidArgument("now: expected a number of milliseconds");
    return now;
  }

  /**
   * What the options ask, every one of them read once. One that is there but undefined, or misspelt, or an object that is
   * something else (a `Request`, a promise that was not awaited), must not turn into "ask nothing": it throws.
   */
  #asked(options: VerifyKeyOptions): Ask {
    if (!isPlain(options))
      throw invalidArgument("options: expected a plain object such as { method, path } or { scope }");
    const { method, path, scope, route } = options as { [member: string]: unknown };
    const calls = method !== undefined || path !== undefined;
    if (typeof method === "string" && typeof path === "string" && scope === undefined && route === undefined) {
      return { method, path };
    }
    if (typeof scope === "string" && route === undefined && !calls) return scope;
    if (route instanceof ResolvedRoute && route.owner === this && scope === undefined && !calls) return route.handle;
    for (const member in options) {
      if (member === "route") throw invalidArgument("route: expected a handle from this verifier's route(), alone");
      if (!NOT_ASKED.has(member)) {
        throw invalidArgument(`${member}: expected a method with a path, or a scope, or a route`);
      }
    }
    return undefined;
  }

  /** The latch closes: the instance is let go, the request at hand refused. */
  #poisoned(thrown: unknown): Denied {
    this.#failed = this.#decider ?? this.#failed;
    this.#decider = undefined;
    this.#failure = fromModule(thrown);
    return this.#internal;
  }

  /** A fresh instance from what the last was built from; without one, every request goes on being refused. */
  #rebuilt(): Decider | undefined {
    if (this.#build === undefined) throw new KeywardError("disposed", "the verifier has been disposed of");
    try {
      this.#decider = this.#build(this.#failed);
      this.#failed = undefined;
    } catch (thrown) {
      this.#poisoned(thrown);
    }
    return this.#decider;
  }

  #explained(explain: (decider: Decider) => Explanation): Explanation {
    const decider = this.#decider ?? this.#rebuilt();
    if (decider !== undefined) {
      try {
        return explain(decider);
      } catch (thrown) {
        this.#poisoned(thrown);
      }
    }
    return unexplained("internal", this.#failure?.message ?? "there is no sound instance");
  }
}

/** Whether nothing stands between an object and the root of its prototypes; of whichever realm that is. */
function isPlain(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Options that say how to decide, not what about. `ctx` is an edge's. */
const NOT_ASKED: ReadonlySet<string> = new Set(["now", "ctx"]);

/** What a missing key is decided as. */
const NO_CREDENTIAL: ReadRequest = { authorization: undefined, method: "GET", url: "/" };

class ResolvedRoute implements RouteHandle {
  readonly owner: Verifier;
  readonly handle: number;
  readonly method: string;
  readonly path: string;

  constructor(owner: Verifier, handle: number, method: string, path: string) {
    this.owner = owner;
    this.handle = handle;
    this.method = method;
    this.path = path;
    Object.freeze(this);
  }
}

/**
 * The verifier, pure and synchronous. Around the engine it adds a clock that never goes back and a latch: whatever
 * goes wrong inside the WebAssembly instance refuses the request at hand and costs that instance its place.
 */
import { Clock } from "./clock.js";
import type { Decider } from "./decider.js";
import { type Decision, type Denied, REASONS } from "./decision.js";
import { fromModule, invalidArgument, KeywardError } from "./error.js";
import { type Explanation, unexplained } from "./explanation.js";
import { keyOptions, NO_OPTIONS, readAsk, readNow, requestOptions } from "./options.js";
import { credentials, NO_CREDENTIALS, readRequest, type ReadRequest, type RequestLike } from "./request.js";
import { ResolvedRoute } from "./route.js";
import { readSurroundings } from "./surroundings.js";
import type { RouteHandle, Verifier, VerifyKeyOptions, VerifyOptions } from "./verifier.js";
import type { EngineInfo } from "#glue";

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
    const how = options === undefined ? NO_OPTIONS : requestOptions(options);
    const around = readSurroundings(how, this.#info.dimensions);
    const now = readNow(how) ?? this.#clock.now();
    const values = credentials(request, this.#info.headers);
    const decider = this.#decider ?? this.#rebuilt();
    if (decider === undefined) return this.#internal;
    try {
      return decider.request(values, request.method, request.url, around, now);
    } catch (thrown) {
      return this.#poisoned(thrown);
    }
  }

  verifyKey(key: string | null | undefined, options?: VerifyKeyOptions): Decision {
    if (key !== null && key !== undefined && typeof key !== "string") throw invalidArgument("key: expected a string");
    const how = options === undefined ? NO_OPTIONS : keyOptions(options);
    const { method, path, scope, route } = how;
    const isCall = typeof method === "string" && typeof path === "string" && scope === undefined && route === undefined;
    const ask = isCall ? method : readAsk(how, this, method !== undefined || path !== undefined, scope, route);
    const around = readSurroundings(how, this.#info.dimensions);
    const now = readNow(how) ?? this.#clock.now();
    const decider = this.#decider ?? this.#rebuilt();
    if (decider === undefined) return this.#internal;
    try {
      if (typeof key !== "string") return decider.request(NO_CREDENTIALS, "GET", "/", undefined, now);
      return isCall ? decider.call(key, method, path, around, now) : decider.key(key, ask, around, now);
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
    const how = options === undefined ? NO_OPTIONS : requestOptions(options);
    const around = readSurroundings(how, this.#info.dimensions);
    const now = readNow(how) ?? this.#clock.now();
    const values = credentials(request, this.#info.headers);
    return this.#explained((decider) => decider.explainRequest(values, request.method, request.url, around, now));
  }

  explainKey(key: string, options?: VerifyKeyOptions): Explanation {
    if (typeof key !== "string") throw invalidArgument("key: expected a string");
    const how = options === undefined ? NO_OPTIONS : keyOptions(options);
    const { method, path, scope, route } = how;
    const isCall = typeof method === "string" && typeof path === "string" && scope === undefined && route === undefined;
    const ask = isCall ? method : readAsk(how, this, method !== undefined || path !== undefined, scope, route);
    const around = readSurroundings(how, this.#info.dimensions);
    const now = readNow(how) ?? this.#clock.now();
    return this.#explained((decider) =>
      isCall ? decider.explainCall(key, method, path, around, now) : decider.explainKey(key, ask, around, now),
    );
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

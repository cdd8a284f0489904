/**
 * The WebAssembly module's surface as this package uses it. `scripts/build.mjs` makes `#glue` from wasm-bindgen's glue.
 */

import type * as Module from "../wasm/keyward.js";

/** A set of rights that keys share. */
export interface Policy {
  readonly level: string | null;
  readonly scopes: readonly string[];
}

/** A signed head's content. */
export interface HeadInfo {
  readonly keyspace: string;
  readonly era: number;
  readonly epoch: number;
  readonly issuedAt: number;
  readonly shards: readonly { readonly digest: string; readonly length: number }[];
}

/** What an engine was loaded with. */
export interface EngineInfo {
  /** Absent for records. */
  readonly snapshot: HeadInfo | null;
  readonly size: number;
  readonly challenges: readonly string[];
  readonly policies: readonly Policy[];
  /** The methods that rules name, and HEAD: a call crosses with a position in this list. */
  readonly methods: readonly string[];
  /** The profile's scopes: a scope crosses with a position in this list. */
  readonly scopes: readonly string[];
}

/** An engine, as wasm-bindgen types it. */
export type Engine = Module.Engine;

/** The part of wasm-bindgen's glue that is used. */
export type Glue = Pick<
  typeof Module,
  "initSync" | "Engine" | "generateKey" | "digestKey" | "parseKey" | "inspectHead" | "profileInfo"
>;

/** The glue of a new instance: wasm-bindgen's is a module with one instance, made a function here. */
export function createGlue(): Glue;

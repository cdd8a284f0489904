/**
 * The WebAssembly module's surface as this package uses it. `scripts/build.mjs` makes `#glue` from wasm-bindgen's glue.
 */

import type * as Module from "../wasm/keyward.js";
import type { Rate } from "./rate.js";

/** A set of rights that keys share. */
export interface Policy {
  readonly level?: string | null;
  readonly scopes: readonly string[];
  readonly rate?: Rate | null;
}

/** Something that keys can be limited in: a context crosses with a position in the list of these. */
export interface Dimension {
  readonly name: string;
  readonly kind: "integer" | "text" | "network";
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
  /** The headers in which a credential may stand, in lower case, at most four: a request crosses with their values. */
  readonly headers: readonly string[];
  readonly dimensions: readonly Dimension[];
  /** What closed routes say, by route. */
  readonly notes: Readonly<Record<string, string>>;
}

/** An engine, as wasm-bindgen types it. */
export type Engine = Module.Engine;

/** The part of wasm-bindgen's glue that is used. */
export type Glue = Pick<
  typeof Module,
  "initSync" | "Engine" | "generateKey" | "digestKey" | "parseKey" | "inspectHead"
>;

/** The glue of a new instance: wasm-bindgen's is a module with one instance, made a function here. */
export function createGlue(): Glue;

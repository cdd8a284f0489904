/**
 * How a decision came about, step by step: for the API's owner, never for the caller.
 */
import type { Reason } from "./decision.js";

/** One check, in the order in which they are made. The rate is none of them: an explanation takes nothing from it. */
export interface ExplanationStep {
  readonly step:
    | "clock"
    | "credential"
    | "path"
    | "format"
    | "checksum"
    | "snapshot"
    | "digest"
    | "state"
    | "route"
    | "scope"
    | "freshness"
    | "constraint";
  readonly outcome: "pass" | "fail" | "skip";
  /** What was found, in words. Never holds more of the key than its hint. */
  readonly detail: string;
}

/** A decision with the rule that decided. */
export interface Explanation {
  readonly verdict: "allow" | "deny";
  /** Why not, for a `deny`. */
  readonly reason?: Reason | undefined;
  /** The HTTP status; 200 for an `allow`. */
  readonly status: number;
  /** The snapshot is older than it should be. */
  readonly stale: boolean;
  readonly steps: readonly ExplanationStep[];
  /** The key that was found. */
  readonly keyId?: string | undefined;
  /** The level of that key. */
  readonly level?: string | undefined;
  /** The route rule that matched. */
  readonly route?:
    { readonly method: string; readonly pattern: string; readonly scope?: string | undefined } | undefined;
}

/** The explanation of an answer that the module could not give. */
export function unexplained(reason: Reason, detail: string): Explanation {
  const step = reason === "stale_snapshot" ? "snapshot" : "clock";
  return { verdict: "deny", reason, status: 503, stale: false, steps: [{ step, outcome: "fail", detail }] };
}

/** Sending a request for real: the verifier is asked as the API would ask it, and what the call costs is taken. */
import type { Gate, Reason, WireRequest, Surroundings } from "../engine";

/** What became of some requests in a row. */
export interface Sent {
  readonly count: number;
  readonly allowed: number;
  /** Why the last one that was refused was refused. */
  readonly refusal:
    { readonly status: number; readonly reason: Reason; readonly retryAfter: string | undefined } | undefined;
  /** The key that was used, if one was. */
  readonly keyId: string | undefined;
}

/** Sends the same request `count` times at one moment. */
export function send(gate: Gate, request: WireRequest, around: Surroundings, now: number, count: number): Sent {
  let allowed = 0;
  let refusal: Sent["refusal"];
  let keyId: string | undefined;
  for (let i = 0; i < count; i++) {
    const decision = gate.send(request, around, now);
    if (decision.allowed) {
      allowed += 1;
      keyId = decision.keyId;
    } else {
      const { status, reason, headers } = decision;
      refusal = { status, reason, retryAfter: headers["retry-after"] };
    }
  }
  return { count, allowed, refusal, keyId };
}

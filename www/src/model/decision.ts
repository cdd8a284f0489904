/**
 * Keeps the decision current while keys, request and clock change, and says what became different.
 *
 * The verifier is built anew only when the published records change; a moved clock or another request asks the same one again.
 */
import { useEffect, useMemo, useState } from "preact/hooks";
import { Gate, objectionIn, type Profile, type Ruling, type StepName, type StoredKey } from "../engine";
import type { Wire } from "./request";
import { phrase } from "./words";

/** A ruling, and how it differs from the one before. */
export interface Decided {
  readonly ruling: Ruling;
  /** Grows with every ruling that differs, so that a repeated change is noticed as well. */
  readonly turn: number;
  /** One sentence for the reader, empty when nothing has changed yet. */
  readonly change: string;
  readonly changed: ReadonlySet<StepName>;
}

/** The verifier over these records. */
export function useGate(profile: Profile, records: readonly StoredKey[]): Gate {
  const gate = useMemo(() => new Gate(profile, records), [profile, JSON.stringify(records)]);
  useEffect(() => () => gate[Symbol.dispose](), [gate]);
  return gate;
}

/** What there is to show: a decision, or why there is none. */
export type Outcome = { readonly decided: Decided } | { readonly why: string };

/**
 * The decision on what is on the wire at `now`. `uses` is how often something was sent: each time the key's rate stands
 * differently.
 */
export function useDecision(gate: Gate, wire: Wire, now: number, uses: number): Outcome {
  const [outcome, setOutcome] = useState<Outcome>({ why: "" });
  useEffect(() => {
    if (!wire.ok) setOutcome({ why: wire.why });
    else {
      const { request, around } = wire;
      const asked = objectionIn(() => gate.decide(request, around, now));
      setOutcome((before) => (asked.ok ? { decided: follow(before, asked.value) } : { why: asked.why }));
    }
  }, [gate, JSON.stringify(wire), now, uses]);
  return outcome;
}

/** What a new ruling changes against the one before. */
function follow(outcome: Outcome, ruling: Ruling): Decided {
  if (!("decided" in outcome)) return { ruling, turn: 0, change: "", changed: new Set() };
  const before = outcome.decided;
  const old = before.ruling;
  const changed = new Set(
    ruling.steps.filter((step, i) => step.outcome !== old.steps[i]?.outcome).map((step) => step.step),
  );
  if (name(old) === name(ruling) && changed.size === 0) return { ...before, ruling };
  const change =
    name(old) === name(ruling)
      ? `Still ${name(ruling)}, at another step.`
      : `Was ${name(old)}, is now ${name(ruling)}.`;
  return { ruling, turn: before.turn + 1, change, changed };
}

/** `allow`, or `deny 401 expired`. */
function name(ruling: Ruling): string {
  return ruling.allowed ? "allow" : `deny ${ruling.status} ${phrase(ruling.status)} (${ruling.reason})`;
}

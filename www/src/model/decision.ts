/**
 * Keeps the decision current while keys, request and clock change, and says what became different.
 *
 * The verifier is built anew only when the published records change; a moved clock or another request asks the same one again.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { Gate, type Ruling, type StepName, type StoredKey, type WireRequest } from "../engine";
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

/** The decision on `request` at `now`; undefined while there is no request. */
export function useDecision(
  records: readonly StoredKey[],
  request: WireRequest | undefined,
  now: number,
): Decided | undefined {
  const [decided, setDecided] = useState<Decided>();
  const gate = useRef<{ readonly fingerprint: string; readonly gate: Gate }>(null);
  const fingerprint = JSON.stringify(records);
  const asked = request === undefined ? undefined : JSON.stringify(request);

  useEffect(() => {
    if (request === undefined) {
      setDecided(undefined);
      return;
    }
    if (gate.current?.fingerprint !== fingerprint) {
      gate.current?.gate[Symbol.dispose]();
      gate.current = { fingerprint, gate: new Gate(records) };
    }
    const ruling = gate.current.gate.decide(request, now);
    setDecided((before) => follow(before, ruling));
  }, [fingerprint, asked, now]);

  return decided;
}

/** What a new ruling changes against the one before. */
function follow(before: Decided | undefined, ruling: Ruling): Decided {
  if (before === undefined) return { ruling, turn: 0, change: "", changed: new Set() };
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

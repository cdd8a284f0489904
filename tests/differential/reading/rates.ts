/** The step of a rate, as `docs/format.md` has it under "Rates": in exact whole numbers. */
import type { Rate } from "./profile.js";

/** How a rate stands after a call. */
export interface RateStep {
  readonly admitted: boolean;
  /** In µs. */
  readonly state: bigint;
  readonly left: number;
  /** Ms until all units are back, rounded up. */
  readonly resetMs: number;
  /** Ms until the same call would be admitted, rounded up; 0 where it was, and where it never is. */
  readonly retryMs: number;
}

/** One call of cost `cost` at `now` in ms. */
export function rateStep({ limit, window }: Rate, state: bigint, cost: number, now: number): RateStep {
  const units = BigInt(limit);
  const interval = (BigInt(window) * 1_000_000n + units - 1n) / units;
  const whole = units * interval;
  const time = BigInt(now) * 1000n;
  const taken = BigInt(cost) * interval;
  let missing = state > time ? state - time : 0n;
  if (missing > 2n * whole) missing = 0n;
  const admitted = taken === 0n || missing + taken <= whole;
  const excess = admitted || taken > whole ? 0n : missing + taken - whole;
  if (admitted) missing += taken;
  const left = (whole - missing) / interval;
  return {
    admitted,
    state: admitted && taken > 0n ? time + missing : state,
    left: Number(left < 0n ? 0n : left),
    resetMs: Number((missing + 999n) / 1000n),
    retryMs: Number((excess + 999n) / 1000n),
  };
}

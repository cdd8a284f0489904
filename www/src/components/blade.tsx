/**
 * How far the key gets, drawn: the blade slides through one ward after the other and stops at the one that is shut.
 *
 * A drawing only: the list below it says the same in words, so it is hidden from assistive technology.
 */
import type { Step } from "../engine";

const FIRST = 92;
const GAP = 50;
const MIDDLE = 34;

export function Blade({ steps }: { steps: readonly Step[] }) {
  const stop = steps.findIndex((step) => step.outcome === "fail");
  const end = FIRST + GAP * (steps.length - 1) + 26;
  const tip = stop < 0 ? end : FIRST + GAP * stop - 7;
  return (
    <svg class="blade" viewBox={`0 0 ${end + 6} 68`} aria-hidden="true">
      <circle class="blade-bow" cx="28" cy={MIDDLE} r="20" />
      <g class="blade-bit" style={{ "--reach": String((tip - 46) / (end - 46)) }}>
        <path d={outline(end, steps.length)} />
      </g>
      {steps.map((step, i) => (
        <Ward key={step.step} x={FIRST + GAP * i} outcome={step.outcome} />
      ))}
    </svg>
  );
}

/** The blade: a straight back, and a cut at every ward. */
function outline(end: number, count: number): string {
  const depths = [6, 10, 5, 9, 7, 11, 6, 10, 5, 8, 7, 9];
  let d = `M46 ${MIDDLE - 8}H${end - 8}L${end} ${MIDDLE}L${end - 6} ${MIDDLE + 8}`;
  for (let i = count - 1; i >= 0; i--) {
    const x = FIRST + GAP * i;
    const depth = depths[i % depths.length] ?? 8;
    d += `H${x + 13}L${x + 5} ${MIDDLE + 8 - depth}H${x - 5}L${x - 13} ${MIDDLE + 8}`;
  }
  return `${d}H46Z`;
}

/** One ward: open above and below the blade, or shut across it. */
function Ward({ x, outcome }: { x: number; outcome: Step["outcome"] }) {
  if (outcome === "fail") return <path class="ward fail" d={`M${x} 4V64`} />;
  return <path class={`ward ${outcome}`} d={`M${x} 4V17M${x} 51V64`} />;
}

/** The checks in their order, each with its outcome and what was found; the failing one stands out. */
import type { Step, StepName } from "../engine";
import { Icon } from "./icon";

interface Props {
  readonly steps: readonly Step[];
  readonly changed: ReadonlySet<StepName>;
  readonly turn: number;
}

const TITLES: Readonly<Record<StepName, string>> = {
  clock: "Clock",
  credential: "Found where",
  path: "Path",
  format: "Key format",
  checksum: "Checksum",
  snapshot: "Snapshot",
  digest: "Digest",
  state: "State",
  route: "Route rule",
  scope: "Scope",
  freshness: "Freshness",
  constraint: "Limits",
};

const OUTCOMES = { pass: "passed", fail: "failed", skip: "not checked" } as const;

export function Pipeline({ steps, changed, turn }: Props) {
  return (
    <ol class="pipeline" aria-label="Checks, in order">
      {steps.map((step) => {
        const isChanged = changed.has(step.step);
        // A changed row gets a new key and so plays its mark again.
        return <Row key={isChanged ? `${step.step} ${turn}` : step.step} step={step} changed={isChanged} />;
      })}
    </ol>
  );
}

function Row({ step, changed }: { step: Step; changed: boolean }) {
  const unreached = step.detail === "";
  const classes = ["step", step.outcome, unreached && "unreached", changed && "changed"].filter(Boolean).join(" ");
  return (
    <li class={classes} data-step={step.step}>
      <span class="step-mark">
        {step.outcome === "pass" && <Icon name="check" size={14} />}
        {step.outcome === "fail" && <Icon name="cross" size={14} />}
      </span>
      <span class="step-name">{TITLES[step.step]}</span>
      <span class="sr">{OUTCOMES[step.outcome]}: </span>
      <span class="step-detail">{unreached ? "not reached" : step.detail}</span>
    </li>
  );
}

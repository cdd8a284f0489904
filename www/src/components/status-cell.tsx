/**
 * How a key stands, and what changes that, each time confirmed: a switch where keys can be switched back on, else a check
 * mark that takes the key out of use for good.
 */
import { useState } from "preact/hooks";
import { stateAt, type KeyRow, type RowState } from "../model/keys";
import type { Action } from "../model/state";
import { fromNow } from "../model/words";
import { Confirm } from "./confirm";
import { Icon } from "./icon";
import { useProfile } from "./system";
import type { Profile } from "../engine";

interface Props {
  readonly row: KeyRow;
  readonly name: string;
  readonly now: number;
  readonly dispatch: (action: Action) => void;
}

export function StatusCell({ row, name, now, dispatch }: Props) {
  const profile = useProfile();
  const state = stateAt(row, profile, now);
  const Control = profile.lifecycle.reversible ? Toggle : Retire;
  const [word, why] = statusWords(state, row, profile, now);
  return (
    <span class="status">
      <Control row={row} name={name} state={state} now={now} dispatch={dispatch} />
      <span>
        {word} {why !== undefined && <small>{why}</small>}
      </span>
    </span>
  );
}

interface ControlProps extends Props {
  readonly state: RowState;
}

/** Off and on again. */
function Toggle({ row, name, state, now, dispatch }: ControlProps) {
  const profile = useProfile();
  const [asking, setAsking] = useState(false);
  const on = state.kind === "available" || state.kind === "expired";
  const action = on ? (profile.word("disable") ?? "Switch off") : (profile.word("enable") ?? "Switch on");
  const text = on
    ? (profile.word("disable_confirm") ?? "Requests with this key are refused from then on.")
    : (profile.word("enable_confirm") ?? "Requests with this key are let through again.");
  return (
    <>
      <button
        type="button"
        role="switch"
        class="switch"
        aria-checked={on}
        aria-label={`Status of ${name}`}
        onClick={() => setAsking(true)}
      >
        <span class="switch-knob" />
      </button>
      {asking && (
        <Confirm
          title={`${action}: ${name}`}
          action={action}
          danger={on}
          onClose={() => setAsking(false)}
          onConfirm={() => dispatch({ type: "switched", id: row.id, on: !on, at: now })}
        >
          <p>{text}</p>
        </Confirm>
      )}
    </>
  );
}

/** Off, and never on again. */
function Retire({ row, name, state, now, dispatch }: ControlProps) {
  const profile = useProfile();
  const [asking, setAsking] = useState(false);
  const action = profile.word("deactivate") ?? "Deactivate";
  if (state.kind === "deactivated") {
    return (
      <span class="retired">
        <Icon name="dash" />
      </span>
    );
  }
  return (
    <>
      <button
        type="button"
        class="button square retire"
        title={action}
        aria-label={`${action}: ${name}`}
        onClick={() => setAsking(true)}
      >
        <Icon name="check" />
      </button>
      {asking && (
        <Confirm
          title={`${action}: ${name}`}
          action={profile.word("deactivate_submit") ?? action}
          danger
          onClose={() => setAsking(false)}
          onConfirm={() => dispatch({ type: "deactivated", id: row.id, at: now })}
        >
          <p>{profile.word("deactivate_confirm") ?? "The key stops working at once, and for good."}</p>
        </Confirm>
      )}
    </>
  );
}

/** The state in the system's own words, and why, where there is a why. */
function statusWords(state: RowState, row: KeyRow, profile: Profile, now: number): [string, string | undefined] {
  const off = profile.word("status_disabled") ?? "Off";
  switch (state.kind) {
    case "off":
      return [off, undefined];
    case "deactivated":
      return [profile.word("status_deactivated") ?? off, undefined];
    case "idle":
      return [off, `unused for ${profile.lifecycle.idleDisableDays ?? 0} days`];
    case "expired":
      return [profile.word("status_expired") ?? off, `expired ${fromNow(state.since, now)}`];
    case "available":
      return [
        profile.word("status_active") ?? "Active",
        row.expiresAt === undefined ? undefined : `expires ${fromNow(row.expiresAt, now)}`,
      ];
  }
}

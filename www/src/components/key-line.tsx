/** One key in the list: its hint, its level, its switch, and the menu behind the three dots. */
import { useState } from "preact/hooks";
import { profile } from "../engine";
import { stateAt, type KeyRow, type RowState } from "../model/keys";
import type { Action } from "../model/state";
import { date, fromNow, moment } from "../model/words";
import { Confirm } from "./confirm";
import { RowMenu } from "./row-menu";

/** The columns, in the profile's words. */
export const COLUMNS = [
  ["key", profile.word("column_key", "Key")],
  ["created_by", profile.word("column_created_by", "Created by")],
  ["created_at", profile.word("column_created_at", "Creation date")],
  ["level", profile.word("column_level", "Access")],
  ["description", profile.word("column_description", "Description")],
  ["status", profile.word("column_status", "Status")],
] as const;

const OFF = profile.word("disable", "Switch off");
const ON = profile.word("enable", "Switch on");
const DELETE = profile.word("delete", "Delete");
const title = Object.fromEntries(COLUMNS);

interface Props {
  readonly row: KeyRow;
  readonly now: number;
  readonly dispatch: (action: Action) => void;
}

export function KeyLine({ row, now, dispatch }: Props) {
  const [asking, setAsking] = useState<"switch" | "delete">();
  const state = stateAt(row, now);
  const on = state.kind === "available" || state.kind === "expired";
  const name = row.description === "" ? row.hint : row.description;
  return (
    <tr role="row" class={on ? "key-line" : "key-line off"}>
      <td role="cell" data-label={title["key"]}>
        <code class="hint">{row.hint}</code>
      </td>
      <td role="cell" data-label={title["created_by"]}>
        {row.createdBy}
      </td>
      <td role="cell" data-label={title["created_at"]}>
        <time dateTime={new Date(row.createdAt).toISOString()} title={moment(row.createdAt)}>
          {date(row.createdAt)}
        </time>
      </td>
      <td role="cell" data-label={title["level"]}>
        <select
          class="field compact"
          aria-label={`${profile.word("column_level", "Access")} of ${name}`}
          value={row.level}
          onChange={(event) => dispatch({ type: "levelled", id: row.id, level: event.currentTarget.value })}
        >
          {profile.levels.map((level) => (
            <option key={level.id} value={level.id}>
              {level.title}
            </option>
          ))}
        </select>
      </td>
      <td role="cell" data-label={title["description"]} class="description">
        {row.description === "" ? <span class="dim">none</span> : row.description}
      </td>
      <td role="cell" data-label={title["status"]}>
        <span class="status">
          <button
            type="button"
            role="switch"
            class="switch"
            aria-checked={on}
            aria-label={`Status of ${name}`}
            onClick={() => setAsking("switch")}
          >
            <span class="switch-knob" />
          </button>
          <span>{statusWord(state, row, now)}</span>
        </span>
      </td>
      <td role="cell" class="more">
        <RowMenu name={name} onDelete={() => setAsking("delete")} />
        {asking === "switch" && (
          <Confirm
            title={`${on ? OFF : ON}: ${name}`}
            action={on ? OFF : ON}
            danger={on}
            onClose={() => setAsking(undefined)}
            onConfirm={() => dispatch({ type: "switched", id: row.id, on: !on, at: now })}
          >
            <p>
              {on
                ? profile.word("disable_confirm", "Requests with this key are refused from then on.")
                : profile.word("enable_confirm", "Requests with this key are let through again.")}
            </p>
          </Confirm>
        )}
        {asking === "delete" && (
          <Confirm
            title={`${DELETE}: ${name}`}
            action={DELETE}
            danger
            onClose={() => setAsking(undefined)}
            onConfirm={() => dispatch({ type: "deleted", id: row.id })}
          >
            <p>{profile.word("delete_confirm", "The key is removed for good and cannot be restored.")}</p>
          </Confirm>
        )}
      </td>
    </tr>
  );
}

/** The status in words: the system's own two, and why, where there is a why. */
function statusWord(state: RowState, row: KeyRow, now: number) {
  const available = profile.word("status_active", "Available");
  const not = profile.word("status_disabled", "Not available");
  switch (state.kind) {
    case "off":
      return not;
    case "idle":
      return (
        <>
          {not} <small>unused for {profile.idleDisableDays} days</small>
        </>
      );
    case "expired":
      return (
        <>
          {not} <small>expired {fromNow(state.since, now)}</small>
        </>
      );
    case "available":
      return (
        <>
          {available} {row.expiresAt !== undefined && <small>expires {fromNow(row.expiresAt, now)}</small>}
        </>
      );
  }
}

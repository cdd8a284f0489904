/** Everything the page knows of a system besides the keys themselves, and the only ways it changes. */
import type { Profile } from "../engine";
import { exampleCall } from "./example";
import type { KeyRow } from "./keys";
import { within, type Ask } from "./request";

/** The state of one system's console. */
export interface State {
  readonly keys: readonly KeyRow[];
  readonly ask: Ask;
  /** How far the visitor has moved the clock, in days. */
  readonly days: number;
}

/** What can happen. */
export type Action =
  | { readonly type: "created"; readonly row: KeyRow; readonly profile: Profile }
  | { readonly type: "switched"; readonly id: string; readonly on: boolean; readonly at: number }
  | { readonly type: "deactivated"; readonly id: string; readonly at: number }
  | { readonly type: "levelled"; readonly id: string; readonly level: string; readonly at: number }
  | { readonly type: "reissued"; readonly row: KeyRow }
  | { readonly type: "used"; readonly id: string; readonly at: number }
  | { readonly type: "deleted"; readonly id: string }
  | { readonly type: "asked"; readonly patch: Partial<Ask> }
  | { readonly type: "waited"; readonly days: number };

/** The state that follows from an action. */
export function reduce(state: State, action: Action): State {
  switch (action.type) {
    case "created":
      return {
        ...state,
        keys: [action.row, ...state.keys],
        ask: { ...state.ask, ...presenting(action.row), ...within(action.row, action.profile) },
      };
    case "switched":
      return change(state, action.id, (row) =>
        action.on
          ? { ...row, status: "active", enabledAt: action.at, updatedAt: action.at }
          : { ...row, status: "disabled", updatedAt: action.at },
      );
    case "deactivated":
      return change(state, action.id, (row) => ({ ...row, status: "deactivated", updatedAt: action.at }));
    case "levelled":
      return change(state, action.id, (row) => ({ ...row, level: action.level, updatedAt: action.at }));
    case "reissued":
      return {
        ...change(state, action.row.id, () => action.row),
        ask: { ...state.ask, ...presenting(action.row) },
      };
    case "used":
      return change(state, action.id, (row) => ({ ...row, lastUsedAt: action.at }));
    case "deleted":
      return { ...state, keys: state.keys.filter((row) => row.id !== action.id) };
    case "asked":
      return { ...state, ask: { ...state.ask, ...action.patch } };
    case "waited":
      return { ...state, days: action.days };
  }
}

function change(state: State, id: string, how: (row: KeyRow) => KeyRow): State {
  return { ...state, keys: state.keys.map((row) => (row.id === id ? how(row) : row)) };
}

/** A request that presents a key that was just made. */
function presenting({ id, digests }: KeyRow): Pick<Ask, "mode" | "typo" | "credential"> {
  return { mode: "compose", typo: false, credential: { kind: "key", id, digest: digests[0].digest } };
}

/** The state in which a system opens: one key and a request that it may make. */
export function opening(profile: Profile, first: KeyRow): State {
  return {
    keys: [first],
    days: 0,
    ask: {
      ...presenting(first),
      ...within(first, profile),
      ...exampleCall(profile),
      transport: 0,
      username: "any-name",
      curl: "",
    },
  };
}

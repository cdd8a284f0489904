/** Everything the page knows besides the keys themselves, and the only ways it changes. */
import { profile } from "../engine";
import type { KeyRow } from "./keys";
import type { Ask } from "./request";

/** The page's state. */
export interface State {
  readonly keys: readonly KeyRow[];
  readonly ask: Ask;
  /** How far the visitor has moved the clock, in days. */
  readonly days: number;
}

/** What can happen. */
export type Action =
  | { readonly type: "created"; readonly row: KeyRow }
  | { readonly type: "switched"; readonly id: string; readonly on: boolean; readonly at: number }
  | { readonly type: "levelled"; readonly id: string; readonly level: string }
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
        ask: { ...state.ask, mode: "compose", typo: false, credential: { kind: "key", id: action.row.id } },
      };
    case "switched":
      return change(state, action.id, (row) =>
        action.on ? { ...row, status: "active", enabledAt: action.at } : { ...row, status: "disabled" },
      );
    case "levelled":
      return change(state, action.id, (row) => ({ ...row, level: action.level }));
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

/** The call that the page opens with and measures: one that needs a scope of its own. */
export function exampleCall(): Pick<Ask, "method" | "path"> {
  const route = profile.routes.find((each) => each.scope === "events") ?? profile.routes[0];
  return { method: route?.method ?? "GET", path: route?.sample ?? "/" };
}

/** The state in which the page opens: one key and a request that it may make. */
export function opening(first: KeyRow): State {
  return {
    keys: [first],
    days: 0,
    ask: {
      mode: "compose",
      ...exampleCall(),
      username: "any-name",
      credential: { kind: "key", id: first.id },
      typo: false,
      curl: "",
    },
  };
}

/** What is being typed about a limit, before it is one. Whether a value can be one, the verifier is asked. */
import { objection, type Constraint, type Limit, type Profile } from "../engine";
import { value } from "./request";

/** A limit as far as it has been entered. */
export interface LimitDraft {
  /** Not everything, but the values alone. */
  readonly only: boolean;
  readonly values: readonly (string | number)[];
  /** What stands in the field and is no value yet. */
  readonly pending: string;
  readonly problem: string | undefined;
}

/** Everything, until something else is said. */
export const UNLIMITED: LimitDraft = { only: false, values: [], pending: "", problem: undefined };

/** Takes what is pending among the values, or says what is against it. */
export function commit(profile: Profile, level: string, constraint: Constraint, draft: LimitDraft): LimitDraft {
  const text = draft.pending.trim();
  if (text === "") return { ...draft, pending: "", problem: undefined };
  const taken = value(constraint, text);
  if (taken === undefined) return { ...draft, problem: `${JSON.stringify(text)} is no whole number.` };
  if (draft.values.includes(taken)) return { ...draft, pending: "", problem: undefined };
  const [first = taken, ...rest] = [...draft.values, taken];
  const problem = objection(profile, level, constraint, [first, ...rest]);
  return problem === undefined ? { ...draft, values: [first, ...rest], pending: "", problem } : { ...draft, problem };
}

/** The limit that a draft amounts to; `undefined` while it amounts to none, because nothing was chosen or something is wrong. */
export function settled({ only, values, pending }: LimitDraft): Limit | undefined {
  if (!only) return "all";
  const [first, ...rest] = values;
  return first === undefined || pending.trim() !== "" ? undefined : [first, ...rest];
}

/** What a key may do: its level, and below it what it is limited to and how often it may be used. */
import { constraintsOf } from "../engine";
import { unlisted } from "../model/columns";
import type { KeyRow } from "../model/keys";
import type { Action } from "../model/state";
import { limitWords, rateWords } from "../model/words";
import { useProfile } from "./system";

interface Props {
  readonly row: KeyRow;
  readonly name: string;
  readonly title: string;
  readonly now: number;
  readonly dispatch: (action: Action) => void;
}

export function LevelCell({ row, name, title, now, dispatch }: Props) {
  const profile = useProfile();
  const level = profile.levels.find(({ id }) => id === row.level);
  const rate = row.rate ?? level?.rate;
  // A system that has no word for editing has keys that stay as they were made.
  const editable = profile.word("edit") !== undefined && row.status !== "deactivated";
  return (
    <>
      {editable ? (
        <select
          class="field compact"
          aria-label={`${title} of ${name}`}
          value={row.level}
          onChange={(event) => dispatch({ type: "levelled", id: row.id, level: event.currentTarget.value, at: now })}
        >
          {profile.levels
            .filter(({ id }) => fits(id))
            .map(({ id, title }) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
        </select>
      ) : (
        (level?.title ?? row.level)
      )}
      {unlisted(profile).map((constraint) => {
        const limit = row.constraints[constraint.name] ?? "all";
        if (limit === "all") return null;
        return (
          <small key={constraint.name}>
            {constraint.title}: {limitWords(limit)}
          </small>
        );
      })}
      {rate !== undefined && <small>{rateWords(rate)}</small>}
    </>
  );

  /** Whether keys of a level can be limited as this one is. */
  function fits(id: string): boolean {
    const known = constraintsOf(profile, id).map((constraint) => constraint.name);
    return Object.entries(row.constraints).every(([dimension, limit]) => limit === "all" || known.includes(dimension));
  }
}

/** The access level of a new key: what each opens, in words and counted. */
import { useMemo } from "preact/hooks";
import { canCall, reachOfLevels } from "../model/reach";
import { rateWords } from "../model/words";
import { useProfile } from "./system";

interface Props {
  readonly level: string;
  readonly onChange: (level: string) => void;
}

export function LevelField({ level, onChange }: Props) {
  const profile = useProfile();
  const reach = useMemo(() => reachOfLevels(profile), [profile]);
  return (
    <fieldset class="form-row">
      <legend>{profile.word("level") ?? "Access level"}</legend>
      {profile.levels.map(({ id, title, help, rate }) => (
        <label key={id} class="choice">
          <input type="radio" name="level" value={id} checked={level === id} onChange={() => onChange(id)} />
          <span>
            <strong>{title}</strong>
            <span class="help">{help}</span>
            <span class="choice-facts">
              <span>{canCall(profile, reach.get(id) ?? [])}</span>
              {rate !== undefined && <span>{rateWords(rate)}</span>}
            </span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

/** When a new key ends: one of the lifetimes that the system lists, else any or none. */
import { DAY } from "../model/keys";
import { date, days, lifetime as lifetimeWords } from "../model/words";
import { useProfile } from "./system";

interface Props {
  readonly now: number;
  /** In days; 0 is never. */
  readonly lifetime: number;
  readonly onChange: (lifetime: number) => void;
}

/** Lifetimes on offer where the profile sets none, so none is the default. */
const LIFETIMES = [7, 30, 90, 365];

/** The lifetime that is chosen at first. */
export function firstLifetime(choices: readonly number[]): number {
  return choices[0] ?? 0;
}

export function ExpiryField({ now, lifetime, onChange }: Props) {
  const profile = useProfile();
  const title = profile.word("expiry") ?? "Expires";
  const choices = profile.lifecycle.expiresInDays;
  if (choices.length > 0) {
    return (
      <fieldset class="form-row">
        <legend>{title}</legend>
        <div class="choices-row">
          {choices.map((count) => (
            <label key={count} class="choice small">
              <input
                type="radio"
                name="expiry"
                value={String(count)}
                checked={lifetime === count}
                onChange={() => onChange(count)}
              />
              <span>
                <strong>{lifetimeWords(profile, count)}</strong>
                <span class="help">{date(now + count * DAY)}</span>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
    );
  }
  return (
    <div class="form-row">
      <label for="new-expiry">{title}</label>
      <select
        id="new-expiry"
        class="field"
        value={String(lifetime)}
        onChange={(event) => onChange(Number(event.currentTarget.value))}
      >
        <option value="0">Never</option>
        {LIFETIMES.map((count) => (
          <option key={count} value={String(count)}>
            After {days(count)}, on {date(now + count * DAY)}
          </option>
        ))}
      </select>
    </div>
  );
}

/** How often a new key may be used, where that is to differ from what its level says. */
import type { Level } from "../engine";
import { rateWords, WINDOWS } from "../model/words";

/** A rate as it is entered; without a limit there is none. */
export interface RateDraft {
  readonly limit: string;
  readonly window: number;
}

interface Props {
  readonly level: Level | undefined;
  readonly draft: RateDraft;
  readonly onChange: (draft: RateDraft) => void;
}

export function RateField({ level, draft, onChange }: Props) {
  const usual = level?.rate === undefined ? "no limit" : rateWords(level.rate);
  return (
    <fieldset class="form-row" aria-describedby="new-rate-help">
      <legend>Rate limit</legend>
      <p class="help" id="new-rate-help">
        Left empty, as its level says: {usual}.
      </p>
      <div class="form-pair rate">
        <input
          class="field"
          type="number"
          min={1}
          max={1_000_000}
          step={1}
          inputMode="numeric"
          placeholder="none"
          aria-label="Calls"
          value={draft.limit}
          onInput={(event) => onChange({ ...draft, limit: event.currentTarget.value })}
        />
        <span>calls a</span>
        <select
          class="field"
          aria-label="In each"
          value={String(draft.window)}
          onChange={(event) => onChange({ ...draft, window: Number(event.currentTarget.value) })}
        >
          {WINDOWS.map(([seconds, unit]) => (
            <option key={unit} value={String(seconds)}>
              {unit}
            </option>
          ))}
        </select>
      </div>
    </fieldset>
  );
}

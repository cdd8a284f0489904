/** The fields of a new key, as the profile names them. */
import { useState } from "preact/hooks";
import type { Wish } from "../model/issue";
import { profile } from "../engine";
import { DAY } from "../model/keys";
import { date } from "../model/words";

interface Props {
  readonly now: number;
  readonly onSubmit: (wish: Wish) => void;
  readonly onCancel: () => void;
}

/** Lifetimes on offer; the profile sets none, so none is the default. */
const LIFETIMES = [7, 30, 90, 365];

export function AddKeyForm({ now, onSubmit, onCancel }: Props) {
  const [description, setDescription] = useState("");
  const [level, setLevel] = useState(profile.levels.at(-1)?.id ?? "");
  const [lifetime, setLifetime] = useState(0);
  const field = profile.fields.find((each) => each.name === "description");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit({
          description: description.trim(),
          level,
          expiresAt: lifetime > 0 ? now + lifetime * DAY : undefined,
        });
      }}
    >
      <div class="form-row">
        <label for="new-description">{field?.label ?? "Description"}</label>
        <p class="help" id="new-description-help">
          {field?.help ?? ""}
        </p>
        <input
          id="new-description"
          class="field"
          type="text"
          autocomplete="off"
          maxLength={field?.maxLength ?? 200}
          required={field?.required ?? false}
          aria-describedby="new-description-help"
          value={description}
          onInput={(event) => setDescription(event.currentTarget.value)}
        />
      </div>
      <fieldset class="form-row">
        <legend>{profile.word("level", "Access rights")}</legend>
        {profile.levels.map((each) => (
          <label key={each.id} class="choice">
            <input
              type="radio"
              name="level"
              value={each.id}
              checked={level === each.id}
              onChange={() => setLevel(each.id)}
            />
            <span>
              <strong>{each.title}</strong>
              <span class="help">{each.help}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <div class="form-row">
        <label for="new-expiry">Expires</label>
        <select
          id="new-expiry"
          class="field"
          value={String(lifetime)}
          onChange={(event) => setLifetime(Number(event.currentTarget.value))}
        >
          <option value="0">Never</option>
          {LIFETIMES.map((count) => (
            <option key={count} value={String(count)}>
              After {count} days, on {date(now + count * DAY)}
            </option>
          ))}
        </select>
      </div>
      <div class="dialog-actions">
        <button type="button" class="button" onClick={onCancel}>
          Cancel
        </button>
        <button type="submit" class="button primary">
          {profile.word("create", "Add key")}
        </button>
      </div>
    </form>
  );
}

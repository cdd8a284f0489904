/** A new key in place of the old one, which goes on for a while: first how long, then the key, once. */
import { useState } from "preact/hooks";
import { DAY } from "../model/keys";
import { date, days } from "../model/words";
import { Dialog } from "./dialog";
import { ShownOnce } from "./shown-once";
import { useProfile } from "./system";

interface Props {
  /** The system's word for it. */
  readonly title: string;
  readonly name: string;
  readonly now: number;
  readonly onReissue: (oldEndsAt: number | undefined) => string;
  readonly onClose: () => void;
}

/** For how many days both keys are good. */
const OVERLAPS = [0, 1, 7, 30];

export function Reissue({ title, name, now, onReissue, onClose }: Props) {
  const profile = useProfile();
  const [overlap, setOverlap] = useState(7);
  const [key, setKey] = useState<string>();
  return (
    <Dialog
      title={key === undefined ? `${title}: ${name}` : "Copy your new key now"}
      onClose={onClose}
      escapable={key === undefined}
    >
      {key === undefined ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            setKey(onReissue(overlap === 0 ? undefined : now + overlap * DAY));
          }}
        >
          <p>{profile.word("rotate_confirm") ?? "The key gets a new secret; all else of it stays."}</p>
          <div class="form-row">
            <label for="overlap">The old key ends</label>
            <select
              id="overlap"
              class="field"
              value={String(overlap)}
              onChange={(event) => setOverlap(Number(event.currentTarget.value))}
            >
              {OVERLAPS.map((count) => (
                <option key={count} value={String(count)}>
                  {count === 0 ? "At once" : `After ${days(count)}, on ${date(now + count * DAY)}`}
                </option>
              ))}
            </select>
          </div>
          <div class="dialog-actions">
            <button type="button" class="button" onClick={onClose}>
              Cancel
            </button>
            <button type="submit" class="button primary">
              {title}
            </button>
          </div>
        </form>
      ) : (
        <ShownOnce secret={key} onDone={onClose} />
      )}
    </Dialog>
  );
}

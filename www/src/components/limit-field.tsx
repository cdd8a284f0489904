/** What a key is limited to in one dimension: everything, or chosen values, entered in the way that their kind asks for. */
import { useEffect, useId, useRef } from "preact/hooks";
import { concerns, type Constraint } from "../engine";
import { commit, type LimitDraft } from "../model/limit-draft";
import { Icon } from "./icon";
import { useProfile } from "./system";

interface Props {
  readonly constraint: Constraint;
  readonly level: string;
  readonly draft: LimitDraft;
  readonly onChange: (draft: LimitDraft) => void;
}

export function LimitField({ constraint, level, draft, onChange }: Props) {
  const profile = useProfile();
  const id = useId();
  const about = concerns(profile, constraint);
  const Editor = constraint.values.length > 0 ? Choices : Values;
  return (
    <fieldset class="form-row limit" aria-describedby={`${id}-help`}>
      <legend>{constraint.title}</legend>
      <p class="help" id={`${id}-help`}>
        {constraint.help}
        {about !== undefined && ` Concerns: ${about}.`}
      </p>
      <div class="segments">
        {[false, true].map((only) => (
          <label key={String(only)}>
            <input
              type="radio"
              name={`${id}-only`}
              checked={draft.only === only}
              onChange={() => onChange({ ...draft, only, problem: undefined })}
            />
            <span>{only ? "Only …" : "All"}</span>
          </label>
        ))}
      </div>
      {draft.only && <Editor id={id} constraint={constraint} level={level} draft={draft} onChange={onChange} />}
      <p class="problem" id={`${id}-problem`} role="alert">
        {draft.problem}
      </p>
    </fieldset>
  );
}

interface EditorProps extends Props {
  readonly id: string;
}

/** A closed list: a box to check for each value. */
function Choices({ constraint, draft, onChange }: EditorProps) {
  const full = draft.values.length >= constraint.maxValues;
  const toggle = (each: string, on: boolean) => {
    const values = constraint.values.filter((known) => (known === each ? on : draft.values.includes(known)));
    onChange({ ...draft, values, problem: undefined });
  };
  return (
    <div class="limit-choices">
      {constraint.values.map((each) => {
        const on = draft.values.includes(each);
        return (
          <label key={each} class="choice small">
            <input
              type="checkbox"
              checked={on}
              disabled={full && !on}
              onChange={(event) => toggle(each, event.currentTarget.checked)}
            />
            <span>{each}</span>
          </label>
        );
      })}
    </div>
  );
}

/** Whatever is typed, one value after the other; each is held against what the verifier takes. */
function Values({ id, constraint, level, draft, onChange }: EditorProps) {
  const profile = useProfile();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (draft.problem !== undefined) field.current?.focus();
  }, [draft.problem]);
  const add = () => onChange(commit(profile, level, constraint, draft));
  const remove = (gone: string | number) => {
    onChange({ ...draft, values: draft.values.filter((each) => each !== gone), problem: undefined });
    field.current?.focus();
  };
  const full = draft.values.length >= constraint.maxValues;
  return (
    <div class="limit-values">
      {draft.values.length > 0 && (
        <ul class="chips" aria-label={`${constraint.title}: chosen`}>
          {draft.values.map((each) => (
            <li key={each} class="value-chip">
              <code>{each}</code>
              <button type="button" aria-label={`Remove ${each}`} onClick={() => remove(each)}>
                <Icon name="cross" size={14} />
              </button>
            </li>
          ))}
        </ul>
      )}
      {full ? (
        <p class="help">
          {constraint.maxValues === 1 ? "A key is limited to one." : `A key lists at most ${constraint.maxValues}.`}
        </p>
      ) : (
        <div class="form-pair">
          <input
            ref={field}
            class="field mono grow"
            type="text"
            inputMode={constraint.kind === "integer" ? "numeric" : "text"}
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            placeholder={PLACEHOLDERS[constraint.kind]}
            aria-label={`${constraint.title}: value`}
            aria-describedby={`${id}-problem`}
            aria-invalid={draft.problem !== undefined}
            value={draft.pending}
            onInput={(event) => onChange({ ...draft, pending: event.currentTarget.value, problem: undefined })}
            onKeyDown={(event) => {
              if (event.key !== "Enter") return;
              event.preventDefault();
              add();
            }}
          />
          <button type="button" class="button" onClick={add}>
            Add
          </button>
        </div>
      )}
    </div>
  );
}

const PLACEHOLDERS = { integer: "7", text: "", network: "192.0.2.0/24" } as const;

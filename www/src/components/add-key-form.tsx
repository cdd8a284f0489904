/** The form of a new key: whatever the profile says that there is to fill in and to choose, and nothing else. */
import { useRef, useState } from "preact/hooks";
import { accountObjection, constraintsOf, type Field, type Limit } from "../engine";
import { ACCOUNT, type Wish } from "../model/issue";
import { DAY } from "../model/keys";
import { commit, settled, UNLIMITED, type LimitDraft } from "../model/limit-draft";
import { Advice } from "./advice";
import { ExpiryField, firstLifetime } from "./expiry-field";
import { LevelField } from "./level-field";
import { LimitField } from "./limit-field";
import { RateField, type RateDraft } from "./rate-field";
import { useProfile } from "./system";

interface Props {
  readonly now: number;
  readonly onSubmit: (wish: Wish) => void;
  readonly onCancel: () => void;
}

export function AddKeyForm({ now, onSubmit, onCancel }: Props) {
  const profile = useProfile();
  const [fields, setFields] = useState<Readonly<Record<string, string>>>({});
  const [account, setAccount] = useState(ACCOUNT);
  const [problem, setProblem] = useState<string>();
  const [level, setLevel] = useState(profile.levels[0]?.id ?? "");
  const [limits, setLimits] = useState<Readonly<Record<string, LimitDraft>>>({});
  const [lifetime, setLifetime] = useState(firstLifetime(profile.lifecycle.expiresInDays));
  const [rate, setRate] = useState<RateDraft>({ limit: "", window: 60 });
  const form = useRef<HTMLFormElement>(null);
  const numbered = profile.keyFormat === "account_hex";
  const constraints = constraintsOf(profile, level);

  const submit = () => {
    const wrong = numbered ? accountObjection(profile, account) : undefined;
    setProblem(wrong);
    if (wrong !== undefined) return form.current?.querySelector<HTMLInputElement>("#new-account")?.focus();
    const chosen: Record<string, Limit> = {};
    for (const constraint of constraints) {
      const { name } = constraint;
      const draft = commit(profile, level, constraint, limits[name] ?? UNLIMITED);
      const limit = settled(draft);
      if (limit === undefined) {
        const missing = draft.problem ?? "Give at least one value, or choose All.";
        return setLimits({ ...limits, [name]: { ...draft, problem: missing } });
      }
      chosen[name] = limit;
    }
    onSubmit({
      fields: Object.fromEntries(profile.fields.map(({ name }) => [name, (fields[name] ?? "").trim()])),
      account: numbered ? account : undefined,
      level,
      constraints: chosen,
      rate: rate.limit === "" ? undefined : { limit: Number(rate.limit), window: rate.window },
      expiresAt: lifetime > 0 ? now + lifetime * DAY : undefined,
    });
  };

  return (
    <form
      ref={form}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Advice place="form" />
      {profile.fields.map((field) => (
        <FieldRow
          key={field.name}
          field={field}
          text={fields[field.name] ?? ""}
          onChange={(text) => setFields({ ...fields, [field.name]: text })}
        />
      ))}
      {numbered && (
        <div class="form-row">
          <label for="new-account">{profile.word("account") ?? "Account number"}</label>
          <p class="help" id="new-account-help">
            Stands in the key itself, for everyone who holds it to read.
          </p>
          <input
            id="new-account"
            class="field mono"
            type="text"
            inputMode="numeric"
            autocomplete="off"
            required
            aria-describedby="new-account-help new-account-problem"
            aria-invalid={problem !== undefined}
            value={account}
            onInput={(event) => setAccount(event.currentTarget.value)}
          />
          <p class="problem" id="new-account-problem" role="alert">
            {problem}
          </p>
        </div>
      )}
      <LevelField level={level} onChange={setLevel} />
      {constraints.map((constraint) => (
        <LimitField
          key={constraint.name}
          constraint={constraint}
          level={level}
          draft={limits[constraint.name] ?? UNLIMITED}
          onChange={(draft) => setLimits({ ...limits, [constraint.name]: draft })}
        />
      ))}
      <ExpiryField now={now} lifetime={lifetime} onChange={setLifetime} />
      <RateField level={profile.levels.find(({ id }) => id === level)} draft={rate} onChange={setRate} />
      <div class="dialog-actions">
        <button type="button" class="button" onClick={onCancel}>
          Cancel
        </button>
        <button type="submit" class="button primary">
          {profile.word("submit") ?? "Create key"}
        </button>
      </div>
    </form>
  );
}

interface FieldRowProps {
  readonly field: Field;
  readonly text: string;
  readonly onChange: (text: string) => void;
}

function FieldRow({ field, text, onChange }: FieldRowProps) {
  const { name, label, help, kind, required, maxLength } = field;
  return (
    <div class="form-row">
      <label for={`new-${name}`}>
        {label} {!required && <span class="optional">optional</span>}
      </label>
      <p class="help" id={`new-${name}-help`}>
        {help}
      </p>
      <input
        id={`new-${name}`}
        class="field"
        {...TYPES[kind]}
        autocomplete="off"
        maxLength={maxLength}
        required={required}
        aria-describedby={`new-${name}-help`}
        value={text}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    </div>
  );
}

/** What the browser is told of a field's kind. */
const TYPES = { text: { type: "text" }, email: { type: "email", inputMode: "email" } } as const;

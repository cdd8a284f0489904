/** What the API knows of a call besides the request: what the call is about, and where its client is. */
import { concerns, type Constraint } from "../engine";
import type { Ask } from "../model/request";
import { useProfile } from "./system";

interface Props {
  readonly ask: Ask;
  readonly patch: (change: Partial<Ask>) => void;
}

export function Surroundings({ ask, patch }: Props) {
  const profile = useProfile();
  if (profile.constraints.length === 0) return null;
  const said = profile.constraints.filter(({ kind }) => kind !== "network");
  return (
    <fieldset class="surroundings">
      <legend>What your API says of the call</legend>
      {said.map((constraint) => (
        <Said
          key={constraint.name}
          constraint={constraint}
          text={ask.context[constraint.name] ?? ""}
          onChange={(text) => patch({ context: { ...ask.context, [constraint.name]: text } })}
        />
      ))}
      {said.length < profile.constraints.length && (
        <div class="form-row">
          <label for="client">Client address</label>
          <input
            id="client"
            class="field mono"
            type="text"
            spellcheck={false}
            autocomplete="off"
            autocapitalize="off"
            placeholder="not known"
            value={ask.client}
            onInput={(event) => patch({ client: event.currentTarget.value })}
          />
        </div>
      )}
    </fieldset>
  );
}

interface SaidProps {
  readonly constraint: Constraint;
  readonly text: string;
  readonly onChange: (text: string) => void;
}

/** One dimension: chosen from the closed list where there is one, else typed. */
function Said({ constraint, text, onChange }: SaidProps) {
  const profile = useProfile();
  const { name, title, values, kind } = constraint;
  const about = concerns(profile, constraint);
  const id = `context-${name}`;
  return (
    <div class="form-row">
      <label for={id}>{title}</label>
      {values.length > 0 ? (
        <select id={id} class="field" value={text} onChange={(event) => onChange(event.currentTarget.value)}>
          <option value="">not said</option>
          {values.map((value) => (
            <option key={value}>{value}</option>
          ))}
        </select>
      ) : (
        <input
          id={id}
          class="field mono"
          type="text"
          inputMode={kind === "integer" ? "numeric" : "text"}
          spellcheck={false}
          autocomplete="off"
          autocapitalize="off"
          placeholder="not said; several: a, b"
          title={about === undefined ? "Concerns every call" : `Concerns: ${about}`}
          value={text}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
      )}
    </div>
  );
}

/** The profile's rules, and what each level and each key can call of them: asked of the verifier, rule by rule. */
import { useMemo, useState } from "preact/hooks";
import type { Call, Gate, Reach } from "../engine";
import { exampleLevel } from "../model/example";
import { nameOf, type KeyRow } from "../model/keys";
import { canCall, count, reachOfLevels, ruleWord } from "../model/reach";
import { groupsOf, type Show } from "../model/route-list";
import type { Wallet } from "../model/wallet";
import { RouteGroup } from "./route-group";
import { useProfile } from "./system";

interface Props {
  readonly gate: Gate;
  readonly rows: readonly KeyRow[];
  readonly now: number;
  readonly wallet: Wallet;
  /** Puts a call into the request. */
  readonly onTry: (call: Call) => void;
}

/** Who calls: a level or a key. */
interface Caller {
  readonly id: string;
  readonly title: string;
  readonly kind: "level" | "key";
  readonly reach: readonly Reach[];
}

export function Routes({ gate, rows, now, wallet, onTry }: Props) {
  const profile = useProfile();
  const levels = useMemo(() => reachOfLevels(profile), [profile]);
  const keys = useMemo(
    () => rows.map((row) => [row, gate.reach(wallet.key(row.digests[0].digest) ?? "", now)] as const),
    [gate, rows, now],
  );
  const callers: Caller[] = [
    ...profile.levels.map(({ id, title }) => ({ id, title, kind: "level", reach: levels.get(id) ?? [] }) as const),
    ...keys.map(([row, reach]) => ({ id: row.id, title: nameOf(row, profile), kind: "key", reach }) as const),
  ];
  const [chosen, choose] = useState<string>();
  const [text, setText] = useState("");
  const [show, setShow] = useState<Show>("all");
  const caller = callers.find(({ id }) => id === (chosen ?? exampleLevel(profile).id)) ?? callers[0];
  const reach = caller?.reach ?? [];
  const groups = groupsOf(profile, reach, show, text);
  const shown = groups.reduce((sum, { rules }) => sum + rules.length, 0);
  const total = profile.routes.length;
  const shows: [Show, string, number][] = [
    ["all", "All", total],
    ["open", "Can call", count(reach)],
    ["shut", "Cannot", total - count(reach)],
  ];
  return (
    <section class="panel routes" aria-labelledby="routes-title">
      <div class="panel-head">
        <div>
          <h2 id="routes-title">Who can call what</h2>
          <p class="sub">
            Every rule of {profile.title}’s profile, asked of the verifier for a key of each level and for each key
            above. What stands in no rule is open to levels that open everything, and to no other.
          </p>
        </div>
      </div>
      <fieldset class="callers">
        <legend class="sr">For whom</legend>
        {callers.map((each) => (
          <label key={each.id} class="choice caller">
            <input type="radio" name="caller" checked={each.id === caller?.id} onChange={() => choose(each.id)} />
            <span>
              <small>{each.kind === "level" ? (profile.word("level") ?? "Level") : "Key"}</small>
              <strong>{each.title}</strong>
              <span class="help">{canCall(profile, each.reach)}</span>
              <span class="meter" aria-hidden="true">
                <span style={{ "--part": `${(100 * count(each.reach)) / Math.max(1, total)}%` }} />
              </span>
            </span>
          </label>
        ))}
      </fieldset>
      <div class="routes-filter">
        <fieldset class="segments">
          <legend class="sr">Which {ruleWord(profile)} to show</legend>
          {shows.map(([id, title, number]) => (
            <label key={id}>
              <input type="radio" name="show" checked={show === id} onChange={() => setShow(id)} />
              <span>
                {title} <span class="dim">{number}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <input
          class="field"
          type="search"
          autocomplete="off"
          spellcheck={false}
          placeholder="Method, path or scope"
          aria-label="Filter the rules"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </div>
      <p class="sr" role="status">
        {shown} of {total} {ruleWord(profile)} shown
      </p>
      {shown === 0 ? (
        <p class="empty">Nothing matches.</p>
      ) : (
        <div class="route-groups">
          {groups.map((group) => (
            <RouteGroup key={group.title} group={group} onTry={onTry} />
          ))}
        </div>
      )}
      <p class="help routes-foot">
        Choose a path to put it into the request. The number at the end is what a call takes from a key’s rate.
      </p>
    </section>
  );
}

/** What goes wrong in practice, one click each: a mistyped key, a route or a limit that the key may not pass. */
import { useMemo, useRef } from "preact/hooks";
import type { Call, Constraint } from "../engine";
import { exampleCall } from "../model/example";
import type { KeyRow } from "../model/keys";
import { reachOfLevels } from "../model/reach";
import { credentialOf, within, type Ask } from "../model/request";
import type { Wallet } from "../model/wallet";
import { useProfile } from "./system";

interface Props {
  readonly ask: Ask;
  readonly keys: readonly KeyRow[];
  readonly wallet: Wallet;
  readonly patch: (change: Partial<Ask>) => void;
}

/** An address that is reserved for nobody (RFC 1112): no network that a key is limited to is likely to hold it. */
const NOWHERE = "240.0.0.1";

export function Tricks({ ask, keys, wallet, patch }: Props) {
  const profile = useProfile();
  const reach = useMemo(() => reachOfLevels(profile), [profile]);
  const before = useRef<Call>(exampleCall(profile));
  const { credential, method, path } = ask;
  const row = keys.find(({ id }) => credential.kind === "key" && id === credential.id);
  const level = profile.levels.find(({ id }) => id === row?.level);
  const shut = profile.routes.find((_, rule) => level !== undefined && reach.get(level.id)?.[rule] === "shut");
  const onShut = shut !== undefined && method === shut.sample.method && path === shut.sample.path;
  const limit = row && profile.constraints.find(({ name }) => (row.constraints[name] ?? "all") !== "all");
  const outside = row && limit && beyond(row, limit);
  const beside = limit !== undefined && outside !== undefined && said(ask, limit) === outside;
  const typable = (credentialOf(ask, wallet) ?? "").length > 0;
  const toggleShut = () => {
    if (onShut) return patch(before.current);
    before.current = { method, path };
    if (shut !== undefined) patch(shut.sample);
  };
  const toggleBeside = () => {
    if (row === undefined || limit === undefined || outside === undefined) return;
    if (beside) return patch(within(row, profile));
    patch(limit.kind === "network" ? { client: outside } : { context: { ...ask.context, [limit.name]: outside } });
  };
  return (
    <div class="tricks" role="group" aria-label="Try what goes wrong">
      <Trick title="Typo in the key" on={ask.typo} able={typable} onToggle={() => patch({ typo: !ask.typo })} />
      <Trick title="Forbidden route" on={onShut} able={shut !== undefined} onToggle={toggleShut} />
      {profile.constraints.length > 0 && (
        <Trick title="Outside its limits" on={beside} able={outside !== undefined} onToggle={toggleBeside} />
      )}
      <Trick
        title="Ambiguous path"
        on={path.includes("%2f")}
        able
        onToggle={() => patch({ path: path.includes("%2f") ? path.replaceAll("%2f", "/") : blur(path) })}
      />
      {level !== undefined && shut === undefined && <p class="help">{level.title}: every rule is open to it.</p>}
    </div>
  );
}

interface TrickProps {
  readonly title: string;
  readonly on: boolean;
  readonly able: boolean;
  readonly onToggle: () => void;
}

function Trick({ title, on, able, onToggle }: TrickProps) {
  return (
    <button type="button" class="button chip" aria-pressed={on} disabled={!able} onClick={onToggle}>
      {title}
    </button>
  );
}

/** What is said of a call in a dimension. */
function said(ask: Ask, { kind, name }: Constraint): string {
  return kind === "network" ? ask.client : (ask.context[name] ?? "");
}

/** Something to say that is none of the values a key is limited to. */
function beyond({ constraints }: KeyRow, { name, kind, values }: Constraint): string | undefined {
  const own = constraints[name] ?? "all";
  if (own === "all") return undefined;
  if (kind === "network") return NOWHERE;
  if (kind === "integer") return String(Math.max(...own.map(Number)) + 1);
  return values.find((value) => !own.includes(value)) ?? `not ${own.join(" or ").replaceAll(",", " ")}`;
}

/** Writes the last slash of a path in an escape, which one router reads as a slash and another does not. */
function blur(path: string): string {
  const at = path.lastIndexOf("/");
  return at <= 0 ? `${path}%2f` : `${path.slice(0, at)}%2f${path.slice(at + 1)}`;
}

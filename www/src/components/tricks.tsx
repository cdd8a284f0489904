/** What goes wrong in practice, one click each: a mistyped key, a route that the key may not use, no key at all. */
import { useRef } from "preact/hooks";
import { opens, profile } from "../engine";
import type { KeyRow } from "../model/keys";
import { credentialOf, type Ask } from "../model/request";
import { exampleCall } from "../model/state";
import type { Wallet } from "../model/wallet";

interface Props {
  readonly ask: Ask;
  readonly keys: readonly KeyRow[];
  readonly wallet: Wallet;
  readonly patch: (change: Partial<Ask>) => void;
}

export function Tricks({ ask, keys, wallet, patch }: Props) {
  const before = useRef<Pick<Ask, "method" | "path">>(exampleCall());
  const level = keys.find((row) => ask.credential.kind === "key" && row.id === ask.credential.id)?.level;
  const shut = profile.routes.find((route) => level !== undefined && !opens(level, route.scope));
  const onShut = shut !== undefined && ask.method === shut.method && ask.path === shut.sample;
  const typable = (credentialOf(ask, wallet) ?? "").length > 0;
  const toggleShut = () => {
    if (onShut) return patch(before.current);
    before.current = { method: ask.method, path: ask.path };
    if (shut !== undefined) patch({ method: shut.method, path: shut.sample });
  };
  return (
    <div class="tricks" role="group" aria-label="Try what goes wrong">
      <button
        type="button"
        class="button chip"
        aria-pressed={ask.typo}
        disabled={!typable}
        onClick={() => patch({ typo: !ask.typo })}
      >
        Typo in the key
      </button>
      <button
        type="button"
        class="button chip"
        aria-pressed={onShut}
        disabled={shut === undefined}
        onClick={toggleShut}
      >
        Forbidden route
      </button>
      <button
        type="button"
        class="button chip"
        onClick={() => patch({ path: ask.path.includes("%2f") ? ask.path.replaceAll("%2f", "/") : blur(ask.path) })}
        aria-pressed={ask.path.includes("%2f")}
      >
        Ambiguous path
      </button>
      {level !== undefined && shut === undefined && (
        <p class="help">{levelTitle(level)}: there is no route that it may not use.</p>
      )}
    </div>
  );
}

/** Writes the last slash of a path in an escape, which one router reads as a slash and another does not. */
function blur(path: string): string {
  const at = path.lastIndexOf("/");
  return at <= 0 ? `${path}%2f` : `${path.slice(0, at)}%2f${path.slice(at + 1)}`;
}

function levelTitle(id: string): string {
  return profile.levels.find((level) => level.id === id)?.title ?? id;
}

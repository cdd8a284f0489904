/** A key's hint; where the system keeps keys so that they can be shown again, the whole of it on demand. */
import { useState } from "preact/hooks";
import type { KeyRow } from "../model/keys";
import type { Wallet } from "../model/wallet";
import { CopyButton } from "./copy";
import { useProfile } from "./system";

interface Props {
  readonly row: KeyRow;
  readonly name: string;
  readonly wallet: Wallet;
}

export function KeyCell({ row, name, wallet }: Props) {
  const profile = useProfile();
  const [shown, setShown] = useState(false);
  const hint = <code class="hint">{row.hint}</code>;
  if (!profile.lifecycle.recoverable) return hint;
  const key = () => wallet.key(row.digests[0].digest) ?? "";
  return (
    <span class="key-cell">
      {shown ? <code class="key-whole">{key()}</code> : hint}
      <button
        type="button"
        class="button chip"
        aria-expanded={shown}
        aria-label={`${profile.word("reveal") ?? "Show key"}: ${name}`}
        onClick={() => setShown(!shown)}
      >
        {shown ? "Hide" : (profile.word("reveal") ?? "Show key")}
      </button>
      {shown && <CopyButton text={key} label="Copy" small />}
    </span>
  );
}

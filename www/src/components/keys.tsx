/** The issuer's page: the list of keys in the system's own columns, and the button that adds one. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { documentation } from "../engine";
import { columnsOf } from "../model/columns";
import type { Wish } from "../model/issue";
import type { KeyRow } from "../model/keys";
import type { Action } from "../model/state";
import type { Wallet } from "../model/wallet";
import { AddKey } from "./add-key";
import { Advice } from "./advice";
import { Icon } from "./icon";
import { KeyLine } from "./key-line";
import { useProfile } from "./system";

interface Props {
  readonly rows: readonly KeyRow[];
  readonly now: number;
  readonly wallet: Wallet;
  readonly dispatch: (action: Action) => void;
  /** Creates a key and returns it, this once. */
  readonly onCreate: (wish: Wish) => string;
  /** Replaces a key and returns the new one, this once. */
  readonly onReissue: (row: KeyRow, oldEndsAt: number | undefined) => string;
}

/** What the issuer sees. The table holds hints only; the keys themselves are the client's. */
export function Keys({ rows, now, wallet, dispatch, onCreate, onReissue }: Props) {
  const profile = useProfile();
  const columns = useMemo(() => columnsOf(profile), [profile]);
  const place = profile.word("place")?.split(" > ") ?? [];
  const [adding, setAdding] = useState(false);
  const title = useRef<HTMLHeadingElement>(null);
  const count = useRef(rows.length);
  useEffect(() => {
    // With a deleted row its menu is gone, and the focus with it: the reader goes on from the list's title.
    if (rows.length < count.current) title.current?.focus();
    count.current = rows.length;
  }, [rows.length]);
  return (
    <section class="panel keys" aria-labelledby="keys-title">
      <div class="panel-head">
        <div>
          <Place path={place} />
          <h2 id="keys-title" ref={title} tabIndex={-1}>
            {place.length === 1 ? place[0] : "API keys"}
          </h2>
          <p class="sub">
            {profile.lifecycle.recoverable
              ? "What the issuer keeps: a digest to verify by, these columns, and the key itself, sealed."
              : "What the issuer keeps: a digest, a hint and these columns. Never the key."}
          </p>
        </div>
        <button type="button" class="button primary" onClick={() => setAdding(true)}>
          <Icon name="plus" />
          <span>{profile.word("create") ?? "New key"}</span>
        </button>
      </div>
      {rows.length === 0 ? (
        <p class="empty">No keys. Requests below are still decided: an unknown key is refused.</p>
      ) : (
        // The roles repeat what the elements say, because a phone's layout turns rows into cards, which would drop them.
        <table class="key-table" role="table" aria-labelledby="keys-title">
          <thead role="rowgroup">
            <tr role="row">
              {columns.map(({ id, title }) => (
                <th key={id} role="columnheader" scope="col">
                  {title}
                </th>
              ))}
              <th role="columnheader" scope="col">
                <span class="sr">More</span>
              </th>
            </tr>
          </thead>
          <tbody role="rowgroup">
            {rows.map((row) => (
              <KeyLine
                key={row.id}
                row={row}
                columns={columns}
                now={now}
                wallet={wallet}
                dispatch={dispatch}
                onReissue={(oldEndsAt) => onReissue(row, oldEndsAt)}
              />
            ))}
          </tbody>
        </table>
      )}
      <Advice place="list" />
      <Help />
      {adding && <AddKey now={now} onCreate={onCreate} onClose={() => setAdding(false)} />}
    </section>
  );
}

/** The way to this list in the system itself. */
function Place({ path }: { path: readonly string[] }) {
  if (path.length < 2) return null;
  return (
    <p class="place">
      {path.map((part, index) => (
        <span key={index}>
          {index > 0 && <span class="place-step">›</span>}
          {part}
        </span>
      ))}
    </p>
  );
}

/** Whom to ask, and where to read on. */
function Help() {
  const profile = useProfile();
  const support = profile.word("support");
  const pages = documentation(profile);
  if (support === undefined && pages === undefined) return null;
  return (
    <p class="help keys-help">
      {support}
      {pages !== undefined && (
        <a href={pages.href} rel="noreferrer">
          {pages.title}
        </a>
      )}
    </p>
  );
}

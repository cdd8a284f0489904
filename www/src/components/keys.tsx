/** The issuer's page: the list of keys in the system's own columns, and the button that adds one. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Wish } from "../model/issue";
import { profile } from "../engine";
import type { KeyRow } from "../model/keys";
import type { Action } from "../model/state";
import { AddKey } from "./add-key";
import { Icon } from "./icon";
import { COLUMNS, KeyLine } from "./key-line";

interface Props {
  readonly rows: readonly KeyRow[];
  readonly now: number;
  readonly dispatch: (action: Action) => void;
  /** Creates a key and returns it, this once. */
  readonly onCreate: (wish: Wish) => string;
}

/** What the issuer sees. The table holds hints only; the keys themselves are the client's. */
export function Keys({ rows, now, dispatch, onCreate }: Props) {
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
          <h2 id="keys-title" ref={title} tabIndex={-1}>
            API keys
          </h2>
          <p class="sub">What the issuer keeps: a digest, a hint and these columns. Never the key.</p>
        </div>
        <button type="button" class="button primary" onClick={() => setAdding(true)}>
          <Icon name="plus" />
          <span>{profile.word("create", "Add key")}</span>
        </button>
      </div>
      {rows.length === 0 ? (
        <p class="empty">No keys. Requests below are still decided: an unknown key is refused.</p>
      ) : (
        // The roles repeat what the elements say, because a phone's layout turns rows into cards, which would drop them.
        <table class="key-table" role="table" aria-labelledby="keys-title">
          <thead role="rowgroup">
            <tr role="row">
              {COLUMNS.map(([column, title]) => (
                <th key={column} role="columnheader" scope="col">
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
              <KeyLine key={row.id} row={row} now={now} dispatch={dispatch} />
            ))}
          </tbody>
        </table>
      )}
      {adding && <AddKey now={now} onCreate={onCreate} onClose={() => setAdding(false)} />}
    </section>
  );
}

/** One key in the list: a cell for each of the system's columns, and the menu behind the three dots. */
import { useState } from "preact/hooks";
import type { Column } from "../model/columns";
import { nameOf, stateAt, type KeyRow } from "../model/keys";
import type { Action } from "../model/state";
import type { Wallet } from "../model/wallet";
import { Confirm } from "./confirm";
import { KeyCell } from "./key-cell";
import { LevelCell } from "./level-cell";
import { Reissue } from "./reissue";
import { RowMenu } from "./row-menu";
import { StatusCell } from "./status-cell";
import { useProfile } from "./system";
import { date, limitWords, moment } from "../model/words";

interface Props {
  readonly row: KeyRow;
  readonly columns: readonly Column[];
  readonly now: number;
  readonly wallet: Wallet;
  readonly dispatch: (action: Action) => void;
  readonly onReissue: (oldEndsAt: number | undefined) => string;
}

export function KeyLine({ row, columns, now, wallet, dispatch, onReissue }: Props) {
  const profile = useProfile();
  const [asking, setAsking] = useState<"delete" | "reissue">();
  const { kind } = stateAt(row, profile, now);
  const name = nameOf(row, profile);
  const remove = profile.word("delete");
  const rotate = profile.word("rotate");
  const entries = [
    ...(rotate === undefined || kind === "deactivated"
      ? []
      : [{ title: rotate, onChoose: () => setAsking("reissue") }]),
    ...(remove === undefined ? [] : [{ title: remove, danger: true, onChoose: () => setAsking("delete") }]),
  ];
  return (
    <tr role="row" class={kind === "available" || kind === "expired" ? "key-line" : "key-line off"}>
      {columns.map((column) => (
        <td key={column.id} role="cell" class={`of-${column.shows}`} data-label={column.title}>
          <Cell column={column} row={row} name={name} now={now} wallet={wallet} dispatch={dispatch} />
        </td>
      ))}
      <td role="cell" class="more">
        {entries.length > 0 && <RowMenu name={name} entries={entries} />}
        {asking === "reissue" && (
          <Reissue
            title={rotate ?? ""}
            name={name}
            now={now}
            onReissue={onReissue}
            onClose={() => setAsking(undefined)}
          />
        )}
        {asking === "delete" && (
          <Confirm
            title={`${remove ?? ""}: ${name}`}
            action={remove ?? ""}
            danger
            onClose={() => setAsking(undefined)}
            onConfirm={() => dispatch({ type: "deleted", id: row.id })}
          >
            <p>{profile.word("delete_confirm") ?? "The key is removed for good and cannot be restored."}</p>
          </Confirm>
        )}
      </td>
    </tr>
  );
}

interface CellProps extends Pick<Props, "row" | "now" | "wallet" | "dispatch"> {
  readonly column: Column;
  readonly name: string;
}

function Cell({ column, row, name, now, wallet, dispatch }: CellProps) {
  switch (column.shows) {
    case "id":
      return <code>{row.id}</code>;
    case "key":
      return <KeyCell row={row} name={name} wallet={wallet} />;
    case "field":
      return <Text text={row.fields[column.field.name] ?? ""} />;
    case "level":
      return <LevelCell row={row} name={name} title={column.title} now={now} dispatch={dispatch} />;
    case "constraint":
      return <Text text={limitWords(row.constraints[column.constraint.name] ?? "all")} />;
    case "created_by":
      return <>{row.createdBy}</>;
    case "time":
      return <Time at={row[column.time]} />;
    case "status":
      return <StatusCell row={row} name={name} now={now} dispatch={dispatch} />;
  }
}

function Text({ text }: { text: string }) {
  return text === "" ? <span class="dim">none</span> : <>{text}</>;
}

function Time({ at }: { at: number | undefined }) {
  if (at === undefined) return <span class="dim">never</span>;
  return (
    <time dateTime={new Date(at).toISOString()} title={moment(at)}>
      {date(at)}
    </time>
  );
}

/** The rules of one scope as a table: whether the caller may use each, and what it costs. */
import { Fragment } from "preact";
import type { Call, Reach, Route } from "../engine";
import type { RouteGroup as Group } from "../model/route-list";
import { Icon, type IconName } from "./icon";

interface Props {
  readonly group: Group;
  readonly onTry: (call: Call) => void;
}

export function RouteGroup({ group, onTry }: Props) {
  return (
    <table class="route-table">
      <caption>
        {group.title} {group.scope !== undefined && <code>{group.scope}</code>}
      </caption>
      <thead class="sr">
        <tr>
          <th scope="col">Can be called</th>
          <th scope="col">Method</th>
          <th scope="col">Path</th>
          <th scope="col">Cost</th>
        </tr>
      </thead>
      <tbody>
        {group.rules.map(({ route, reach }) => (
          <Rule key={route.method + route.pattern} route={route} reach={reach} onTry={onTry} />
        ))}
      </tbody>
    </table>
  );
}

const MARKS: Readonly<Record<Reach, readonly [icon: IconName, word: string]>> = {
  open: ["check", "yes"],
  limited: ["check", "within its limits"],
  shut: ["cross", "no"],
};

function Rule({ route, reach, onTry }: { route: Route; reach: Reach; onTry: (call: Call) => void }) {
  const [icon, word] = MARKS[reach];
  return (
    <tr class={reach}>
      <td class="route-mark">
        <Icon name={icon} size={16} />
        <span class="sr">{word}</span>
      </td>
      <td class="route-method">{route.method === "*" ? <span title="any method">ANY</span> : route.method}</td>
      <td class="route-path">
        <button type="button" onClick={() => onTry(route.sample)}>
          {breakable(route.pattern)}
        </button>
        {reach === "limited" && <small>within its limits</small>}
        {route.closed !== undefined && <small>{route.closed}</small>}
        {route.requireFresh && <small>needs a fresh snapshot</small>}
      </td>
      <td class="route-cost">{route.closed === undefined && <Units cost={route.cost} />}</td>
    </tr>
  );
}

/** What a call takes from its key's rate; a phone has room for the number only. */
function Units({ cost }: { cost: number }) {
  return (
    <>
      {cost}
      <span class="route-unit"> {cost === 1 ? "unit" : "units"}</span>
    </>
  );
}

/** A path that may be broken before its slashes, and within words where a capital letter stands. */
function breakable(path: string) {
  return path.split(/(?=\/)|(?<=[a-z])(?=[A-Z])/).map((part, index) => (
    <Fragment key={index}>
      {index > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}

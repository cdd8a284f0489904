/** The decision: the verdict, how far the key got, each check in its order, and what the caller gets. */
import type { RefObject } from "preact";
import type { WireRequest } from "../engine";
import type { Decided } from "../model/decision";

import { pathOf, type Wire } from "../model/request";
import { phrase, REASONS } from "../model/words";
import { Blade } from "./blade";
import { Icon } from "./icon";
import { Pipeline } from "./pipeline";
import { Reply } from "./reply";

interface Props {
  readonly decided: Decided | undefined;
  readonly wire: Wire;
  readonly panel: RefObject<HTMLElement | null>;
}

export function Decision({ decided, wire, panel }: Props) {
  return (
    <section class="panel decision" id="decision" tabIndex={-1} ref={panel} aria-labelledby="decision-title">
      <h2 id="decision-title" class="sr">
        Decision
      </h2>
      {decided === undefined || !wire.ok ? (
        <p class="empty">{wire.ok ? "Deciding …" : `Nothing to decide yet. ${wire.why}`}</p>
      ) : (
        <Decided decided={decided} request={wire.request} />
      )}
      <p class="sr" role="status" aria-live="polite">
        {wire.ok && decided !== undefined && decided.change}
      </p>
    </section>
  );
}

function Decided({ decided, request }: { decided: Decided; request: WireRequest }) {
  const { ruling, turn, change, changed } = decided;
  const verdict = ruling.allowed ? "allow" : "deny";
  return (
    <>
      <div class={`verdict ${verdict}`}>
        <p class="verdict-asked">
          {request.method} {pathOf(request.url)}
        </p>
        <div class="verdict-line">
          <p class="verdict-word">
            <Icon name={ruling.allowed ? "check" : "cross"} size={44} />
            <span>{ruling.allowed ? "Allow" : "Deny"}</span>
          </p>
          <p class="verdict-status">
            <span>
              <strong>{ruling.status}</strong> {phrase(ruling.status)}
            </span>
            {!ruling.allowed && <code>{ruling.reason}</code>}
          </p>
        </div>
        <p class="verdict-why">{ruling.allowed ? "Genuine, alive, and allowed to do this." : REASONS[ruling.reason]}</p>
        <Blade steps={ruling.steps} />
      </div>
      {change !== "" && (
        <p key={turn} class="change">
          <Icon name="arrow" size={16} />
          <span>{change}</span>
        </p>
      )}
      <Pipeline steps={ruling.steps} changed={changed} turn={turn} />
      <Reply ruling={ruling} />
    </>
  );
}

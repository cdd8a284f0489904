/** The decision: the verdict, how far the key got, each check in its order, and what the caller gets. */
import type { RefObject } from "preact";
import type { Ruling, WireRequest } from "../engine";
import type { Decided, Outcome } from "../model/decision";
import { pathOf, type Wire } from "../model/request";
import { phrase, REASONS, shortened } from "../model/words";
import { Blade } from "./blade";
import { Icon } from "./icon";
import { Pipeline } from "./pipeline";
import { Reply } from "./reply";

interface Props {
  readonly outcome: Outcome;
  readonly wire: Wire;
  readonly panel: RefObject<HTMLElement | null>;
}

export function Decision({ outcome, wire, panel }: Props) {
  const decided = "decided" in outcome ? outcome.decided : undefined;
  return (
    <section class="panel decision" id="decision" tabIndex={-1} ref={panel} aria-labelledby="decision-title">
      <h2 id="decision-title" class="sr">
        Decision
      </h2>
      {decided === undefined || !wire.ok ? (
        <p class="empty">{nothing(outcome, wire)}</p>
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
          {request.method} {shortened(pathOf(request.url))}
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
        <p class="verdict-why">{why(ruling)}</p>
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

/** The verdict in a sentence. */
function why(ruling: Ruling): string {
  if (ruling.allowed) return "Genuine, alive, and allowed to do this.";
  return ruling.instead === undefined ? REASONS[ruling.reason] : `The key is genuine and alive. ${ruling.instead}`;
}

/** Why there is no verdict. What is on the wire is newer than what was decided. */
function nothing(outcome: Outcome, wire: Wire): string {
  const why = wire.ok ? ("why" in outcome ? outcome.why : "") : wire.why;
  return why === "" ? "Deciding …" : `Nothing to decide yet. ${why}`;
}

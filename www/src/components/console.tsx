/** The console of one system: keys, the bench on which request, time and decision stand side by side, routes, and speed. */
import { useEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import type { Call } from "../engine";
import { useDecision, useGate } from "../model/decision";
import { issue, reissue } from "../model/issue";
import { DAY, publish } from "../model/keys";
import { onTheWire } from "../model/request";
import { send } from "../model/sending";
import type { Shelf } from "../model/shelf";
import { reduce } from "../model/state";
import { Clock } from "./clock";
import { Decision } from "./decision";
import { Keys } from "./keys";
import { Measure } from "./measure";
import { RequestPanel } from "./request";
import { Routes } from "./routes";
import { useProfile } from "./system";
import { VerdictBar } from "./verdict-bar";

export function Console({ shelf }: { shelf: Shelf }) {
  const profile = useProfile();
  const { wallet } = shelf;
  const [state, dispatch] = useReducer(reduce, undefined, () => shelf.take(profile, Date.now()));
  useEffect(() => shelf.put(profile, state), [state]);
  useEffect(() => void (document.title = `Keyward: ${profile.title}, decided in your browser`), [profile]);
  const now = useNow() + state.days * DAY;
  const wire = useMemo(() => onTheWire(state.ask, profile, wallet), [state.ask]);
  const gate = useGate(profile, publish(state.keys, profile, now));
  const [uses, setUses] = useState(0);
  const outcome = useDecision(gate, wire, now, uses);
  const panel = useRef<HTMLElement>(null);
  // Kept as it is while a request is typed: it may be long, and nothing in it changes then.
  const routes = useMemo(() => {
    const onTry = (call: Call) => {
      dispatch({ type: "asked", patch: { mode: "compose", ...call } });
      panel.current?.focus({ preventScroll: true });
      panel.current?.scrollIntoView();
    };
    return <Routes gate={gate} rows={state.keys} now={now} wallet={wallet} onTry={onTry} />;
  }, [gate, state.keys, now]);

  return (
    <>
      <div class="workshop">
        <Keys
          rows={state.keys}
          now={now}
          wallet={wallet}
          dispatch={dispatch}
          onCreate={(wish) => {
            const row = issue(profile, wallet, now, wish);
            dispatch({ type: "created", row, profile });
            return wallet.key(row.digests[0].digest) ?? "";
          }}
          onReissue={(row, oldEndsAt) => {
            const next = reissue(profile, wallet, row, now, oldEndsAt);
            dispatch({ type: "reissued", row: next });
            return wallet.key(next.digests[0].digest) ?? "";
          }}
        />
        <div class="bench">
          <RequestPanel
            ask={state.ask}
            keys={state.keys}
            now={now}
            wallet={wallet}
            wire={wire}
            ready={"decided" in outcome}
            dispatch={dispatch}
            onSend={(count) => {
              if (!wire.ok || !("decided" in outcome)) return undefined;
              const sent = send(gate, wire.request, wire.around, now, count);
              setUses((before) => before + 1);
              if (sent.keyId !== undefined) dispatch({ type: "used", id: sent.keyId, at: now });
              return sent;
            }}
          />
          <Decision outcome={outcome} wire={wire} panel={panel} />
          <Clock days={state.days} now={now} keys={state.keys} dispatch={dispatch} />
        </div>
      </div>
      {routes}
      <Measure rows={state.keys} />
      <VerdictBar outcome={outcome} panel={panel} />
    </>
  );
}

/** The visitor's own clock, read every few seconds: nothing here needs it finer, and each reading decides anew. */
function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 5_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** The page: header, keys, the bench on which request, time and decision stand side by side, and what else there is to know. */
import { useEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import { Clock } from "./components/clock";
import { Decision } from "./components/decision";
import { Header } from "./components/header";
import { Intro } from "./components/intro";
import { Keys } from "./components/keys";
import { Measure } from "./components/measure";
import { RequestPanel } from "./components/request";
import { VerdictBar } from "./components/verdict-bar";
import { WorkerPanel } from "./components/worker";
import { useDecision } from "./model/decision";
import { FIRST, issue } from "./model/issue";
import { DAY, publish } from "./model/keys";
import { onTheWire } from "./model/request";
import { opening, reduce } from "./model/state";
import { Wallet } from "./model/wallet";

export function App() {
  const [wallet] = useState(() => new Wallet());
  const [state, dispatch] = useReducer(reduce, undefined, () => opening(issue(wallet, Date.now(), FIRST)));
  const now = useNow() + state.days * DAY;
  const wire = useMemo(() => onTheWire(state.ask, wallet), [state.ask, wallet]);
  const decided = useDecision(publish(state.keys, now), wire.ok ? wire.request : undefined, now);
  const panel = useRef<HTMLElement>(null);

  return (
    <>
      <a class="skip-link" href="#decision">
        Skip to the decision
      </a>
      <Header />
      <main>
        <Intro />
        <div class="workshop">
          <Keys
            rows={state.keys}
            now={now}
            dispatch={dispatch}
            onCreate={(wish) => {
              const row = issue(wallet, now, wish);
              dispatch({ type: "created", row });
              return wallet.key(row.id) ?? "";
            }}
          />
          <div class="bench">
            <RequestPanel ask={state.ask} keys={state.keys} wallet={wallet} wire={wire} dispatch={dispatch} />
            <Decision decided={decided} wire={wire} panel={panel} />
            <Clock days={state.days} now={now} keys={state.keys} dispatch={dispatch} />
          </div>
        </div>
        <Measure rows={state.keys} />
        <WorkerPanel />
      </main>
      <footer class="foot">
        <p>
          Everything above happened in this tab. Keys were drawn from your browser’s random source, kept in memory, and
          are gone when you close the page.
        </p>
      </footer>
      <VerdictBar decided={decided} panel={panel} />
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

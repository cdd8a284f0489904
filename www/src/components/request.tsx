/** The client's side: a request put together from its parts, or read from a `curl` command. */
import type { KeyRow } from "../model/keys";
import type { Ask, Wire } from "../model/request";
import type { Sent } from "../model/sending";
import type { Action } from "../model/state";
import type { Wallet } from "../model/wallet";
import { Compose } from "./compose";
import { Curl } from "./curl";
import { SendBar } from "./send-bar";
import { Surroundings } from "./surroundings";
import { Tricks } from "./tricks";

interface Props {
  readonly ask: Ask;
  readonly keys: readonly KeyRow[];
  readonly now: number;
  readonly wallet: Wallet;
  readonly wire: Wire;
  /** Whether there is a request that can be sent. */
  readonly ready: boolean;
  readonly dispatch: (action: Action) => void;
  readonly onSend: (count: number) => Sent | undefined;
}

export function RequestPanel({ ask, keys, now, wallet, wire, ready, dispatch, onSend }: Props) {
  const patch = (change: Partial<Ask>) => dispatch({ type: "asked", patch: change });
  return (
    <section class="panel request" aria-labelledby="request-title">
      <div class="panel-head">
        <h2 id="request-title">Request</h2>
        <fieldset class="segments">
          <legend class="sr">How to enter the request</legend>
          <label>
            <input
              type="radio"
              name="mode"
              checked={ask.mode === "compose"}
              onChange={() => patch({ mode: "compose" })}
            />
            <span>Compose</span>
          </label>
          <label>
            <input type="radio" name="mode" checked={ask.mode === "curl"} onChange={() => patch({ mode: "curl" })} />
            <span>Paste curl</span>
          </label>
        </fieldset>
      </div>
      {ask.mode === "compose" ? (
        <Compose ask={ask} keys={keys} now={now} wallet={wallet} patch={patch} />
      ) : (
        <Curl ask={ask} wallet={wallet} wire={wire} patch={patch} />
      )}
      {ask.mode === "compose" && <Tricks ask={ask} keys={keys} wallet={wallet} patch={patch} />}
      <Surroundings ask={ask} patch={patch} />
      <SendBar ready={ready} onSend={onSend} />
    </section>
  );
}

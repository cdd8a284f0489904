/** The client's side: a request put together from its parts, or read from a `curl` command. */
import type { KeyRow } from "../model/keys";
import type { Ask, Wire } from "../model/request";
import type { Action } from "../model/state";
import type { Wallet } from "../model/wallet";
import { Compose } from "./compose";
import { Curl } from "./curl";
import { Tricks } from "./tricks";

interface Props {
  readonly ask: Ask;
  readonly keys: readonly KeyRow[];
  readonly wallet: Wallet;
  readonly wire: Wire;
  readonly dispatch: (action: Action) => void;
}

export function RequestPanel({ ask, keys, wallet, wire, dispatch }: Props) {
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
        <>
          <Compose ask={ask} keys={keys} wallet={wallet} patch={patch} />
          <Tricks ask={ask} keys={keys} wallet={wallet} patch={patch} />
        </>
      ) : (
        <Curl ask={ask} wallet={wallet} wire={wire} patch={patch} />
      )}
    </section>
  );
}

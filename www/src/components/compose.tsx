/** Method, path and credential, each a field of its own. */
import { profile, type Route } from "../engine";
import type { KeyRow } from "../model/keys";
import type { Ask, Credential } from "../model/request";
import type { Wallet } from "../model/wallet";
import { SentRequest } from "./sent-request";

interface Props {
  readonly ask: Ask;
  readonly keys: readonly KeyRow[];
  readonly wallet: Wallet;
  readonly patch: (change: Partial<Ask>) => void;
}

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

export function Compose({ ask, keys, wallet, patch }: Props) {
  const chosen = profile.routes.findIndex((route) => route.method === ask.method && route.sample === ask.path);
  return (
    <div class="compose">
      <div class="form-row">
        <label for="route">API method</label>
        <select
          id="route"
          class="field"
          value={String(chosen)}
          onChange={(event) => {
            const route = profile.routes[Number(event.currentTarget.value)];
            if (route !== undefined) patch({ method: route.method, path: route.sample });
          }}
        >
          <option value="-1">Something else, typed below</option>
          {scopes().map(([scope, routes]) => (
            <optgroup key={scope} label={scope}>
              {routes.map((route) => (
                <option key={route.method + route.pattern} value={String(profile.routes.indexOf(route))}>
                  {route.method} {route.pattern}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      </div>
      <div class="form-pair">
        <div class="form-row method">
          <label for="method">Method</label>
          <select
            id="method"
            class="field mono"
            value={ask.method}
            onChange={(event) => patch({ method: event.currentTarget.value })}
          >
            {METHODS.map((method) => (
              <option key={method}>{method}</option>
            ))}
          </select>
        </div>
        <div class="form-row grow">
          <label for="path">Path</label>
          <input
            id="path"
            class="field mono"
            type="text"
            spellcheck={false}
            autocomplete="off"
            autocapitalize="off"
            value={ask.path}
            onInput={(event) => patch({ path: event.currentTarget.value })}
          />
        </div>
      </div>
      <div class="form-pair even">
        <div class="form-row">
          <label for="username">Username, any value</label>
          <input
            id="username"
            class="field mono"
            type="text"
            spellcheck={false}
            autocomplete="off"
            value={ask.username}
            onInput={(event) => patch({ username: event.currentTarget.value })}
          />
        </div>
        <div class="form-row">
          <label for="credential">Password: the key</label>
          <KeyChoice ask={ask} keys={keys} patch={patch} />
        </div>
      </div>
      {ask.credential.kind === "pasted" && (
        <div class="form-row">
          <label for="pasted">Pasted key</label>
          <input
            id="pasted"
            class="field mono"
            type="text"
            spellcheck={false}
            autocomplete="off"
            autocapitalize="off"
            value={ask.credential.text}
            onInput={(event) => patch({ credential: { kind: "pasted", text: event.currentTarget.value } })}
          />
        </div>
      )}
      <SentRequest ask={ask} wallet={wallet} />
    </div>
  );
}

/** Which key to present. A deleted key stays on offer while it is the chosen one: its holder still has it. */
function KeyChoice({ ask, keys, patch }: Pick<Props, "ask" | "keys" | "patch">) {
  const { credential } = ask;
  const value = credential.kind === "key" ? credential.id : `:${credential.kind}`;
  const gone = credential.kind === "key" && !keys.some((row) => row.id === credential.id);
  const choose = (next: string) => patch({ typo: false, credential: credentialFor(next) });
  return (
    <select id="credential" class="field" value={value} onChange={(event) => choose(event.currentTarget.value)}>
      {gone && <option value={value}>A deleted key</option>}
      {keys.map((row) => (
        <option key={row.id} value={row.id}>
          {row.hint} {row.description}
          {row.status === "disabled" ? " (off)" : ""}
        </option>
      ))}
      <option value=":pasted">Paste another key</option>
      <option value=":none">No credential at all</option>
    </select>
  );
}

function credentialFor(value: string): Credential {
  if (value === ":pasted") return { kind: "pasted", text: "" };
  if (value === ":none") return { kind: "none" };
  return { kind: "key", id: value };
}

/** The routes by the scope they need, in the profile's order. */
function scopes(): [string, Route[]][] {
  const groups = new Map<string, Route[]>();
  for (const route of profile.routes) {
    const title = profile.scopes.find((scope) => scope.id === route.scope)?.title ?? route.scope;
    groups.set(title, [...(groups.get(title) ?? []), route]);
  }
  return [...groups];
}

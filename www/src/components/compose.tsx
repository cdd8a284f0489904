/** Method, path and credential, each a field of its own. */
import { useMemo } from "preact/hooks";
import { nameOf, stateAt, type KeyRow } from "../model/keys";
import { transportOf, type Ask, type Credential } from "../model/request";
import { groupsOf } from "../model/route-list";
import type { Wallet } from "../model/wallet";
import { transportWords } from "../model/words";
import { SentRequest } from "./sent-request";
import { useProfile } from "./system";

interface Props {
  readonly ask: Ask;
  readonly keys: readonly KeyRow[];
  readonly now: number;
  readonly wallet: Wallet;
  readonly patch: (change: Partial<Ask>) => void;
}

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

export function Compose({ ask, keys, now, wallet, patch }: Props) {
  const profile = useProfile();
  const groups = useMemo(() => groupsOf(profile, [], "all", ""), [profile]);
  const { routes } = profile;
  const chosen = routes.findIndex(({ sample }) => sample.method === ask.method && sample.path === ask.path);
  const transport = transportOf(ask, profile);
  return (
    <div class="compose">
      <div class="form-row">
        <label for="route">API method</label>
        <select
          id="route"
          class="field"
          value={String(chosen)}
          onChange={(event) => {
            const route = routes[Number(event.currentTarget.value)];
            if (route !== undefined) patch(route.sample);
          }}
        >
          <option value="-1">Something else, typed below</option>
          {groups.map(({ title, rules }) => (
            <optgroup key={title} label={title}>
              {rules.map(({ route }) => (
                <option key={route.method + route.pattern} value={String(routes.indexOf(route))}>
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
        {profile.transports.length > 1 && (
          <div class="form-row">
            <label for="transport">Sent as</label>
            <select
              id="transport"
              class="field"
              value={String(profile.transports.indexOf(transport))}
              onChange={(event) => patch({ transport: Number(event.currentTarget.value) })}
            >
              {profile.transports.map((each, index) => (
                <option key={index} value={String(index)}>
                  {transportWords(each)}
                </option>
              ))}
            </select>
          </div>
        )}
        {transport.kind === "basic_password" && (
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
        )}
        <div class="form-row">
          <label for="credential">{transport.kind === "basic_password" ? "Password: the key" : "Key"}</label>
          <KeyChoice ask={ask} keys={keys} now={now} wallet={wallet} patch={patch} />
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

/** Which key to present. A deleted or replaced key stays on offer while it is the chosen one: its holder still has it. */
function KeyChoice({ ask, keys, now, patch }: Props) {
  const profile = useProfile();
  const { credential } = ask;
  const value = credential.kind === "key" ? credential.digest : `:${credential.kind}`;
  const offered = keys.flatMap((row) => row.digests.map(({ digest }, index) => ({ row, digest, before: index > 0 })));
  const gone = credential.kind === "key" && !offered.some(({ digest }) => digest === credential.digest);
  const choose = (next: string): Credential => {
    if (next === ":pasted") return { kind: "pasted", text: "" };
    const key = offered.find(({ digest }) => digest === next);
    return key === undefined ? { kind: "none" } : { kind: "key", id: key.row.id, digest: next };
  };
  return (
    <select
      id="credential"
      class="field"
      value={value}
      onChange={(event) => patch({ typo: false, credential: choose(event.currentTarget.value) })}
    >
      {gone && <option value={value}>A key that is gone from the list</option>}
      {offered.map(({ row, digest, before }) => (
        <option key={digest} value={digest}>
          {before ? "The key before " : ""}
          {row.hint} {nameOf(row, profile)}
          {OFF.has(stateAt(row, profile, now).kind) ? " (off)" : ""}
        </option>
      ))}
      <option value=":pasted">Paste another key</option>
      <option value=":none">No credential at all</option>
    </select>
  );
}

const OFF: ReadonlySet<string> = new Set(["off", "idle", "deactivated"]);

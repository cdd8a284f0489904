/** A pasted `curl` command, and what was understood of it. */
import { readCurl, type Note } from "../model/curl";
import { credentialOf, headerName, HOST, transportOf, type Ask, type Wire } from "../model/request";
import type { Wallet } from "../model/wallet";
import type { Transport, WireRequest } from "../engine";
import { Icon } from "./icon";
import { useProfile } from "./system";

interface Props {
  readonly ask: Ask;
  readonly wallet: Wallet;
  readonly wire: Wire;
  readonly patch: (change: Partial<Ask>) => void;
}

export function Curl({ ask, wallet, wire, patch }: Props) {
  const profile = useProfile();
  const transport = transportOf(ask, profile);
  const key = credentialOf(ask, wallet);
  const notes = ask.curl.trim() === "" ? [] : readCurl(ask.curl, profile.headers).notes;
  return (
    <div class="curl">
      <div class="form-row">
        <label for="curl">curl command</label>
        <textarea
          id="curl"
          class="field mono"
          rows={5}
          spellcheck={false}
          autocomplete="off"
          autocapitalize="off"
          placeholder={`curl ${credentialOption(transport, "any", "KEY")} ${HOST}${ask.path}`}
          value={ask.curl}
          onInput={(event) => patch({ curl: event.currentTarget.value })}
        />
      </div>
      <button type="button" class="button" onClick={() => patch({ curl: command(ask, transport, key) })}>
        Write the composed request here
      </button>
      <div class="curl-read" role="status">
        {wire.ok ? (
          <p class="curl-line">
            <Icon name="check" size={16} />
            <span>
              Read as <code>{wire.request.method}</code> <code>{wire.request.url}</code>, {credentials(wire.request)}
            </span>
          </p>
        ) : (
          <p class={ask.curl.trim() === "" ? "curl-line dim" : "curl-line bad"}>
            <Icon name={ask.curl.trim() === "" ? "arrow" : "cross"} size={16} />
            <span>{wire.why}</span>
          </p>
        )}
        {notes.length > 0 && (
          <ul class="curl-notes">
            {notes.map((note, index) => (
              <li key={index} class={`curl-line ${note.kind}`}>
                <Icon name={ICONS[note.kind]} size={16} />
                <span>{note.text}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}

const ICONS = { read: "arrow", aside: "arrow", unknown: "warn" } as const satisfies Record<Note["kind"], string>;

/** The headers with credentials, without the credentials. */
function credentials({ headers }: WireRequest): string {
  if (headers.length === 0) return "without a key";
  const names = new Map<string, string[]>();
  for (const [name, value] of headers) names.set(name, [...(names.get(name) ?? []), value]);
  const told = [...names].map(([name, [value = "", ...more]]) => {
    if (more.length > 0) return `${more.length + 1} ${name} headers`;
    // A scheme is a word with more behind it; whatever else stands there may be the key itself.
    const scheme = /^\S+(?= )/.exec(value)?.[0];
    return `${name}: ${scheme === undefined ? "…" : `${scheme} …`}`;
  });
  return `with ${told.join(" and ")}`;
}

/** The composed request as a command. */
function command(ask: Ask, transport: Transport, key: string | undefined): string {
  return [
    `curl -X ${ask.method}`,
    ...(key === undefined ? [] : [`  ${credentialOption(transport, ask.username, key)}`]),
    `  ${quote(HOST + ask.path)}`,
  ].join(" \\\n");
}

/** The option that makes curl send a key. */
function credentialOption(transport: Transport, username: string, key: string): string {
  switch (transport.kind) {
    case "basic_password":
      return `-u ${quote(`${username}:${key}`)}`;
    case "basic_whole":
      return `-H ${quote(`Authorization: Basic ${key}`)}`;
    case "bearer":
      return `-H ${quote(`Authorization: Bearer ${key}`)}`;
    case "header":
      return `-H ${quote(`${headerName(transport.name)}: ${key}`)}`;
  }
}

/** In single quotes, so that a shell replaces nothing in it. */
const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** A pasted `curl` command, and what was understood of it. */
import { readCurl, type Note } from "../model/curl";
import { credentialOf, HOST, type Ask, type Wire } from "../model/request";
import type { Wallet } from "../model/wallet";
import { Icon } from "./icon";

interface Props {
  readonly ask: Ask;
  readonly wallet: Wallet;
  readonly wire: Wire;
  readonly patch: (change: Partial<Ask>) => void;
}

export function Curl({ ask, wallet, wire, patch }: Props) {
  const key = credentialOf(ask, wallet);
  const notes = ask.curl.trim() === "" ? [] : readCurl(ask.curl).notes;
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
          placeholder={`curl -u any:KEY ${HOST}${ask.path}`}
          value={ask.curl}
          onInput={(event) => patch({ curl: event.currentTarget.value })}
        />
      </div>
      <button type="button" class="button" onClick={() => patch({ curl: command(ask, key) })}>
        Write the composed request here
      </button>
      <div class="curl-read" role="status">
        {wire.ok ? (
          <p class="curl-line">
            <Icon name="check" size={16} />
            <span>
              Read as <code>{wire.request.method}</code> <code>{wire.request.url}</code>
              {wire.request.authorization === undefined
                ? ", without Authorization"
                : `, with ${scheme(wire.request.authorization)}`}
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

/** The kind of credential, without the credential. */
function scheme(authorization: string): string {
  const word = /^\S+/.exec(authorization)?.[0] ?? "";
  return authorization.includes(",") ? "two Authorization headers" : `Authorization: ${word} …`;
}

/** The composed request as a command; single quotes, so that a shell replaces nothing in it. */
function command(ask: Ask, key: string | undefined): string {
  const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  return [
    `curl -X ${ask.method}`,
    ...(key === undefined ? [] : [`  -u ${quote(`${ask.username}:${key}`)}`]),
    `  ${quote(HOST + ask.path)}`,
  ].join(" \\\n");
}

/** A request as the visitor composes it, and the same request on the wire. */
import type { WireRequest } from "../engine";
import { readCurl } from "./curl";
import type { Wallet } from "./wallet";

/** Where the composed request takes its credential from. */
export type Credential =
  | { readonly kind: "key"; readonly id: string }
  | { readonly kind: "pasted"; readonly text: string }
  | { readonly kind: "none" };

/** Everything the visitor has entered; both ways of asking keep their content when the other is shown. */
export interface Ask {
  readonly mode: "compose" | "curl";
  readonly method: string;
  readonly path: string;
  readonly username: string;
  readonly credential: Credential;
  /** Send the key with one character mistyped. */
  readonly typo: boolean;
  readonly curl: string;
}

/** Host of the example requests. The engine is given the path alone, as a server sees it: the host decides nothing. */
export const HOST = "https://api.example.com";

/** The request on the wire, or what keeps it from being one. */
export type Wire = { readonly ok: true; readonly request: WireRequest } | { readonly ok: false; readonly why: string };

/** Puts an ask on the wire as its client would. */
export function onTheWire(ask: Ask, wallet: Wallet): Wire {
  if (ask.mode === "curl") {
    const read = readCurl(ask.curl);
    return read.ok ? { ok: true, request: read.request } : { ok: false, why: read.why };
  }
  const key = credentialOf(ask, wallet);
  return {
    ok: true,
    request: {
      method: ask.method,
      url: ask.path,
      authorization: key === undefined ? undefined : basic(ask.username, ask.typo ? mistype(key) : key),
    },
  };
}

/** What follows the host in a URL, for reading; the engine takes the URL apart by itself. */
export function pathOf(url: string): string {
  const path = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, "");
  return path === "" ? "/" : path;
}

/** The key that the composed request presents, before any typo. */
export function credentialOf(ask: Ask, wallet: Wallet): string | undefined {
  switch (ask.credential.kind) {
    case "key":
      return wallet.key(ask.credential.id);
    case "pasted":
      return ask.credential.text;
    case "none":
      return undefined;
  }
}

/** HTTP Basic (RFC 7617): base64 of the UTF-8 of `username:password`. */
export function basic(username: string, password: string): string {
  const bytes = new TextEncoder().encode(`${username}:${password}`);
  return `Basic ${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))}`;
}

/** The place in a key where the one-click typo falls: well inside the random part. */
export function typoAt(key: string): number {
  return Math.min(12, Math.max(0, key.length - 1));
}

/** The same key with one character replaced by its neighbour on the keyboard or in the alphabet. */
export function mistype(key: string): string {
  const at = typoAt(key);
  const old = key.charAt(at);
  const wrong = old === "e" ? "r" : "e";
  return key.slice(0, at) + wrong + key.slice(at + 1);
}

/** A request as the visitor composes it, and the same request on the wire. */
import type { Constraint, Profile, Surroundings, Transport, WireRequest } from "../engine";
import { readCurl } from "./curl";
import type { KeyRow } from "./keys";
import type { Wallet } from "./wallet";

/** Where the composed request takes its credential from. */
export type Credential =
  | { readonly kind: "key"; readonly id: string; readonly digest: string }
  | { readonly kind: "pasted"; readonly text: string }
  | { readonly kind: "none" };

/** Everything the visitor has entered; both ways of asking keep their content when the other is shown. */
export interface Ask {
  readonly mode: "compose" | "curl";
  readonly method: string;
  readonly path: string;
  /** Which of the profile's transports carries the key. */
  readonly transport: number;
  readonly username: string;
  readonly credential: Credential;
  /** Send the key with one character mistyped. */
  readonly typo: boolean;
  readonly curl: string;
  /** What the call is about, as typed, by the constraints' names; nothing typed is nothing said. */
  readonly context: Readonly<Record<string, string>>;
  /** The client's address, as typed. */
  readonly client: string;
}

/** Host of the example requests. The engine is given the path alone, as a server sees it: the host decides nothing. */
export const HOST = "https://api.example.com";
/** Where the visitor's requests come from, until they say otherwise: an address kept for documentation (RFC 5737). */
export const CLIENT = "192.0.2.7";

/** The request on the wire with what the API knows of it, or what keeps it from being one. */
export type Wire =
  | { readonly ok: true; readonly request: WireRequest; readonly around: Surroundings }
  | { readonly ok: false; readonly why: string };

/** Puts an ask on the wire as its client would. */
export function onTheWire(ask: Ask, profile: Profile, wallet: Wallet): Wire {
  const around = surroundings(ask, profile);
  if (typeof around === "string") return { ok: false, why: around };
  if (ask.mode === "curl") {
    const read = readCurl(ask.curl, profile.headers);
    return read.ok ? { ok: true, request: read.request, around } : { ok: false, why: read.why };
  }
  const key = credentialOf(ask, wallet);
  const line = key === undefined ? undefined : carried(ask, profile, ask.typo ? mistype(key) : key);
  return {
    ok: true,
    request: { method: ask.method, url: ask.path, headers: line === undefined ? [] : [line] },
    around,
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
      return wallet.key(ask.credential.digest);
    case "pasted":
      return ask.credential.text;
    case "none":
      return undefined;
  }
}

/** How the composed request carries its key. */
export function transportOf(ask: Ask, { transports }: Profile): Transport {
  const transport = transports[ask.transport] ?? transports[0];
  if (transport === undefined) throw new Error("a profile has at least one transport");
  return transport;
}

/** The header line with the key in it. */
function carried(ask: Ask, profile: Profile, key: string): readonly [name: string, value: string] {
  const transport = transportOf(ask, profile);
  switch (transport.kind) {
    case "basic_password":
      return ["Authorization", basic(ask.username, key)];
    case "basic_whole":
      return ["Authorization", `Basic ${key}`];
    case "bearer":
      return ["Authorization", `Bearer ${key}`];
    case "header":
      return [headerName(transport.name), key];
  }
}

/** A header's name as it is usually written; case means nothing in it. */
export function headerName(name: string): string {
  return name.replaceAll(/(^|-)[a-z]/g, (start) => start.toUpperCase());
}

/** HTTP Basic (RFC 7617): base64 of the UTF-8 of `username:password`. */
export function basic(username: string, password: string): string {
  const bytes = new TextEncoder().encode(`${username}:${password}`);
  return `Basic ${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))}`;
}

/** What is typed about a call in the shape that the engine takes, or what is wrong with it. */
function surroundings({ context, client }: Ask, { constraints }: Profile): Surroundings | string {
  const said: Record<string, (string | number)[]> = {};
  for (const constraint of constraints) {
    const texts = split(context[constraint.name] ?? "");
    if (texts.length === 0) continue;
    const values = texts.map((text) => value(constraint, text));
    const wrong = values.indexOf(undefined);
    if (wrong >= 0) return `${constraint.title}: ${JSON.stringify(texts[wrong])} is no whole number.`;
    said[constraint.name] = values.filter((each) => each !== undefined);
  }
  const address = client.trim();
  return { context: said, clientAddress: address === "" ? undefined : address };
}

/** What is separated by commas. */
function split(text: string): string[] {
  return text
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "");
}

/** A value of a dimension as it was typed: a number where numbers are asked for, else the text. */
export function value({ kind }: Constraint, text: string): string | number | undefined {
  if (kind !== "integer") return text;
  return /^-?\d{1,20}$/.test(text) ? Number(text) : undefined;
}

/** What to say about a call so that it stays within what a key is limited to. */
export function within(row: KeyRow, { constraints }: Profile): Pick<Ask, "context" | "client"> {
  const context: Record<string, string> = {};
  let client = CLIENT;
  for (const { name, kind } of constraints) {
    const limit = row.constraints[name] ?? "all";
    if (limit === "all") continue;
    if (kind === "network") client = addressIn(String(limit[0]));
    else context[name] = String(limit[0]);
  }
  return { context, client };
}

/** An address in a network: the one after its first, which looks like nobody's, unless the network is that one alone. */
function addressIn(network: string): string {
  const [first = "", prefix] = network.split("/");
  return prefix === undefined || /^(32|128)$/.test(prefix) ? first : first.replace(/\.0$/, ".1").replace(/::$/, "::1");
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

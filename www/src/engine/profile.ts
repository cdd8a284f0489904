/**
 * A system as its profile describes it, in the shape in which the page shows it. Nothing here decides anything, and
 * nothing here knows one system from another but by what its profile says.
 */
import {
  profileInfo,
  type PresetName,
  type ProfileConstraint,
  type ProfileField,
  type ProfileInfo,
  type ProfileLevel,
  type ProfileLifecycle,
  type ProfileRoute,
} from "keyward";

/** The systems on offer, in the order in which they are offered; the first one is what the page opens with. */
export const SYSTEMS = [
  "esputnik",
  "emailit",
  "optimove",
  "smashfly",
  "inboxfirst",
  "keyward",
] as const satisfies readonly PresetName[];

/** The name of a system, as it stands in the page's address. */
export type SystemId = (typeof SYSTEMS)[number];

/** Something that a key can be limited in. */
export type Constraint = ProfileConstraint;
/** Something that is filled in when a key is made. */
export type Field = ProfileField;
/** An access level. */
export type Level = ProfileLevel;

/** What a key is limited to: everything, or these values alone. */
export type Limit = "all" | readonly [string | number, ...(string | number)[]];

/** Where in a request the key stands. */
export type Transport =
  | { readonly kind: "basic_password" }
  | { readonly kind: "basic_whole" }
  | { readonly kind: "bearer" }
  | { readonly kind: "header"; readonly name: string };

/** A call, as a request line has it. */
export interface Call {
  readonly method: string;
  readonly path: string;
}

/** A rule for calls. */
export interface Route {
  /** `*` for every method that no other rule of the pattern names. */
  readonly method: string;
  /** For reading, base path included: `/api/v1/contact/{id}`. */
  readonly pattern: string;
  readonly scope: string | undefined;
  /** No key may make the call; this says what to use instead. */
  readonly closed: string | undefined;
  readonly cost: number;
  readonly requireFresh: boolean;
  /** A call that the rule is for. */
  readonly sample: Call;
}

/** Where a piece of advice belongs: with the form, with a key that was just made, with the list. */
export type AdvicePlace = "form" | "key" | "list";

/** A system's profile. */
export interface Profile {
  readonly id: SystemId;
  readonly title: string;
  readonly description: string;
  readonly keyFormat: ProfileInfo["keyFormat"];
  readonly prefix: string | undefined;
  readonly transports: readonly Transport[];
  /** The headers that are read for a key, in lower case. */
  readonly headers: readonly string[];
  readonly scopes: ProfileInfo["scopes"];
  readonly levels: readonly Level[];
  readonly routes: readonly Route[];
  readonly constraints: readonly Constraint[];
  readonly fields: readonly Field[];
  readonly lifecycle: ProfileLifecycle;
  /** The system's own word for something; `undefined` where it has none, and mostly no such thing either. */
  word(id: string): string | undefined;
  /** What the system tells the people who make keys. */
  advice(place: AdvicePlace): readonly string[];
}

const read = new Map<SystemId, Profile>();

/** The profile of a system, read once. */
export function profileOf(id: SystemId): Profile {
  const profile = read.get(id) ?? readProfile(id);
  read.set(id, profile);
  return profile;
}

function readProfile(id: SystemId): Profile {
  const info = profileInfo(id);
  const words = new Map(Object.entries(info.vocabulary));
  const { title, description, keyFormat, prefix, headers, scopes, levels, constraints, fields, lifecycle } = info;
  return {
    ...{ id, title, description, keyFormat, prefix, headers, scopes, levels, constraints, fields, lifecycle },
    transports: info.transports.map(transport),
    routes: info.routes.map((rule) => route(rule, info)),
    word: (word) => words.get(word),
    advice: (place) => [...words].filter(([word]) => word.startsWith(`advice_${place}_`)).map(([, text]) => text),
  };
}

/** Reads `bearer` or `header(x-api-key)`. */
function transport(text: string): Transport {
  const name = /^header\((.+)\)$/.exec(text)?.[1];
  if (name !== undefined) return { kind: "header", name };
  if (text === "basic_password" || text === "basic_whole" || text === "bearer") return { kind: text };
  throw new Error(`a transport that this page does not know: ${text}`);
}

function route(rule: ProfileRoute, info: ProfileInfo): Route {
  const { method, scope, closed, cost, requireFresh } = rule;
  const pattern = info.basePath + (info.versionSegment ? "/v1" : "") + rule.pattern;
  const path = pattern.replaceAll(/\{\w+\}/g, "42").replace(/\*\*$/, "any/thing");
  return { method, pattern, scope, closed, cost, requireFresh, sample: { method: sampleMethod(rule, info), path } };
}

/** For `*`, a method that no other rule of the pattern has taken. */
function sampleMethod({ method, pattern }: ProfileRoute, { routes }: ProfileInfo): string {
  if (method !== "*") return method;
  const taken = new Set(routes.filter((other) => other.pattern === pattern).map((other) => other.method));
  return ["GET", "POST", "PUT", "PATCH", "DELETE"].find((each) => !taken.has(each)) ?? "OPTIONS";
}

/** What a key of this system looks like, as far as its format says. */
export function keyLooks({ keyFormat, prefix }: Profile): string {
  switch (keyFormat) {
    case "checksummed":
      return `${prefix ?? ""}_…`;
    case "account_hex":
      return "base64(account:hex)";
    case "opaque":
      return "any text";
  }
}

/** The dimensions in which keys of a level can be limited. */
export function constraintsOf(profile: Profile, level: string): readonly Constraint[] {
  return profile.constraints.filter(({ levels }) => levels.length === 0 || levels.includes(level));
}

/** What a dimension concerns, in the words of its scopes; `undefined` where it concerns every call. */
export function concerns({ scopes }: Profile, { appliesTo }: Constraint): string | undefined {
  return appliesTo?.map((id) => scopes.find((scope) => scope.id === id)?.title ?? id).join("; ");
}

/** An address that can be followed; anything but a web page is not offered. */
export function documentation(profile: Profile): { readonly href: string; readonly title: string } | undefined {
  const href = profile.word("documentation_url");
  if (href === undefined || !/^https?:\/\//.test(href)) return undefined;
  return { href, title: profile.word("documentation") ?? "Documentation" };
}

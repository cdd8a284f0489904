/** Times, spans and status lines in words. */
import type { Profile, Rate, Reason, Transport } from "../engine";
import { DAY } from "./keys";
import { headerName } from "./request";

const DATE = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const MOMENT = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
});

/** `21 Nov 2026`. */
export const date = (at: number): string => DATE.format(at);

/** `21 Nov 2026, 14:05`. */
export const moment = (at: number): string => MOMENT.format(at);

/** `1 day`, `31 days`. */
export const days = (count: number): string => `${count} ${count === 1 ? "day" : "days"}`;

/** A lifetime in the system's own words. */
export const lifetime = (profile: Profile, count: number): string => profile.word(`expires_in_${count}`) ?? days(count);

/** `in 3 days`, `9 days ago`, `today`, seen from `now`. */
export function fromNow(at: number, now: number): string {
  const whole = Math.floor(Math.abs(at - now) / DAY);
  if (whole === 0) return at > now ? "within a day" : "just now";
  return at > now ? `in ${days(whole)}` : `${days(whole)} ago`;
}

/** A text as far as it is worth showing, and how much of it there is. */
export function shortened(text: string): string {
  const most = 600;
  return text.length <= most ? text : `${text.slice(0, most)}… (${text.length.toLocaleString("en")} characters)`;
}

const PHRASES: Readonly<Record<number, string>> = {
  200: "OK",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/** The reason phrase of a status. */
export const phrase = (status: number): string => PHRASES[status] ?? "";

/** `100 calls a minute`, `100 calls in 90 s`. */
export function rateWords({ limit, window }: Rate): string {
  const calls = `${limit.toLocaleString("en")} ${limit === 1 ? "call" : "calls"}`;
  const unit = WINDOWS.find(([seconds]) => seconds === window)?.[1];
  return unit === undefined ? `${calls} in ${window.toLocaleString("en")} s` : `${calls} a ${unit}`;
}

/** Spans that a rate is given for, in seconds. */
export const WINDOWS = [
  [1, "second"],
  [60, "minute"],
  [3_600, "hour"],
  [86_400, "day"],
] as const;

/** What a key is limited to in a dimension. */
export const limitWords = (limit: "all" | readonly (string | number)[]): string =>
  limit === "all" ? "all" : limit.join(", ");

/** How a transport is spoken of. */
export function transportWords(transport: Transport): string {
  switch (transport.kind) {
    case "basic_password":
      return "Basic, the key as password";
    case "basic_whole":
      return "Basic, the key as it is";
    case "bearer":
      return "Bearer token";
    case "header":
      return `${headerName(transport.name)} header`;
  }
}

/** What a reason means, for the API's owner. */
export const REASONS: Readonly<Record<Reason, string>> = {
  missing_credential: "The request carries no key.",
  malformed_credential: "The credential cannot be read in exactly one way.",
  ambiguous_credential: "The request carries more than one credential.",
  malformed_path: "The path could be read in more than one way.",
  malformed_key: "What was presented does not have the shape of a key.",
  bad_checksum: "A character of the key is wrong: refused before anything was hashed.",
  unknown_key: "No key with this digest was issued.",
  disabled: "The key is genuine and switched off.",
  expired: "The key is genuine and its time has run out.",
  deactivated: "The key is genuine and has been retired for good.",
  insufficient_scope: "The key is genuine and alive, and its level does not open this route.",
  constraint_violated: "The key is genuine, and limited to something else than this.",
  rate_limited: "The key has been used too often.",
  stale_snapshot: "What the verifier knows is too old to decide with.",
  internal: "The verifier could not decide, so it refused.",
};

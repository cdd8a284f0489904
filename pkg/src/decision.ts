/**
 * The verifier's answer: `Allowed` with what the key grants, or `Denied` with a reason and the reply for the caller.
 */
import type { Json } from "./json.js";
import { type Rate, rateHeaders, type RateStanding, type RateStatus } from "./rate.js";

/** Why a request was refused. For the API's owner (logs, explanations); the caller is told less. */
export type Reason = (typeof REASONS)[number];

/** In the order of the numbers by which the module names them, from 1. */
export const REASONS = [
  "missing_credential",
  "malformed_credential",
  "ambiguous_credential",
  "malformed_path",
  "malformed_key",
  "bad_checksum",
  "unknown_key",
  "disabled",
  "expired",
  "deactivated",
  "insufficient_scope",
  "constraint_violated",
  "rate_limited",
  "stale_snapshot",
  "internal",
] as const;

/** The key is genuine, alive and may do what was asked. */
export interface Allowed {
  readonly allowed: true;
  /** Public identifier of the key. */
  readonly keyId: string;
  /** The account the key belongs to. */
  readonly account: string | undefined;
  /** What the API's owner attached to the key: an id of theirs. */
  readonly subject: string | undefined;
  /** What the API's owner attached to the key: any JSON. Frozen. */
  readonly meta: Json | undefined;
  /** The access level chosen when the key was made, unless it was given scopes one by one. */
  readonly level: string | undefined;
  /** What the key may do. Frozen, shared between decisions. */
  readonly scopes: readonly string[];
  /** What the key may use of each dimension of the profile. Frozen, shared between decisions. */
  readonly constraints: GrantedConstraints;
  /** When the key ends, in ms since the epoch; `undefined` for never. */
  readonly expiresAt: number | undefined;
  /** The snapshot is older than it should be (past `fresh_for`), but still valid. */
  readonly stale: boolean;
  /** How the key's rate stands after this call; `undefined` for a key without one. */
  readonly rate: RateStatus | undefined;
  /** How many units the call took from the rate, and takes from the key's quota. */
  readonly cost: number;
}

/** By dimension: everything, or these values alone. */
export interface GrantedConstraints {
  readonly [dimension: string]: "all" | readonly (string | number)[];
}

/** The request is refused. */
export interface Denied {
  readonly allowed: false;
  /** The precise reason. Log it; do not send it. */
  readonly reason: Reason;
  /** The HTTP status for the caller. */
  readonly status: 400 | 401 | 403 | 429 | 503;
  /** The headers for the caller, names in lower case. With 429 they tell when to come again. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body for the caller: problem details (RFC 9457), the same for every 401. */
  readonly problem: Problem;
  /** The whole reply for the caller, as a fresh `Response`. */
  toResponse(): Response;
}

/** What `verify` answers. Ask `decision.allowed`; TypeScript then knows the rest. */
export type Decision = Allowed | Denied;

/** Problem details (RFC 9457). */
export interface Problem {
  readonly type: "about:blank";
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

/**
 * The refusals of one verifier. One frozen object per reason, since nothing in them depends on the request; only what
 * tells how long to wait is made each time.
 */
export class Denials {
  readonly #challenges: readonly string[];
  readonly #notes: ReadonlyMap<number, string>;
  readonly #byNumber: readonly Denied[];
  readonly #noted = new Map<number, Denied>();
  readonly #internal: Denied;

  /**
   * `challenges` are the profile's, in order; they become `WWW-Authenticate` of every 401. `notes` are what its closed
   * routes say, by route.
   */
  constructor(challenges: readonly string[] = [], notes: Readonly<Record<string, string>> = {}) {
    this.#challenges = challenges;
    this.#notes = new Map(Object.entries(notes).map(([route, note]) => [Number(route), note]));
    this.#byNumber = REASONS.map((reason) => new Denial(reason, challenges));
    this.#internal = new Denial("internal", challenges);
  }

  /** The refusal with a verdict from the module; one that names no reason is `internal`. */
  numbered(verdict: number): Denied {
    return this.#byNumber[verdict - 1] ?? this.#noted.get(verdict) ?? this.#closed(verdict);
  }

  /** The refusal for a reason. */
  of(reason: Reason): Denied {
    return this.numbered(REASONS.indexOf(reason) + 1);
  }

  /** The refusal of a key that has used up its rate. */
  rateLimited(rate: Rate, standing: RateStanding): Denied {
    return new Denial("rate_limited", this.#challenges, undefined, rateHeaders(rate, standing));
  }

  /** The refusal of a closed route: the reason in the low half, the route and one more in the high half. */
  #closed(verdict: number): Denied {
    const reason = REASONS[(verdict & 0xffff) - 1];
    const note = this.#notes.get((verdict >>> 16) - 1);
    if (reason === undefined || note === undefined) return this.#internal;
    const denied = new Denial(reason, this.#challenges, note);
    this.#noted.set(verdict, denied);
    return denied;
  }
}

class Denial implements Denied {
  readonly allowed = false;
  readonly reason: Reason;
  readonly status: Denied["status"];
  readonly headers: Readonly<Record<string, string>>;
  readonly problem: Problem;

  constructor(reason: Reason, challenges: readonly string[], note?: string, more?: Readonly<Record<string, string>>) {
    const { status, title, code, detail } = outward(reason);
    this.reason = reason;
    this.status = status;
    this.headers = Object.freeze({
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      ...(status === 401 && challenges.length > 0 ? { "www-authenticate": challenges.join(", ") } : {}),
      ...more,
    });
    this.problem = Object.freeze({ type: "about:blank", title, status, code, detail: note ?? detail });
    Object.freeze(this);
  }

  toResponse(): Response {
    return new Response(JSON.stringify(this.problem), { status: this.status, headers: this.headers });
  }
}

/** What the caller is told. Everything that concerns the key itself reads alike: no oracle. */
function outward(reason: Reason): { status: Denied["status"]; title: string; code: string; detail: string } {
  switch (reason) {
    case "missing_credential":
    case "malformed_key":
    case "bad_checksum":
    case "unknown_key":
    case "disabled":
    case "expired":
    case "deactivated":
      return { status: 401, title: "Unauthorized", code: "unauthorized", detail: "This needs a valid API key." };
    case "malformed_credential":
      return { status: 400, title: "Bad Request", code: reason, detail: "The credential cannot be read." };
    case "ambiguous_credential":
      return {
        status: 400,
        title: "Bad Request",
        code: reason,
        detail: "The request carries more than one credential.",
      };
    case "malformed_path":
      return { status: 400, title: "Bad Request", code: reason, detail: "The path can be read in more than one way." };
    case "insufficient_scope":
      return { status: 403, title: "Forbidden", code: reason, detail: "The API key may not do this." };
    case "constraint_violated":
      return { status: 403, title: "Forbidden", code: reason, detail: "The API key may not do this here." };
    case "rate_limited":
      return { status: 429, title: "Too Many Requests", code: reason, detail: "Too many requests with this API key." };
    case "stale_snapshot":
    case "internal":
      return {
        status: 503,
        title: "Service Unavailable",
        code: "unavailable",
        detail: "API keys cannot be checked now.",
      };
  }
}

/**
 * A second reading of `docs/format.md`, from the document alone: what it says of keys, credentials, paths, routes, scopes,
 * constraints, decisions, rates and age, over profiles as they are written and records as they are handed over. It is made
 * to be compared with, not to be fast: nothing is compiled, and every record is tried.
 */
import { type Asked, type Context, violates } from "./reading/constraints.js";
import { readCredential } from "./reading/credentials.js";
import { digestLike, type Peppers, readKey } from "./reading/keys.js";
import { onePath, pathOfTarget } from "./reading/paths.js";
import { type Policy, policyOf } from "./reading/policy.js";
import type { Dimension, Profile, Record, Rule, Value } from "./reading/profile.js";
import { rateStep } from "./reading/rates.js";
import { isMethod, ruleFor, ruleOfPattern, strictRules } from "./reading/routes.js";

/** What is decided against. */
export interface World {
  readonly profile: Profile;
  readonly records: readonly Record[];
  readonly peppers: Peppers;
  /** Where the records come from a snapshot: what its head says of its age. */
  readonly age?: Age | undefined;
}

/** How old a snapshot may be, times in ms. */
export interface Age {
  readonly issuedAt: number;
  readonly freshForSeconds: number;
  readonly validUntil: number;
}

/** A question to a verifier. */
export type Question = { readonly now: number; readonly context: Context; readonly cost?: number | undefined } & (
  | { readonly ask: "request"; readonly headers: readonly Header[]; readonly method: string; readonly target: string }
  | { readonly ask: "alive"; readonly key: string }
  | { readonly ask: "call"; readonly key: string; readonly method: string; readonly path: string }
  | { readonly ask: "route"; readonly key: string; readonly method: string; readonly pattern: string }
  | { readonly ask: "scope"; readonly key: string; readonly scope: string }
);

/** A header, one byte a character. */
export type Header = readonly [name: string, value: string];

/** What a verifier answers. */
export type Answer =
  | {
      readonly allowed: true;
      readonly id: string;
      readonly level: string | null;
      readonly scopes: readonly string[];
      readonly constraints: Record["constraints"];
      readonly expiresAt: number | null;
      readonly stale: boolean;
      readonly cost: number;
      readonly rate: { readonly limit: number; readonly remaining: number; readonly resetMs: number } | null;
    }
  | {
      readonly allowed: false;
      readonly reason: Reason;
      readonly status: number;
      /** What the closed route that decided says. */
      readonly note: string | null;
      /** What is told of the rate that is used up. */
      readonly wait: {
        readonly remaining: number;
        readonly resetSeconds: number;
        readonly retrySeconds: number;
      } | null;
    }
  | typeof NO_HANDLE;

/** There is no handle for such a route. */
export const NO_HANDLE = { allowed: false, reason: "no_handle" } as const;

const STATUSES = {
  missing_credential: 401,
  malformed_credential: 400,
  ambiguous_credential: 400,
  malformed_path: 400,
  malformed_key: 401,
  bad_checksum: 401,
  unknown_key: 401,
  disabled: 401,
  expired: 401,
  deactivated: 401,
  insufficient_scope: 403,
  constraint_violated: 403,
  rate_limited: 429,
  stale_snapshot: 503,
  internal: 503,
} as const;

const NEVER = Number.MAX_VALUE;

/** Why something is refused. */
export type Reason = keyof typeof STATUSES;

/** A verifier that reads the document anew for every question; only the rates' states stay. */
export class Reading {
  readonly #world: World;
  readonly #states = new Map<string, bigint>();

  constructor(world: World) {
    this.#world = world;
  }

  /** The answer to a question. */
  decide(question: Question): Answer {
    const { profile, records, peppers } = this.#world;
    if (question.ask === "route" && ruleOfPattern(profile, question.method, question.pattern) === undefined) {
      return NO_HANDLE;
    }

    const now = Math.trunc(question.now);
    if (!Number.isSafeInteger(now) || now < 1) return denied("internal");

    let key: string;
    let path: string | undefined;
    if (question.ask === "request") {
      const credential = readCredential(profile.transports, question.headers);
      if ("reason" in credential) return denied(credential.reason);
      key = credential.key;
      path = pathOfTarget(question.target);
      if (path === undefined) return denied("malformed_path");
    } else {
      key = question.key;
      if (question.ask === "call") {
        path = onePath(question.path);
        if (path === undefined) return denied("malformed_path");
      }
    }

    const read = readKey(profile.key, key);
    if (!read.ok) return denied(read.reason);

    const age = this.#age(now);
    if (age === "unusable") return denied("stale_snapshot");

    const [found] = records
      .flatMap((record) =>
        record.digests
          .filter(({ digest }) => digestLike(digest, key, peppers) === digest)
          .map(({ expiresAt }) => ({ record, end: Math.min(record.expiresAt ?? NEVER, expiresAt ?? NEVER) })),
      )
      // A key that two schemes know: the digest that lives longer.
      .sort((a, b) => b.end - a.end);
    if (found === undefined) return denied("unknown_key");
    const { record, end } = found;

    if (record.status === "disabled") return denied("disabled");
    if (now >= end) return denied("expired");

    const policy = policyOf(profile, record);
    const access = accessTo(this.#world, policy, question, path);
    if ("refused" in access) return access.refused;
    if (age === "stale" && access.requiresFresh) return denied("stale_snapshot");
    if (violates(profile, record.constraints, access.asked, question.context)) return denied("constraint_violated");

    const cost = question.cost ?? access.cost;
    let rate = null;
    if (policy.rate !== undefined) {
      const step = rateStep(policy.rate, this.#states.get(record.id) ?? 0n, cost, now);
      this.#states.set(record.id, step.state);
      if (!step.admitted) {
        const [resetSeconds, retrySeconds] = [Math.ceil(step.resetMs / 1000), Math.ceil(step.retryMs / 1000)];
        return { ...denied("rate_limited"), wait: { remaining: step.left, resetSeconds, retrySeconds } };
      }
      rate = { limit: policy.rate.limit, remaining: step.left, resetMs: step.resetMs };
    }
    return {
      allowed: true,
      id: record.id,
      level: policy.level,
      scopes: policy.scopes,
      constraints: Object.fromEntries(
        profile.dimensions.map(({ name, kind }) => [name, shownLimit(kind, record.constraints[name] ?? "all")]),
      ),
      expiresAt: end === NEVER ? null : end,
      stale: age === "stale",
      cost,
      rate,
    };
  }

  #age(now: number): "fresh" | "stale" | "unusable" {
    const { age } = this.#world;
    if (age === undefined) return "fresh";
    if (now >= age.validUntil || now < age.issuedAt - 300_000) return "unusable";
    return now >= age.issuedAt + 1000 * age.freshForSeconds ? "stale" : "fresh";
  }
}

/** What speaks for a question that the policy meets. */
type Access =
  { readonly refused: Answer } | { readonly asked: Asked; readonly cost: number; readonly requiresFresh: boolean };

/** The steps `route` and `scope`. */
function accessTo({ profile }: World, policy: Policy, question: Question, path = ""): Access {
  const lacking = { refused: denied("insufficient_scope") };
  if (question.ask === "alive") return { asked: "alive", cost: 1, requiresFresh: false };
  if (question.ask === "scope") {
    const { scope } = question;
    const has = policy.everything || policy.scopes.includes(scope);
    return has ? { asked: { scope }, cost: 1, requiresFresh: false } : lacking;
  }
  const { method } = question;
  if (!isMethod(method)) return lacking;
  const rule =
    question.ask === "route" ? ruleOfPattern(profile, method, question.pattern) : ruleFor(profile, method, path);
  if (rule === undefined) {
    if (!policy.everything) return lacking;
    return underRules(strictRules(profile, method, path), undefined);
  }
  const scope = "scope" in rule.access ? rule.access.scope : undefined;
  if (scope !== undefined && !policy.everything && !policy.scopes.includes(scope)) return lacking;
  return underRules([rule], scope);
}

/** What rules come to that all speak for one call. */
function underRules(rules: readonly Rule[], scope: string | undefined): Access {
  for (const { access } of rules) {
    if ("closed" in access) return { refused: denied("insufficient_scope", access.closed) };
  }
  const isListed = scope !== undefined;
  const cost = Math.max(...rules.map((rule) => rule.cost), ...(isListed ? [] : [1]));
  return { asked: { scope }, cost, requiresFresh: rules.some((rule) => rule.requireFresh) };
}

/** A bare address is a network of one. */
function shownLimit(kind: Dimension["kind"], limit: "all" | readonly Value[]): "all" | readonly Value[] {
  if (limit === "all" || kind !== "network") return limit;
  return limit.map((value) => {
    const text = String(value);
    return text.includes("/") ? text : `${text}/${text.includes(":") ? 128 : 32}`;
  });
}

function denied(reason: Reason, note: string | null = null) {
  return { allowed: false, reason, status: STATUSES[reason], note, wait: null } as const;
}

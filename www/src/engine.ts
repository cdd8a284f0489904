/**
 * The only file that touches the package `keyward`.
 *
 * The page speaks in its own small shapes (a stored key, a request on the wire, a ruling), and this file turns them
 * into the package's calls. Whoever wants to know what the page really asks of the engine reads these lines.
 */
import {
  createVerifier,
  generateKey,
  profileInfo,
  type Denied,
  type ExplanationStep,
  type Reason,
  type Verifier,
} from "keyward";

const PROFILE = "esputnik";
const info = profileInfo(PROFILE);

/** One check of an explanation. */
export type Step = ExplanationStep;

/** The name of a check. */
export type StepName = Step["step"];

/** Why a request was refused. */
export type { Reason } from "keyward";

/** An access level. */
export type Level = (typeof info.levels)[number];

/** A call that the profile has a rule for. */
export interface Route {
  readonly method: string;
  /** For reading, base path included: `/api/v1/contact/{id}`. */
  readonly pattern: string;
  readonly scope: string;
  /** A path that the rule matches. */
  readonly sample: string;
}

/** The profile as the page shows it. */
export const profile = {
  title: info.title,
  levels: info.levels,
  fields: info.fields,
  scopes: info.scopes,
  routes: info.routes.map(({ method, pattern, scope }): Route => {
    const whole = info.basePath + (info.versionSegment ? "/v1" : "") + pattern;
    return { method, scope, pattern: whole, sample: whole.replaceAll(/\{\w+\}/g, "42") };
  }),
  idleDisableDays: info.idleDisableDays ?? undefined,
  /** The system's own word for something. */
  word: (id: string, otherwise: string): string => info.vocabulary[id] ?? otherwise,
} as const;

/** Whether a level opens a scope: for offering examples only, never for deciding. */
export function opens(level: string, scope: string): boolean {
  const known = info.levels.find(({ id }) => id === level);
  return known !== undefined && (known.everything || known.scopes.includes(scope));
}

/** A key that has just been made: the key itself, and what its issuer keeps. */
export const mintKey = () => generateKey({ profile: PROFILE });

/** What the issuer stores of a key, as far as it decides. */
export interface StoredKey {
  readonly id: string;
  readonly digest: string;
  readonly level: string;
  readonly status: "active" | "disabled";
  readonly expiresAt: number | undefined;
}

/** What of a request decides. `authorization` is absent or one header line. */
export interface WireRequest {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
}

/** What the caller of a refused request gets. */
export interface Reply {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** What the API's code gets of an allowed request. */
export interface Grant {
  readonly keyId: string;
  readonly level: string | undefined;
  readonly scopes: readonly string[];
  readonly expiresAt: number | undefined;
}

/** A decision with its explanation. */
export type Ruling = { readonly status: number; readonly steps: readonly Step[] } & (
  | { readonly allowed: true; readonly grant: Grant }
  | { readonly allowed: false; readonly reason: Reason; readonly reply: Reply }
);

/** A verifier over the keys of this page. */
export class Gate implements Disposable {
  readonly #verifier: Verifier;

  constructor(records: readonly StoredKey[]) {
    this.#verifier = createVerifier({ profile: PROFILE, records });
  }

  /** Decides a request at `now` and explains how. */
  decide({ method, url, authorization }: WireRequest, now: number): Ruling {
    const request = { method, url, headers: { authorization } };
    const explanation = this.#verifier.explain(request, { now });
    const steps = explanation.steps.map((step) => told(step, now, explanation.keyId));
    const decision = this.#verifier.verify(request, { now });
    if (!decision.allowed) {
      return { allowed: false, status: decision.status, steps, reason: decision.reason, reply: replyOf(decision) };
    }
    const { keyId, level, scopes, expiresAt } = decision;
    return { allowed: true, status: 200, steps, grant: { keyId, level, scopes, expiresAt } };
  }

  /** Whether `key` may make this call at `now`: the call that is measured. */
  check(key: string, method: string, path: string, now: number): boolean {
    return this.#verifier.verifyKey(key, { method, path, now }).allowed;
  }

  [Symbol.dispose](): void {
    this.#verifier[Symbol.dispose]();
  }
}

/**
 * A step in words also where the engine has none: a time that is a time, a snapshot that does not exist here. Of a record
 * that came from JavaScript the engine knows the position only, and this page knows the key's id.
 */
function told(step: Step, now: number, keyId: string | undefined): Step {
  if (step.step === "digest" && keyId !== undefined) {
    return { ...step, detail: step.detail.replace(/\bthat of \d+$/, `that of ${keyId}`) };
  }
  if (step.detail !== "" || step.outcome === "fail") return step;
  if (step.step === "clock") return { ...step, detail: new Date(now).toISOString() };
  if (step.step === "snapshot") return { ...step, detail: "none here: the keys are in this tab" };
  return step;
}

/** The refusal as it goes out. A `Response` would show the same; this needs no waiting for its body. */
function replyOf({ status, headers, problem }: Denied): Reply {
  return { status, headers: Object.entries(headers), body: JSON.stringify(problem) };
}

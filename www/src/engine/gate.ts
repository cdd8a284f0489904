/** The verifier over the keys of this page, and what it says in the page's own shapes. */
import {
  createVerifier,
  type Decision,
  type Denied,
  type Explanation,
  type ExplanationStep,
  type GrantedConstraints,
  type RateStatus,
  type Reason,
  type Verifier,
} from "keyward";
import type { Call, Limit, Profile } from "./profile";

/** One check of an explanation. */
export type Step = ExplanationStep;

/** The name of a check. */
export type StepName = Step["step"];

/** How often a key may be used: units in seconds. */
export interface Rate {
  readonly limit: number;
  readonly window: number;
}

/** What the issuer stores of a key, as far as it decides. */
export interface StoredKey {
  readonly id: string;
  /** One while all is quiet; a second one that ends by itself after the key was replaced. */
  readonly digests: readonly [StoredDigest, ...StoredDigest[]];
  readonly account: string | undefined;
  readonly level: string;
  readonly constraints: Readonly<Record<string, Limit>>;
  readonly rate: Rate | undefined;
  readonly status: "active" | "disabled";
  readonly expiresAt: number | undefined;
}

/** By which a key is found again. */
export interface StoredDigest {
  readonly digest: string;
  readonly expiresAt: number | undefined;
}

/** What of a request decides. Headers in the order and as often as they are sent. */
export interface WireRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** What the API knows of a call besides the request: what it is about, and where the client is. */
export interface Surroundings {
  readonly context: Readonly<Record<string, readonly (string | number)[]>>;
  readonly clientAddress: string | undefined;
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
  readonly account: string | undefined;
  readonly level: string | undefined;
  readonly scopes: readonly string[];
  readonly constraints: GrantedConstraints;
  readonly expiresAt: number | undefined;
  readonly rate: RateStatus | undefined;
}

/** A decision with its explanation. */
export type Ruling = { readonly status: number; readonly steps: readonly Step[] } & (
  | { readonly allowed: true; readonly grant: Grant }
  | {
      readonly allowed: false;
      readonly reason: Reason;
      readonly reply: Reply;
      /** What a closed route says to use instead. */
      readonly instead: string | undefined;
    }
);

/** Whether a key may make a call: always, within what it is limited to, or never. */
export type Reach = "open" | "limited" | "shut";

/** A verifier over the keys of this page. */
export class Gate implements Disposable {
  readonly #profile: Profile;
  readonly #verifier: Verifier;

  constructor(profile: Profile, keys: readonly StoredKey[]) {
    this.#profile = profile;
    this.#verifier = createVerifier({ profile: profile.id, records: keys });
  }

  /** Decides a request at `now` and explains how. Takes nothing from the key's rate. */
  decide(request: WireRequest, around: Surroundings, now: number): Ruling {
    const explanation = this.#verifier.explain(request, { ...around, now });
    const steps = explanation.steps.map((step) => told(step, explanation, now));
    const decision = this.#verifier.verify(request, { ...around, now, cost: 0 });
    if (decision.allowed) return { allowed: true, status: 200, steps, grant: decision };
    const { status, reason, problem } = decision;
    const closed = explanation.route !== undefined && explanation.route.scope === undefined;
    const instead = closed && reason === "insufficient_scope" ? problem.detail : undefined;
    return { allowed: false, status, steps, reason, reply: replyOf(decision), instead };
  }

  /** Decides a request as the API would, so that it counts: what the call costs is taken from the key's rate. */
  send(request: WireRequest, around: Surroundings, now: number): Decision {
    return this.#verifier.verify(request, { ...around, now });
  }

  /** Whether `key` may make this call at `now`: the call that is measured. */
  check(key: string, { method, path }: Call, now: number): boolean {
    return this.#verifier.verifyKey(key, { method, path, now }).allowed;
  }

  /** What `key` may call at `now`, rule by rule: asked of the verifier with a call that each rule is for. */
  reach(key: string, now: number): readonly Reach[] {
    return this.#profile.routes.map(({ sample }) => {
      const decision = this.#verifier.verifyKey(key, { ...sample, now, cost: 0 });
      if (decision.allowed) return "open";
      return decision.reason === "constraint_violated" ? "limited" : "shut";
    });
  }

  [Symbol.dispose](): void {
    this.#verifier[Symbol.dispose]();
  }
}

/**
 * A step in words also where the engine has none: a time that is a time, a check that has nothing to check here. Which key
 * a digest belongs to is known outside the module.
 */
function told(step: Step, { keyId, verdict, steps }: Explanation, now: number): Step {
  if (step.step === "digest" && step.outcome === "pass") return { ...step, detail: `${step.detail}: ${keyId ?? ""}` };
  if (step.detail !== "") return step;
  const failed = steps.findIndex(({ outcome }) => outcome === "fail");
  const reached = verdict === "allow" || steps.indexOf(step) < failed;
  return reached ? { ...step, detail: NOTHING_TO_SAY[step.step]?.(now) ?? "" } : step;
}

/** What a check without a word of its own amounts to, where it was reached. */
const NOTHING_TO_SAY: Partial<Record<StepName, (now: number) => string>> = {
  clock: (now) => new Date(now).toISOString(),
  checksum: () => "keys of this format have none",
  snapshot: () => "none here: the keys are in this tab",
  freshness: () => "the route does not ask for it",
  constraint: () => "the key is limited in nothing that this call is about",
};

/** The refusal as it goes out. A `Response` would show the same; this needs no waiting for its body. */
function replyOf({ status, headers, problem }: Denied): Reply {
  return { status, headers: Object.entries(headers), body: JSON.stringify(problem) };
}

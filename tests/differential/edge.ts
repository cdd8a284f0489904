/** The npm package, asked the questions of the reading and made to answer in its words. */
import { createVerifier, type Decision, type KeyRecord, KeywardError, openSnapshot, type Verifier } from "keyward";
import { type Answer, NO_HANDLE, type Question, type World } from "./reading.js";
import type { Record } from "./reading/profile.js";
import type { Snapshot } from "./snapshot.js";

const DETAIL = "The API key may not do this.";

/** A verifier over the records of a world. */
export function overRecords(compiled: Uint8Array, { records, peppers }: World): Verifier {
  return createVerifier({ profile: { id: "random", compiled }, records: records.map(recordOf), peppers });
}

/** A verifier over a snapshot. */
export function overSnapshot({ head, shard, publicKey }: Snapshot, { peppers }: World): Verifier {
  return openSnapshot({ head, shards: [shard] }, { publicKeys: [publicKey], peppers });
}

function recordOf({ rights, ...rest }: Record): KeyRecord {
  return { ...rest, ...rights } as KeyRecord;
}

/** The answer to a question. */
export function decide(verifier: Verifier, question: Question): Answer {
  const { now, cost, context } = question;
  const options = { now, cost, context: context.values, clientAddress: context.clientAddress };
  switch (question.ask) {
    case "request": {
      const { method, target, headers } = question;
      return answerOf(verifier.verify({ method, url: target, headers }, options));
    }
    case "alive":
      return answerOf(verifier.verifyKey(question.key, options));
    case "call":
      return answerOf(verifier.verifyKey(question.key, { ...options, method: question.method, path: question.path }));
    case "scope":
      return answerOf(verifier.verifyKey(question.key, { ...options, scope: question.scope }));
    case "route": {
      const route = handleOf(verifier, question);
      if (route === undefined) return NO_HANDLE;
      return answerOf(verifier.verifyKey(question.key, { ...options, route }));
    }
  }
}

function handleOf(verifier: Verifier, { method, pattern }: { method: string; pattern: string }) {
  try {
    return verifier.route(method, pattern);
  } catch (error) {
    if (error instanceof KeywardError) return undefined;
    throw error;
  }
}

function answerOf(decision: Decision): Answer {
  if (decision.allowed) {
    const { keyId, level, scopes, constraints, expiresAt, stale, cost, rate } = decision;
    return {
      allowed: true,
      id: keyId,
      level: level ?? null,
      scopes,
      constraints,
      expiresAt: expiresAt ?? null,
      stale,
      cost,
      rate: rate ?? null,
    };
  }
  const { reason, status, headers, problem } = decision;
  const isNoted = reason === "insufficient_scope" && problem.detail !== DETAIL;
  return {
    allowed: false,
    reason,
    status,
    note: isNoted ? problem.detail : null,
    wait: reason === "rate_limited" ? waitOf(headers) : null,
  };
}

function waitOf(headers: { readonly [name: string]: string }) {
  const [, remaining, reset] = /^"key";r=(\d+);t=(\d+)$/.exec(headers.ratelimit ?? "") ?? [];
  const retry = headers["retry-after"];
  return { remaining: Number(remaining), resetSeconds: Number(reset), retrySeconds: Number(retry ?? 0) };
}

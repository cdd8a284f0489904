/**
 * A refusal of the server, as problem details (RFC 9457).
 */
import { KeywardError } from "../error.js";

/** A member of a request that breaks a rule. */
export interface ProblemMember {
  /** Its name. */
  readonly field: string;
  /** What was wrong with it and what would be right. */
  readonly detail: string;
}

/** What the server said. */
export interface ProblemDetails {
  /** The HTTP status. */
  readonly status: number;
  /** The members at fault, where members are. */
  readonly errors?: readonly ProblemMember[];
  /** The key that is in the way, where one is. */
  readonly existing?: { readonly id: string; readonly name: string } | undefined;
  /** The id by which the server's log knows the request. */
  readonly requestId?: string | undefined;
  /** When it makes sense to ask again, in ms; for 503. */
  readonly retryAfterMs?: number | undefined;
}

/** The server refused. `code` is its stable word, `message` what it says to people. */
export class ProblemError extends KeywardError {
  /** The HTTP status. */
  readonly status: number;
  /** The members at fault, where members are. */
  readonly errors: readonly ProblemMember[];
  /** The key that is in the way, where one is. */
  readonly existing: { readonly id: string; readonly name: string } | undefined;
  /** The id by which the server's log knows the request. */
  readonly requestId: string | undefined;
  /** When it makes sense to ask again, in ms; for 503. */
  readonly retryAfterMs: number | undefined;

  constructor(code: string, message: string, details: ProblemDetails) {
    super(code, message, { member: details.errors?.[0]?.field });
    this.status = details.status;
    this.errors = details.errors ?? [];
    this.existing = details.existing;
    this.requestId = details.requestId;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** The refusal that a reply holds; also where something between here and the server has answered in its place. */
export async function problemOf(reply: Response): Promise<ProblemError> {
  const details = {
    status: reply.status,
    requestId: reply.headers.get("x-request-id") ?? undefined,
    retryAfterMs: seconds(reply.headers.get("retry-after")),
  };
  const said: unknown = await reply.json().catch(() => undefined);
  if (typeof said === "object" && said !== null && "code" in said && "detail" in said) {
    const { code, detail, errors, existing } = said as Record<string, unknown>;
    if (typeof code === "string" && typeof detail === "string") {
      return new ProblemError(code, detail, {
        ...details,
        errors: Array.isArray(errors) ? (errors as ProblemMember[]) : [],
        existing: (existing ?? undefined) as ProblemDetails["existing"],
      });
    }
  }
  const message = `the answer has status ${reply.status} and is none of Keyward's; is the URL right?`;
  return new ProblemError("unexpected_answer", message, details);
}

function seconds(text: string | null): number | undefined {
  return text !== null && /^\d{1,6}$/.test(text) ? Number(text) * 1000 : undefined;
}

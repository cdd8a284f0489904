/**
 * The one error this package throws. Decisions are never thrown: a refused key is a `Denied`.
 */

/** The codes this package raises itself; what the core raises (`bad_signature`, `rollback`, …) passes through unchanged. */
export type KnownErrorCode =
  | "disposed"
  | "epoch_conflict"
  | "internal"
  | "invalid_argument"
  | "invalid_record"
  | "not_initialised"
  | "older_head"
  | "rollback"
  | "shard_mismatch"
  | "snapshot_unavailable"
  | "unknown_profile";

/** A stable word for what went wrong, the same in Rust, HTTP, the command line and here. */
export type ErrorCode = KnownErrorCode | (string & {});

/** Where in the caller's data an error lies, and what caused it. */
export interface ErrorDetails {
  /** The thrown value that led here. */
  readonly cause?: unknown;
  /** Index of the record at fault in the `records` given to `createVerifier`. */
  readonly record?: number;
  /** The member at fault, as a path: `constraints.channel[2]`. */
  readonly member?: string | undefined;
}

/** Something could not be built, opened or understood. `code` is stable; `message` is for people. */
export class KeywardError extends Error {
  override readonly name = "KeywardError";
  /** The stable word for what went wrong. */
  readonly code: ErrorCode;
  /** Index of the record at fault, where there is one. */
  readonly record: number | undefined;
  /** The member at fault, where there is one, as a path: `constraints.channel[2]`. */
  readonly member: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.record = details.record;
    this.member = details.member;
  }
}

/**
 * Turns whatever came out of the WebAssembly module into a `KeywardError`.
 *
 * What the core throws on purpose carries one of its own lower-case codes. Everything else (a trap, an exhausted
 * stack, an error of the host, whose codes are upper-case) is `internal`: the instance can no longer be trusted.
 */
export function fromModule(thrown: unknown): KeywardError {
  if (thrown instanceof KeywardError) return thrown;
  if (typeof thrown === "object" && thrown !== null && "code" in thrown && "message" in thrown) {
    const { code, message } = thrown;
    if (typeof code === "string" && typeof message === "string" && /^[a-z][a-z0-9_]*$/.test(code)) {
      const [, record, dimension] = /^record (\d+)(?:: constraint '([^']*)')?/.exec(message) ?? [];
      if (record === undefined) return new KeywardError(code, message);
      const member = dimension === undefined ? undefined : `constraints.${dimension}`;
      return new KeywardError(code, message, { record: Number(record), member });
    }
  }
  const why = thrown instanceof Error ? thrown.message : String(thrown);
  return new KeywardError("internal", `the WebAssembly module failed: ${why}`, { cause: thrown });
}

/** A wrong argument: the caller's mistake, never a request's. What stands before the message's colon is the member. */
export function invalidArgument(message: string): KeywardError {
  return new KeywardError("invalid_argument", message, { member: /^([^\s:]+): /.exec(message)?.[1] });
}

/**
 * How often a key may be used, and what its caller is told of it.
 */

/**
 * At most `limit` units at once, and as many more in each `window`, evenly. A call is one unit unless its route says.
 */
export interface Rate {
  readonly limit: number;
  /** In seconds, at most 31 days. */
  readonly window: number;
}

/** How a key's rate stands. */
export interface RateStatus {
  /** Units that may be taken at once. */
  readonly limit: number;
  /** Whole units that are left. */
  readonly remaining: number;
  /** In how many milliseconds all of them are back, if nothing more is taken. */
  readonly resetMs: number;
}

/** What the module tells of a rate after a step. */
export interface RateStanding {
  readonly remaining: number;
  readonly resetMs: number;
  /** In how many milliseconds the same cost is admitted; 0 where it was, or never is. */
  readonly retryMs: number;
}

/**
 * The headers of a call that was refused: draft-ietf-httpapi-ratelimit-headers, and `Retry-After` (RFC 9110). A call
 * that costs more than the limit is not told when to come again, because it never can.
 */
export function rateHeaders({ limit, window }: Rate, standing: RateStanding): Readonly<Record<string, string>> {
  const { remaining, resetMs, retryMs } = standing;
  return {
    ...(retryMs > 0 ? { "retry-after": String(Math.ceil(retryMs / 1000)) } : {}),
    ratelimit: `"key";r=${remaining};t=${Math.ceil(resetMs / 1000)}`,
    "ratelimit-policy": `"key";q=${limit};w=${window}`,
  };
}

/**
 * The issuer's side: what a management core keeps of a key.
 *
 * A row holds the digest and the hint, never the key; the key itself is the client's (see `wallet.ts`). Everything here
 * is a pure function of its arguments: time comes in from outside, so that the page can let it pass.
 */
import { profile, type StoredKey } from "../engine";

/** A day, in milliseconds. */
export const DAY = 86_400_000;

/** One line of the key list. */
export interface KeyRow extends StoredKey {
  readonly hint: string;
  readonly description: string;
  readonly createdBy: string;
  readonly createdAt: number;
  /** When it was last switched on: idle time counts from the later of this and its creation. */
  readonly enabledAt: number;
}

/** What a row's state amounts to at a moment. */
export type RowState =
  | { readonly kind: "available" }
  | { readonly kind: "off" }
  | { readonly kind: "idle"; readonly since: number }
  | { readonly kind: "expired"; readonly since: number };

/** When the rule against idle keys switches this one off; never, if the profile has no such rule. */
export function idleLimit(row: KeyRow): number | undefined {
  const days = profile.idleDisableDays;
  return days === undefined ? undefined : Math.max(row.createdAt, row.enabledAt) + days * DAY;
}

/** The state of a row at `now`. */
export function stateAt(row: KeyRow, now: number): RowState {
  if (row.status === "disabled") return { kind: "off" };
  const idle = idleLimit(row);
  if (idle !== undefined && now >= idle) return { kind: "idle", since: idle };
  if (row.expiresAt !== undefined && now >= row.expiresAt) return { kind: "expired", since: row.expiresAt };
  return { kind: "available" };
}

/** The records that the issuer would publish at `now`: what the verifier decides with. */
export function publish(rows: readonly KeyRow[], now: number): StoredKey[] {
  return rows.map((row) => ({
    id: row.id,
    digest: row.digest,
    level: row.level,
    status: stateAt(row, now).kind === "idle" ? "disabled" : row.status,
    expiresAt: row.expiresAt,
  }));
}

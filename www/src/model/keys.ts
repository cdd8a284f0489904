/**
 * The issuer's side: what a management core keeps of a key.
 *
 * A row holds digests and a hint, never the key; the key itself is the client's (see `wallet.ts`). Everything here
 * is a pure function of its arguments: time comes in from outside, so that the page can let it pass.
 */
import type { Limit, Profile, Rate, StoredDigest, StoredKey } from "../engine";

/** A day, in milliseconds. */
export const DAY = 86_400_000;

/** One line of the key list. */
export interface KeyRow {
  readonly id: string;
  readonly digests: readonly [StoredDigest, ...StoredDigest[]];
  readonly hint: string;
  /** What was filled in, by the fields' names. */
  readonly fields: Readonly<Record<string, string>>;
  readonly account: string | undefined;
  readonly level: string;
  readonly constraints: Readonly<Record<string, Limit>>;
  readonly rate: Rate | undefined;
  /** `deactivated` is for good. */
  readonly status: "active" | "disabled" | "deactivated";
  readonly expiresAt: number | undefined;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly lastUsedAt: number | undefined;
  /** When it was last switched on: idle time counts from here, if it was not used or made later. */
  readonly enabledAt: number;
}

/** What a row's state amounts to at a moment. */
export type RowState =
  | { readonly kind: "available" }
  | { readonly kind: "off" }
  | { readonly kind: "deactivated" }
  | { readonly kind: "idle"; readonly since: number }
  | { readonly kind: "expired"; readonly since: number };

/** What a row is called in sentences: what was filled in first, else its hint. */
export function nameOf({ fields, hint }: KeyRow, profile: Profile): string {
  return profile.fields.map(({ name }) => fields[name] ?? "").find((text) => text !== "") ?? hint;
}

/** When the rule against idle keys switches this one off; never, if the profile has no such rule. */
export function idleLimit(row: KeyRow, { lifecycle }: Profile): number | undefined {
  const days = lifecycle.idleDisableDays;
  return days === undefined ? undefined : Math.max(row.createdAt, row.enabledAt, row.lastUsedAt ?? 0) + days * DAY;
}

/** The state of a row at `now`. */
export function stateAt(row: KeyRow, profile: Profile, now: number): RowState {
  if (row.status === "deactivated") return { kind: "deactivated" };
  if (row.status === "disabled") return { kind: "off" };
  const idle = idleLimit(row, profile);
  if (idle !== undefined && now >= idle) return { kind: "idle", since: idle };
  if (row.expiresAt !== undefined && now >= row.expiresAt) return { kind: "expired", since: row.expiresAt };
  return { kind: "available" };
}

/** The records that the issuer would publish at `now`: what the verifier decides with. */
export function publish(rows: readonly KeyRow[], profile: Profile, now: number): StoredKey[] {
  return rows.map((row) => {
    const { id, digests, account, level, constraints, rate, expiresAt } = row;
    const { kind } = stateAt(row, profile, now);
    // An expired key is refused by its time, which travels with it.
    const status = kind === "available" || kind === "expired" ? "active" : "disabled";
    return { id, digests, account, level, constraints, rate, expiresAt, status };
  });
}

/** Issuing a key: the one place where the whole key is in hand, and where it is handed over. */
import { constraintsOf, mintKey, type Limit, type Profile, type Rate } from "../engine";
import { exampleLevel } from "./example";
import { DAY, type KeyRow } from "./keys";
import type { Wallet } from "./wallet";

/** Who creates keys on this page. */
const VISITOR = "you";

/** What the visitor chooses when creating a key. */
export interface Wish {
  readonly fields: Readonly<Record<string, string>>;
  readonly account: string | undefined;
  readonly level: string;
  readonly constraints: Readonly<Record<string, Limit>>;
  readonly rate: Rate | undefined;
  readonly expiresAt: number | undefined;
}

/** The account whose keys this page manages, where the key's format asks for one. */
export const ACCOUNT = "42";

/** The key that a system opens with, so that there is a decision to look at from the start. */
export function firstWish(profile: Profile, now: number): Wish {
  const { lifecycle, fields } = profile;
  const level = exampleLevel(profile);
  const [days] = lifecycle.expiresInDays;
  const filled = fields
    .filter(({ required }) => required)
    .map(({ name, kind }) => [name, kind === "email" ? "ada@example.com" : "Web shop"]);
  const limits = constraintsOf(profile, level.id).flatMap(({ name, kind }): [string, Limit][] => {
    if (kind === "text") return [];
    return [[name, [kind === "integer" ? 7 : "192.0.2.0/24"]]];
  });
  return {
    fields: Object.fromEntries(filled),
    account: profile.keyFormat === "account_hex" ? ACCOUNT : undefined,
    level: level.id,
    constraints: Object.fromEntries(limits),
    rate: undefined,
    expiresAt: days === undefined ? undefined : now + days * DAY,
  };
}

/** Draws a key, hands it to the client's wallet, and returns what the issuer keeps. */
export function issue(profile: Profile, wallet: Wallet, now: number, wish: Wish): KeyRow {
  const { key, id, digest, hint } = mintKey(profile, wish.account);
  wallet.keep(digest, key);
  return {
    ...wish,
    ...{ id, hint },
    digests: [{ digest, expiresAt: undefined }],
    status: "active",
    createdBy: VISITOR,
    createdAt: now,
    updatedAt: now,
    lastUsedAt: undefined,
    enabledAt: now,
  };
}

/** Draws a new key for a row; the one before goes on until `oldEndsAt`, or ends at once. */
export function reissue(
  profile: Profile,
  wallet: Wallet,
  row: KeyRow,
  now: number,
  oldEndsAt: number | undefined,
): KeyRow {
  const { key, digest, hint } = mintKey(profile, row.account);
  wallet.keep(digest, key);
  const old = oldEndsAt === undefined ? [] : [{ digest: row.digests[0].digest, expiresAt: oldEndsAt }];
  return { ...row, hint, digests: [{ digest, expiresAt: undefined }, ...old], updatedAt: now };
}

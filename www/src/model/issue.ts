/** Issuing a key: the one place where the whole key is in hand, and where it is handed over. */
import { mintKey } from "../engine";
import type { KeyRow } from "./keys";
import type { Wallet } from "./wallet";

/** Who creates keys on this page. */
const VISITOR = "you";

/** What the visitor chooses when creating a key. */
export interface Wish {
  readonly description: string;
  readonly level: string;
  readonly expiresAt: number | undefined;
}

/** The key that the page opens with, so that there is a decision to look at from the start. */
export const FIRST: Wish = { description: "Web shop: sends order events", level: "events", expiresAt: undefined };

/** Draws a key, hands the key to the client's wallet, and returns what the issuer keeps. */
export function issue(wallet: Wallet, now: number, wish: Wish): KeyRow {
  const minted = mintKey();
  wallet.keep(minted.id, minted.key);
  return {
    id: minted.id,
    digest: minted.digest,
    hint: minted.hint,
    description: wish.description,
    level: wish.level,
    status: "active",
    expiresAt: wish.expiresAt,
    createdBy: VISITOR,
    createdAt: now,
    enabledAt: now,
  };
}

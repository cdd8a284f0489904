/** What each system was left with, so that whoever comes back to it finds their keys again. Kept in memory only. */
import type { Profile } from "../engine";
import { firstWish, issue } from "./issue";
import { opening, type State } from "./state";
import { Wallet } from "./wallet";

/** The states of the systems that were looked at, and the wallet of them all. */
export class Shelf {
  readonly wallet = new Wallet();
  readonly #states = new Map<Profile, State>();

  /** The state that a system was left in, or the one in which it opens. */
  take(profile: Profile, now: number): State {
    return this.#states.get(profile) ?? opening(profile, issue(profile, this.wallet, now, firstWish(profile, now)));
  }

  /** Keeps a system's state. */
  put(profile: Profile, state: State): void {
    this.#states.set(profile, state);
  }
}

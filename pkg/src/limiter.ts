/**
 * What the keys of a verifier have taken of their rates: one number a key, in the memory of this isolate. The numbers
 * are the module's, which alone can tell what may still be taken; they outlive an instance that fails and a snapshot
 * that is replaced.
 */

/** So many keys are remembered; half a megabyte of numbers, and the ids. */
const MAX_KEYS = 65_536;
/** Where room is wanting, it is made for so many at once: looking for them takes a while. */
const ROOM = MAX_KEYS / 16;

/** The states of many keys. Never refuses one for want of room. */
export class Limiter {
  readonly #states = new Map<string, number>();

  /** The state of a key; 0 for one that has taken nothing yet. */
  state(keyId: string): number {
    return this.#states.get(keyId) ?? 0;
  }

  /** Keeps the state that a step has given for a key, at `now`. */
  keep(keyId: string, state: number, now: number): void {
    if (this.#states.size >= MAX_KEYS && !this.#states.has(keyId)) this.#makeRoom(now);
    this.#states.set(keyId, state);
  }

  /**
   * A state is the moment at which the key's bucket is full again, in microseconds (docs/format.md). Full ones are
   * forgotten at no loss; if these are too few, those too that would be full soonest, which gives their keys a full
   * bucket early.
   */
  #makeRoom(now: number): void {
    const states = this.#states;
    const wanted = MAX_KEYS - ROOM;
    for (const [keyId, state] of states) {
      if (state <= now * 1000) states.delete(keyId);
    }
    if (states.size <= wanted) return;
    const soonest = Float64Array.from(states.values()).sort();
    const last = soonest[states.size - wanted - 1] ?? Infinity;
    for (const [keyId, state] of states) {
      if (states.size <= wanted) return;
      if (state <= last) states.delete(keyId);
    }
  }
}

/**
 * How much time has passed, by a clock that may be set back.
 */

/** A moment, on the line that durations are measured along and by the clock. */
export interface Moment {
  /** Milliseconds along the line. Never less than that of an earlier moment. */
  readonly on: number;
  /** What the clock said. */
  readonly at: number;
}

/** The line. Nobody knows how long it took until a clock that was set back was read: `unknown` milliseconds count. */
export class Timeline {
  readonly #clock: () => number;
  readonly #unknown: number;
  #latest: Moment | undefined;

  constructor(clock: () => number, unknown: number) {
    this.#clock = clock;
    this.#unknown = unknown;
  }

  now(): Moment {
    const at = this.#clock();
    const latest = this.#latest ?? { on: 0, at };
    const passed = at - latest.at;
    this.#latest = { on: latest.on + (passed >= 0 ? passed : this.#unknown), at };
    return this.#latest;
  }
}

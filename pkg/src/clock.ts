/**
 * The default clock: the host's, except that it never goes back. A key that has expired or a snapshot that has gone
 * stale stays so in this process, whatever happens to the host's clock.
 */
export class Clock {
  readonly #source: (() => number) | undefined;
  #latest = 0;

  /** `source` is read instead of `Date.now`. */
  constructor(source?: () => number) {
    this.#source = source;
  }

  /** Milliseconds since the epoch; 0 where the host has no time yet (Workers outside a request), which denies. */
  now(): number {
    const now = this.#source === undefined ? Date.now() : this.#source();
    // Not `Math.max`: a NaN must not stick.
    if (now > this.#latest) this.#latest = now;
    return this.#latest;
  }
}

/** How much is drawn, and from where on. */

/** How many cases a test draws, unless it says otherwise. */
export const CASES = Number(process.env.KEYWARD_CASES ?? 100_000);

/** The seed that was asked for; without one, a failure tells it. */
export const SEEDED = process.env.KEYWARD_SEED === undefined ? {} : { seed: Number(process.env.KEYWARD_SEED) };

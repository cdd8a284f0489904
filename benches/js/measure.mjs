/**
 * Rounds in which every subject has its turn, so that whatever else the machine does meets all alike.
 */

/** How long a measurement is, unless it is only to be tried: rounds, how long one turn takes, and warming up before. */
export const WHOLE = { rounds: 15, turnMs: 20, warmMs: 200 };
export const QUICK = { rounds: 3, turnMs: 8, warmMs: 60 };

/**
 * Measures `subjects`, `{ name, time(count) → ms }`. The one called `floor` is what the ratios refer to. Gives rows
 * `{ name, nanoseconds, ratio, times }` in the same order; `times` are the rounds' own.
 */
export async function measure(subjects, { rounds, ...effort }) {
  const counts = [];
  for (const { time } of subjects) counts.push(await warmUp(time, effort));
  const times = subjects.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [at, { time }] of subjects.entries()) {
      times[at].push(((await time(counts[at])) / counts[at]) * 1e6);
    }
  }
  const floor = times[subjects.findIndex(({ name }) => name === "floor")];
  return subjects.map(({ name }, at) => ({
    name,
    nanoseconds: median(times[at]),
    ratio: ratio(times[at], floor),
    times: times[at],
  }));
}

/** Runs one until it has become as quick as it gets; gives how many make a turn. */
async function warmUp(time, { turnMs, warmMs }) {
  let count = 16;
  for (let spent = 0; ;) {
    const ms = await time(count);
    spent += ms;
    if (ms < turnMs) count *= 2;
    else if (spent >= warmMs) return count;
  }
}

/** How many times as long as `one` the other took. */
export function timesAsLong(other, one) {
  return ratio(other.times, one.times);
}

/** The median of the rounds' ratios of two rows' times. What is measured from outside may come out as nothing, in a bad round. */
export function ratio(times, others) {
  return median(times.map((time, round) => time / others[round]).filter(Number.isFinite));
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

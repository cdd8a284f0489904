/**
 * Rounds in which every subject has its turn, so that whatever else the machine does meets all alike.
 */

/** How long one turn takes, about. */
const TURN_MS = 25;

/**
 * Measures `subjects`, `{ name, time(count) → ms }`. The one called `floor` is what the ratios refer to. Gives rows
 * `{ name, nanoseconds, ratio }` in the same order.
 */
export async function measure(subjects, rounds) {
  const counts = [];
  for (const { name, time } of subjects) {
    let count = 64;
    // The first turns also warm up; the count grows until a turn is long enough.
    for (let ms = 0; ms < TURN_MS; count *= 2) ms = await time(count);
    counts.push(count / 2);
    process.stderr.write(`  ${name}: ${count / 2} at a time\n`);
  }
  const times = subjects.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [at, { time }] of subjects.entries()) {
      times[at].push(((await time(counts[at])) / counts[at]) * 1e6);
    }
    process.stderr.write(`\r  round ${round + 1} of ${rounds}`);
  }
  process.stderr.write("\n");
  const floor = times[subjects.findIndex(({ name }) => name === "floor")];
  return subjects.map(({ name }, at) => ({
    name,
    nanoseconds: median(times[at]),
    ratio: median(times[at].map((one, round) => one / floor[round])),
  }));
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

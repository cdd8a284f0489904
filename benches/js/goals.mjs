/** What is wanted, and whether it is reached here. */

/** So much at most. */
export function atMost(what, limit, reached, show) {
  return line(`${what} ≤ ${show(limit)}`, show(reached), reached <= limit);
}

/** So much at least. */
export function atLeast(what, limit, reached, show) {
  return line(`${what} ≥ ${show(limit)}`, show(reached), reached >= limit);
}

/** Less than so much. */
export function below(what, limit, reached, show) {
  return line(`${what} < ${show(limit)}`, show(reached), reached < limit);
}

/** The goals of a table, as a list below it. */
export function wanted(number, lines) {
  return [`Goal ${number}:`, "", ...lines].join("\n");
}

function line(what, reached, isMet) {
  return `- ${what}: ${reached}, ${isMet ? "reached" : "**missed**"}`;
}

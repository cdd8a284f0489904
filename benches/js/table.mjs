/** Rows of figures as a Markdown table. */

/** `rows` are `{ name, nanoseconds, ratio }`, the floor among them. */
export function table(rows) {
  const lines = rows.map(({ name, nanoseconds, ratio }) => `| ${name} | ${time(nanoseconds)} | ${times(ratio)} |`);
  return ["| | one verification | × floor |", "| --- | ---: | ---: |", ...lines].join("\n");
}

function time(nanoseconds) {
  return nanoseconds < 10_000 ? `${Math.round(nanoseconds)} ns` : `${(nanoseconds / 1000).toFixed(1)} µs`;
}

function times(ratio) {
  return ratio < 10 ? ratio.toFixed(2) : String(Math.round(ratio));
}

/** Figures as Markdown. */

/** A table: `head` are the columns' names, the first one of texts and the others of figures. */
export function table(head, rows) {
  const rule = head.map((_, at) => (at === 0 ? "---" : "---:"));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

export function time(nanoseconds) {
  if (nanoseconds < 10_000) return `${Math.round(nanoseconds)} ns`;
  if (nanoseconds < 1e6) return `${(nanoseconds / 1e3).toFixed(1)} µs`;
  return milliseconds(nanoseconds / 1e6);
}

export function milliseconds(ms) {
  return ms < 100 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}

export function times(ratio) {
  if (ratio < 10) return ratio.toFixed(2);
  return ratio < 100 ? ratio.toFixed(1) : String(Math.round(ratio));
}

export function bytes(count) {
  if (count < 10_000) return `${Math.round(count)} B`;
  return count < 1e7 ? `${(count / 1e3).toFixed(1)} kB` : `${(count / 1e6).toFixed(1)} MB`;
}

export function whole(count) {
  return Math.round(count).toLocaleString("en");
}

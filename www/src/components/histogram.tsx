/** How the samples are spread: a small plot with the median marked. */

interface Props {
  /** Nanoseconds per call, one number a sample, ascending. */
  readonly samples: readonly number[];
  readonly median: number;
}

const WIDTH = 420;
const HEIGHT = 150;
const BASE = HEIGHT - 24;
const BINS = 28;

export function Histogram({ samples, median }: Props) {
  // Some samples fall into a pause of the device; the plot ends before them and says how many lie beyond.
  const low = samples[0] ?? 0;
  const high = Math.max(Math.min(samples[Math.floor(samples.length * 0.98)] ?? low, 3 * median), low + 1);
  const step = (high - low) / BINS;
  const bins = new Array<number>(BINS).fill(0);
  let beyond = 0;
  for (const sample of samples) {
    const bin = Math.min(BINS - 1, Math.floor((sample - low) / step));
    if (sample > high) beyond += 1;
    else bins[bin] = (bins[bin] ?? 0) + 1;
  }
  const tallest = Math.max(...bins, 1);
  const x = (value: number) => ((value - low) / (high - low)) * WIDTH;
  const at = Math.min(WIDTH, Math.max(0, x(median)));
  const late = at > WIDTH * 0.6;
  return (
    <figure class="histogram">
      <svg
        viewBox={`-4 0 ${WIDTH + 8} ${HEIGHT}`}
        role="img"
        aria-label={`Histogram of ${samples.length} samples from ${round(low)} to ${round(high)} nanoseconds, median ${round(median)}.`}
      >
        {bins.map((count, i) => {
          const height = (count / tallest) * (BASE - 30);
          return (
            <rect
              key={i}
              class="bar"
              x={(i / BINS) * WIDTH + 1}
              y={BASE - height}
              width={WIDTH / BINS - 2}
              height={height}
              rx="1.5"
            />
          );
        })}
        <path class="axis" d={`M0 ${BASE}H${WIDTH}`} />
        <path class="median" d={`M${at} 14V${BASE}`} />
        <text class="median-label" x={late ? at - 6 : at + 6} y="20" text-anchor={late ? "end" : "start"}>
          median {round(median)} ns
        </text>
        <text x="0" y={HEIGHT - 6}>
          {round(low)} ns
        </text>
        <text x={WIDTH} y={HEIGHT - 6} text-anchor="end">
          {round(high)} ns
        </text>
      </svg>
      <figcaption class="help">
        {beyond > 0 ? `${beyond} slower samples lie beyond the right edge.` : "All samples shown."}
      </figcaption>
    </figure>
  );
}

const round = (value: number): string => Math.round(value).toLocaleString("en");

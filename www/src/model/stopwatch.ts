/** Times the verifier on the visitor's device. */
import { Gate, mintKey, profile, type StoredKey } from "../engine";
import { publish, type KeyRow } from "./keys";
import { mistype } from "./request";
import { exampleCall } from "./state";

/** What was measured. Times of calls are nanoseconds, ascending. */
export interface Timing {
  readonly samples: readonly number[];
  readonly median: number;
  /** Calls in one sample. */
  readonly batch: number;
  /** Keys loaded. */
  readonly keys: number;
}

const SAMPLES = 240;
/** A sample must be long against the clock's tick (0.1 ms at worst in today's browsers). */
const SAMPLE_MS = 4;
const FILLERS = 1_000;
/** By then a browser has compiled the WebAssembly and the code around it with its better compiler. */
export const WARM_UP = 20_000;

/** Fillers are made once: drawing them is not part of what is measured. */
let fillers: readonly StoredKey[] | undefined;

/** Measures with a fresh verifier that holds the visitor's keys among a thousand others. */
export async function measure(rows: readonly KeyRow[]): Promise<Timing> {
  const now = Date.now();
  fillers ??= Array.from({ length: FILLERS }, (_, i) => filler(i));
  const probe = mintKey();
  const level = profile.levels[0]?.id ?? "";
  const records = [
    ...fillers,
    ...publish(rows, now),
    { id: probe.id, digest: probe.digest, level, status: "active", expiresAt: undefined } as const,
  ];
  const { method, path } = exampleCall();

  using gate = new Gate(records);
  const spin = (count: number): number => {
    let allowed = 0;
    for (let i = 0; i < count; i++) if (gate.check(probe.key, method, path, now)) allowed += 1;
    return allowed;
  };
  spin(WARM_UP);
  const batch = calibrate(spin);
  // The loop is only worth timing if it decides: a verifier that said yes to a typo would be fast as well.
  if (spin(3) !== 3 || gate.check(mistype(probe.key), method, path, now)) throw new Error("the probe was not decided");

  const samples: number[] = [];
  while (samples.length < SAMPLES) {
    const start = performance.now();
    spin(batch);
    samples.push(((performance.now() - start) / batch) * 1e6);
    if (samples.length % 8 === 0) await breathe();
  }
  samples.sort((a, b) => a - b);
  return { samples, median: samples[SAMPLES / 2] ?? 0, batch, keys: records.length };
}

/** Doubles the batch until one takes long enough. */
function calibrate(spin: (count: number) => number): number {
  for (let batch = 250; ; batch *= 2) {
    const start = performance.now();
    spin(batch);
    if (performance.now() - start >= SAMPLE_MS || batch >= 64_000) return batch;
  }
}

/** Lets the page draw and answer in between. */
const breathe = (): Promise<void> => new Promise((done) => setTimeout(done, 0));

/** A key that nobody asks with. Its id is a plain number: ids of keys count on not being made a thousand at a time. */
function filler(number: number): StoredKey {
  return {
    id: `filler ${number}`,
    digest: mintKey().digest,
    level: profile.levels[0]?.id ?? "",
    status: "active",
    expiresAt: undefined,
  };
}

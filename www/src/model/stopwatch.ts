/** Times the verifier on the visitor's device. */
import { Gate, mintKey, type Profile, type StoredKey } from "../engine";
import { exampleCall, exampleLevel } from "./example";
import { ACCOUNT } from "./issue";
import { publish, type KeyRow } from "./keys";
import { mistype } from "./request";

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

/** Fillers are made once for each system: drawing them is not part of what is measured. */
const fillers = new Map<Profile, readonly StoredKey[]>();

/** Measures with a fresh verifier that holds the visitor's keys among a thousand others. */
export async function measure(profile: Profile, rows: readonly KeyRow[]): Promise<Timing> {
  const now = Date.now();
  const others = fillers.get(profile) ?? Array.from({ length: FILLERS }, (_, i) => filler(profile, i));
  fillers.set(profile, others);
  const probe = mintKey(profile, ACCOUNT);
  const records = [...others, ...publish(rows, profile, now), stored(profile, probe.id, probe.digest)];
  const call = exampleCall(profile);

  using gate = new Gate(profile, records);
  const spin = (count: number): number => {
    let allowed = 0;
    for (let i = 0; i < count; i++) if (gate.check(probe.key, call, now)) allowed += 1;
    return allowed;
  };
  spin(WARM_UP);
  const batch = calibrate(spin);
  // The loop is only worth timing if it decides: a verifier that said yes to a typo would be fast as well.
  if (spin(3) !== 3 || gate.check(mistype(probe.key), call, now)) throw new Error("the probe was not decided");

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
function filler(profile: Profile, number: number): StoredKey {
  return stored(profile, `filler ${number}`, mintKey(profile, ACCOUNT).digest);
}

/** A key that may make the call that is measured. */
function stored(profile: Profile, id: string, digest: string): StoredKey {
  return {
    id,
    digests: [{ digest, expiresAt: undefined }],
    account: undefined,
    level: exampleLevel(profile).id,
    constraints: {},
    rate: undefined,
    status: "active",
    expiresAt: undefined,
  };
}

/** The visitor's own verification time, with what exactly was timed said beside it. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { KeyRow } from "../model/keys";
import { measure, WARM_UP, type Timing } from "../model/stopwatch";
import { Histogram } from "./histogram";
import { useProfile } from "./system";

interface Props {
  readonly rows: readonly KeyRow[];
}

/** Starts by itself once the section is looked at: a measurement nobody sees only warms the device. */
export function Measure({ rows }: Props) {
  const profile = useProfile();
  const [timing, setTiming] = useState<Timing>();
  const [failure, setFailure] = useState<string>();
  const [running, setRunning] = useState(false);
  const section = useRef<HTMLElement>(null);

  const run = async () => {
    setRunning(true);
    setFailure(undefined);
    try {
      setTiming(await measure(profile, rows));
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    } finally {
      setRunning(false);
    }
  };
  const first = useRef(run);
  first.current = run;
  useEffect(() => {
    const target = section.current;
    if (target === null) return;
    const observer = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting !== true) return;
      observer.disconnect();
      void first.current();
    });
    observer.observe(target);
    return () => observer.disconnect();
  }, []);

  return (
    <section class="panel measure" ref={section} aria-labelledby="measure-title">
      <div class="measure-text">
        <h2 id="measure-title">On this device, one decision takes</h2>
        <p class="figure" role="status">
          {timing === undefined ? (
            <span class="dim">{failure === undefined ? "…" : "not measured"}</span>
          ) : (
            <Span nanoseconds={timing.median} />
          )}
        </p>
        {failure !== undefined && <p class="measure-failure">This could not be measured: {failure}.</p>}
        {timing !== undefined && (
          <p class="help">
            Median of {timing.samples.length} samples. Each sample times {timing.batch.toLocaleString("en")} calls of{" "}
            <code>verifyKey(key, {"{ method, path }"})</code> and divides, because a browser’s clock ticks too coarsely
            for one. {timing.keys.toLocaleString("en")} keys are loaded. Counted: the crossing into WebAssembly,{" "}
            {profile.keyFormat === "checksummed" && "checksum, "}SHA-256, lookup, expiry, route and scope. Not counted:
            reading an HTTP header, loading the module, and the first {WARM_UP.toLocaleString("en")} calls, during which
            the browser still compiles.
          </p>
        )}
        <button type="button" class="button" disabled={running} onClick={() => void run()}>
          {running ? "Measuring …" : "Measure again"}
        </button>
      </div>
      {timing !== undefined && <Histogram samples={timing.samples} median={timing.median} />}
    </section>
  );
}

/** Nanoseconds below ten microseconds, microseconds above. */
function Span({ nanoseconds }: { nanoseconds: number }) {
  const micro = nanoseconds >= 1_000;
  return (
    <>
      {micro ? (nanoseconds / 1_000).toFixed(2) : nanoseconds.toFixed(0)}
      <span class="unit">{micro ? " µs" : " ns"}</span>
    </>
  );
}

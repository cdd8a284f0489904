/** The same decision where it belongs: in a Worker. */
import worker from "../../../examples/cloudflare-worker/src/index.ts?raw";
import { Code } from "./code";
import { CopyButton } from "./copy";

/** The listing is the example itself, which the tests run: it cannot fall behind. */
export function WorkerPanel() {
  return (
    <section class="panel worker" aria-labelledby="worker-title">
      <div class="panel-head">
        <div>
          <h2 id="worker-title">In your Worker</h2>
          <p class="sub">
            Keys are issued at your Keyward server and travel to the edge as a signed snapshot. There, this is all the
            code it takes.
          </p>
        </div>
        <CopyButton text={() => worker} label="Copy code" />
      </div>
      <Code text={worker.trimEnd()} label="Worker source" />
      <dl class="facts">
        <div>
          <dt>A key is switched off</dt>
          <dd>Refused within about two seconds, by an isolate that slept as well.</dd>
        </div>
        <div>
          <dt>The server is down</dt>
          <dd>Decisions go on from the last snapshot, marked stale after five minutes, for a day.</dd>
        </div>
        <div>
          <dt>Someone edits the snapshot</dt>
          <dd>Its signature no longer holds, and the last good one goes on deciding.</dd>
        </div>
      </dl>
    </section>
  );
}

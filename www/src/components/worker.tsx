/** The same decision where it belongs: in a Worker. */
import { Code } from "./code";
import { CopyButton } from "./copy";

/** Kept in step with `examples/cloudflare-worker`. */
const WORKER = `import { connect } from "keyward";

let edge;

export default {
  async fetch(request, env, ctx) {
    edge ??= connect({
      url: env.KEYWARD_URL,
      keyspace: "my-api",
      token: env.KEYWARD_TOKEN,
      publicKeys: [env.KEYWARD_PUBLIC_KEY],
    });

    const decision = await edge.verify(request, { ctx });
    if (!decision.allowed) return decision.toResponse();

    return Response.json({ hello: decision.account });
  },
};
`;

export function WorkerPanel() {
  return (
    <section class="panel worker" aria-labelledby="worker-title">
      <div class="worker-text">
        <h2 id="worker-title">In your Worker</h2>
        <p>
          Keys are issued at your Keyward server and travel to the edge as a signed snapshot. There, this is all the
          code it takes.
        </p>
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
            <dd>Its signature no longer holds, and it is not opened.</dd>
          </div>
        </dl>
        <CopyButton text={() => WORKER} label="Copy code" />
      </div>
      <Code text={WORKER} label="Worker source" />
    </section>
  );
}

/** What comes of it: the refusal that goes back to the caller, or the grant that the API's own code gets. */
import type { Grant, Ruling } from "../engine";
import { date, phrase } from "../model/words";

export function Reply({ ruling }: { ruling: Ruling }) {
  return ruling.allowed ? (
    <div class="reply">
      <h3>Your handler runs, with this grant</h3>
      <GrantList grant={ruling.grant} />
      <p class="help">The caller gets your own answer; Keyward adds nothing to it.</p>
    </div>
  ) : (
    <div class="reply">
      <h3>What the caller gets</h3>
      <pre class="wire" tabIndex={0} aria-label="The response to the caller">
        <span class="wire-method">HTTP/1.1 {ruling.reply.status}</span> {phrase(ruling.reply.status)}
        {ruling.reply.headers.map(([name, value]) => (
          <span key={name}>
            {"\n"}
            <span class="dim">{name}:</span> {value}
          </span>
        ))}
        {"\n\n"}
        {pretty(ruling.reply.body)}
      </pre>
      {ruling.status === 401 && (
        <p class="help">Every 401 looks the same from outside. The precise reason above is for you, the API’s owner.</p>
      )}
    </div>
  );
}

function GrantList({ grant }: { grant: Grant }) {
  return (
    <dl class="grant">
      <div>
        <dt>keyId</dt>
        <dd>{grant.keyId}</dd>
      </div>
      <div>
        <dt>level</dt>
        <dd>{grant.level ?? "undefined"}</dd>
      </div>
      <div>
        <dt>scopes</dt>
        <dd>{grant.scopes.length === 0 ? "none" : grant.scopes.join(", ")}</dd>
      </div>
      <div>
        <dt>expiresAt</dt>
        <dd>{grant.expiresAt === undefined ? "undefined" : date(grant.expiresAt)}</dd>
      </div>
    </dl>
  );
}

/** JSON with line breaks; anything else as it came. */
function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), undefined, 2);
  } catch {
    return body;
  }
}

/** What comes of it: the refusal that goes back to the caller, or the grant that the API's own code gets. */
import type { Grant, Ruling } from "../engine";
import { date, limitWords, phrase } from "../model/words";

export function Reply({ ruling }: { ruling: Ruling }) {
  return ruling.allowed ? (
    <div class="reply">
      <h3>Your handler runs, with this grant</h3>
      <GrantList grant={ruling.grant} />
      {ruling.grant.rate?.remaining === 0 ? (
        <p class="help used-up">
          Its rate is used up: sent now, this would be refused with 429 until some of it has come back.
        </p>
      ) : (
        <p class="help">The caller gets your own answer; Keyward adds nothing to it.</p>
      )}
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
      {members(grant).map(([name, text]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The grant's members as code prints them; what a system has no use for is left out. */
function members({ keyId, account, level, scopes, constraints, expiresAt, rate }: Grant): [string, string][] {
  const limits = Object.entries(constraints);
  return [
    ["keyId", keyId],
    ...(account === undefined ? [] : [["account", account] as [string, string]]),
    ["level", level ?? "undefined"],
    ["scopes", scopes.length === 0 ? "[]" : scopes.join(", ")],
    ...limits.map(([name, limit]): [string, string] => [`constraints.${name}`, limitWords(limit)]),
    ["expiresAt", expiresAt === undefined ? "undefined" : date(expiresAt)],
    ["rate", rate === undefined ? "undefined" : `${rate.remaining} of ${rate.limit} left`],
  ];
}

/** JSON with line breaks; anything else as it came. */
function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), undefined, 2);
  } catch {
    return body;
  }
}

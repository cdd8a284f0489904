/** Uses that must compile. */
import {
  type Allowed,
  connect,
  type ConstraintValues,
  type ContextValues,
  createVerifier,
  type Decision,
  type Denied,
  digestKey,
  type Edge,
  type Explanation,
  generateKey,
  type GrantedConstraints,
  type Json,
  KeywardError,
  type KeyRecord,
  openSnapshot,
  parseKey,
  type Peppers,
  type Preset,
  profileInfo,
  type Rate,
  type RateStatus,
  type Reason,
  type RecordConstraints,
  type RouteHandle,
  type Verifier,
  type VerifyOptions,
} from "keyward";
import { esputnik } from "keyward/presets/esputnik";

const preset: Preset = esputnik;
const made = generateKey({ profile: esputnik });
const stored: string = digestKey(made.key);
generateKey({ profile: "inboxfirst", account: 7 });
generateKey({ profile: "inboxfirst", account: "7" });
const peppers: Peppers = { "2026": "a secret of a deployment", b: new Uint8Array(32) };
digestKey(made.key, { pepper: { id: "b", secret: new Uint8Array(32) } });
digestKey(made.key, {});

const info = profileInfo(esputnik);
info.levels.map(({ id, title, rate }) => `${id} ${title} ${rate?.limit}`);
info.routes.map(({ scope, closed, cost, requireFresh }) => [scope ?? closed, cost + 1, requireFresh === true]);
info.constraints.map(({ name, kind, appliesTo }) => [name, kind === "network", appliesTo?.length]);
const days: readonly number[] = info.lifecycle.expiresInDays;

const parsed = parseKey(made.key, { profile: preset });
const prefixOrPlace: string | number | undefined = parsed.ok ? parsed.prefix : parsed.at;
const number: number | undefined = parsed.ok ? parsed.account : undefined;

const record: KeyRecord = {
  id: made.id,
  digest: stored,
  level: "events",
  expiresAt: new Date(),
  meta: { a: [1, null] },
};
const rate: Rate = { limit: 100, window: 60 };
const channels: ConstraintValues = ["sms", "push"];
const constraints: RecordConstraints = { channel: channels, attribute: "all", sending_domain_id: [7] };
const records: readonly KeyRecord[] = [
  record,
  { id: "b", digest: stored, scopes: ["events"], status: "disabled" },
  { id: "c", digests: [stored, { digest: stored, expiresAt: new Date() }], level: "events", constraints, rate },
  { id: "d", digest: stored, scopes: [stored].map((scope) => scope), account: undefined, rate: undefined },
];
const verifier: Verifier = createVerifier({ profile: esputnik, records, peppers });
createVerifier({ profile: esputnik, records: new Set(records) });

declare const request: Request;
const decision: Decision = verifier.verify(request);
if (decision.allowed) {
  const allowed: Allowed = decision;
  const account: string | undefined = allowed.account;
  const ends: number | undefined = allowed.expiresAt;
  const meta: Json | undefined = allowed.meta;
  const scopes: readonly string[] = allowed.scopes;
  const granted: GrantedConstraints = allowed.constraints;
  const standing: RateStatus | undefined = allowed.rate;
  const cost: number = allowed.cost;
  const channel = granted["channel"];
  console.log(channel === "all" ? channel : channel?.includes("sms"), standing?.remaining, standing?.resetMs, cost);
  console.log(account, ends, meta, scopes, allowed.stale);
} else {
  const denied: Denied = decision;
  const reason: Reason = denied.reason;
  const status: 400 | 401 | 403 | 429 | 503 = denied.status;
  const response: Response = denied.toResponse();
  console.log(reason, status, response, denied.headers["www-authenticate"], denied.problem.code, denied.problem.detail);
}

verifier.verify({ url: "/a", headers: {} }, { now: 1 });
verifier.verify({ method: "POST", url: "/a", headers: { authorization: ["a", "b"], accept: undefined } });
verifier.verify({ url: "/a", headers: [["authorization", "x"]] });
verifier.verify({ url: "/a", headers: new Map([["authorization", "x"]]) });
verifier.verify({ url: "/a", headers: new Headers() });

const context: ContextValues = { channel: ["sms", "push"], sending_domain_id: 7, attribute: undefined };
const around: VerifyOptions = { context, clientAddress: "192.0.2.7", cost: 5 };
verifier.verify(request, around);
verifier.verify(request, { clientAddress: request.headers.get("cf-connecting-ip") });
verifier.explain(request, { context: { channel: [] } });

const route: RouteHandle = verifier.route("POST", "/api/v1/event");
verifier.verifyKey(made.key);
verifier.verifyKey(null);
verifier.verifyKey(request.headers.get("x-api-key"), { scope: "events", now: Date.now() });
verifier.verifyKey(made.key, { method: "GET", path: "/" });
verifier.verifyKey(made.key, { route });
verifier.verifyKey(made.key, { route, context, clientAddress: "2001:db8::7", cost: 0 });
verifier.verifyKey(made.key, { method: "GET", path: "/", ...around });
const explanation: Explanation = verifier.explainKey(made.key, { scope: "events" });
for (const { step, outcome, detail } of explanation.steps) console.log(step, outcome, detail);
{
  using own = openSnapshot(
    { head: new Uint8Array(), shards: [new Uint8Array()] },
    { publicKeys: ["ed25519:"], keyspace: "a", minEra: 1, minEpoch: 2, peppers },
  );
  console.log(own.epoch, own.era, own.issuedAt, own.size);
}

const edge: Edge = connect({
  url: new URL("https://a"),
  keyspace: "a",
  token: "t",
  publicKeys: ["ed25519:"],
  maxAgeMs: 1,
  peppers,
});
declare const ctx: { waitUntil(promise: Promise<unknown>): void; passThroughOnException(): void };
const later: Promise<Decision> = edge.verify(request, { ctx });
edge.verify(request, { ctx, ...around });
edge.verifyKey(made.key, { ctx, scope: "events", context });
console.log(prefixOrPlace, later, edge.status?.epoch, days, number);

try {
  digestKey("");
} catch (error) {
  if (error instanceof KeywardError && error.code === "invalid_argument") {
    console.log(error.message, error.record, error.member);
  }
}

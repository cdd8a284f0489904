/** Uses that must compile. */
import {
  type Allowed,
  connect,
  createVerifier,
  type Decision,
  type Denied,
  digestKey,
  type Edge,
  type Explanation,
  generateKey,
  type Json,
  KeywardError,
  type KeyRecord,
  openSnapshot,
  parseKey,
  type Preset,
  profileInfo,
  type Reason,
  type RouteHandle,
  type Verifier,
} from "keyward";
import { esputnik } from "keyward/presets/esputnik";

const preset: Preset = esputnik;
const made = generateKey({ profile: esputnik });
const stored: string = digestKey(made.key);
generateKey({ profile: "esputnik" });
profileInfo(esputnik).levels.map(({ id, title }) => `${id} ${title}`);

const parsed = parseKey(made.key, { profile: preset });
const prefixOrPlace: string | number = parsed.ok ? parsed.prefix : parsed.at;

const record: KeyRecord = {
  id: made.id,
  digest: stored,
  level: "events",
  expiresAt: new Date(),
  meta: { a: [1, null] },
};
const records: readonly KeyRecord[] = [record, { id: "b", digest: stored, scopes: ["events"], status: "disabled" }];
const verifier: Verifier = createVerifier({ profile: esputnik, records });
createVerifier({ profile: esputnik, records: new Set(records) });

declare const request: Request;
const decision: Decision = verifier.verify(request);
if (decision.allowed) {
  const allowed: Allowed = decision;
  const account: string | undefined = allowed.account;
  const ends: number | undefined = allowed.expiresAt;
  const meta: Json | undefined = allowed.meta;
  const scopes: readonly string[] = allowed.scopes;
  console.log(account, ends, meta, scopes, allowed.stale);
} else {
  const denied: Denied = decision;
  const reason: Reason = denied.reason;
  const status: 400 | 401 | 403 | 429 | 503 = denied.status;
  const response: Response = denied.toResponse();
  console.log(reason, status, response, denied.headers["www-authenticate"], denied.problem.code);
}

verifier.verify({ url: "/a", headers: {} }, { now: 1 });
verifier.verify({ method: "POST", url: "/a", headers: { authorization: ["a", "b"], accept: undefined } });
verifier.verify({ url: "/a", headers: [["authorization", "x"]] });
verifier.verify({ url: "/a", headers: new Map([["authorization", "x"]]) });
verifier.verify({ url: "/a", headers: new Headers() });

const route: RouteHandle = verifier.route("POST", "/api/v1/event");
verifier.verifyKey(made.key);
verifier.verifyKey(null);
verifier.verifyKey(request.headers.get("x-api-key"), { scope: "events", now: Date.now() });
verifier.verifyKey(made.key, { method: "GET", path: "/" });
verifier.verifyKey(made.key, { route });
const explanation: Explanation = verifier.explainKey(made.key, { scope: "events" });
for (const { step, outcome, detail } of explanation.steps) console.log(step, outcome, detail);
{
  using own = openSnapshot(
    { head: new Uint8Array(), shards: [new Uint8Array()] },
    { publicKeys: ["ed25519:"], keyspace: "a", minEra: 1, minEpoch: 2 },
  );
  console.log(own.epoch, own.era, own.issuedAt, own.size);
}

const edge: Edge = connect({
  url: new URL("https://a"),
  keyspace: "a",
  token: "t",
  publicKeys: ["ed25519:"],
  maxAgeMs: 1,
});
declare const ctx: { waitUntil(promise: Promise<unknown>): void; passThroughOnException(): void };
const later: Promise<Decision> = edge.verify(request, { ctx });
edge.verifyKey(made.key, { ctx, scope: "events" });
console.log(prefixOrPlace, later, edge.status?.epoch);

try {
  digestKey("");
} catch (error) {
  if (error instanceof KeywardError && error.code === "invalid_argument") console.log(error.message, error.record);
}

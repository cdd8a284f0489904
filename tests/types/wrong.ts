/** Uses that must not compile: each line below an expectation has exactly one mistake. */
import {
  connect,
  createVerifier,
  type Decision,
  digestKey,
  generateKey,
  type KeyRecord,
  KeywardError,
  openSnapshot,
} from "keyward";
import { esputnik } from "keyward/presets/esputnik";

declare const decision: Decision;
declare const request: Request;
const verifier = createVerifier({ profile: esputnik, records: [] });

// @ts-expect-error: what a grant holds is there only when it was asked whether it is one
decision.keyId;
// @ts-expect-error: so is the reason
decision.reason;
// @ts-expect-error: a decision is not changed
decision.allowed = true;
if (!decision.allowed) {
  // @ts-expect-error: there is no such reason
  if (decision.reason === "revoked") throw new Error();
  // @ts-expect-error: nor such a status
  if (decision.status === 404) throw new Error();
} else {
  // @ts-expect-error: scopes are read only
  decision.scopes.push("all");
  // @ts-expect-error: so are constraints
  decision.constraints["channel"] = "all";
  // @ts-expect-error: a constraint is a list only when it is not everything
  decision.constraints["channel"]?.map(String);
  // @ts-expect-error: not every key has a rate
  decision.rate.remaining.toFixed();
}

// @ts-expect-error: a profile is needed
generateKey({});
// @ts-expect-error: there is no such preset
generateKey({ profile: "nobody" });
// @ts-expect-error: a pepper has an id
digestKey("a", { pepper: { secret: "b" } });
// @ts-expect-error: a secret is text or bytes
digestKey("a", { pepper: { id: "b", secret: 5 } });
// @ts-expect-error: an account is a text or a number
generateKey({ profile: esputnik, account: ["7"] });
// @ts-expect-error: peppers go by their ids
createVerifier({ profile: esputnik, records: [], peppers: ["a"] });
// @ts-expect-error: a digest is needed
const noDigest: KeyRecord = { id: "a", level: "b" };
// @ts-expect-error: one digest or several, not both
const twoWays: KeyRecord = { id: "a", level: "b", digest: "c", digests: ["d"] };
// @ts-expect-error: no digest is none of several
const none: KeyRecord = { id: "a", level: "b", digests: [] };
// @ts-expect-error: a key that opens nothing is a mistake
const nothing: KeyRecord = { id: "a", digest: "b" };
// @ts-expect-error: a level or scopes, not both
const both: KeyRecord = { id: "a", digest: "b", level: "c", scopes: ["d"] };
// @ts-expect-error: it is called level
const misspelt: KeyRecord = { id: "a", digest: "b", level: "c", role: "admin" };
// @ts-expect-error: a time is a number or a Date
const words: KeyRecord = { id: "a", digest: "b", level: "c", expiresAt: "tomorrow" };
// @ts-expect-error: there is no such status
const status: KeyRecord = { id: "a", digest: "b", level: "c", status: "on" };
// @ts-expect-error: what is deactivated is not among the records
const gone: KeyRecord = { id: "a", digest: "b", level: "c", status: "deactivated" };
// @ts-expect-error: an empty list would be a key for nothing, and has been read as one for everything
const empty: KeyRecord = { id: "a", digest: "b", level: "c", constraints: { channel: [] } };
// @ts-expect-error: everything is called all
const star: KeyRecord = { id: "a", digest: "b", level: "c", constraints: { channel: "*" } };
// @ts-expect-error: a value is a number or a text
const flag: KeyRecord = { id: "a", digest: "b", level: "c", constraints: { channel: [true] } };
// @ts-expect-error: a rate has a window
const endless: KeyRecord = { id: "a", digest: "b", level: "c", rate: { limit: 5 } };

// @ts-expect-error: a method needs a path
verifier.verifyKey("k", { method: "GET" });
// @ts-expect-error: one thing is asked at a time
verifier.verifyKey("k", { method: "GET", path: "/", scope: "a" });
// @ts-expect-error: it is called scope
verifier.verifyKey("k", { scopes: ["a"] });
// @ts-expect-error: a route comes from route()
verifier.verifyKey("k", { route: 5 });
// @ts-expect-error: a key is a string
verifier.verifyKey(5);
// @ts-expect-error: now is a number
verifier.verify(request, { now: new Date() });
// @ts-expect-error: a value is a number or a text
verifier.verify(request, { context: { channel: true } });
// @ts-expect-error: a context goes by names
verifier.verify(request, { context: ["sms"] });
// @ts-expect-error: an address is a text
verifier.verify(request, { clientAddress: 7 });
// @ts-expect-error: it is called clientAddress
verifier.verify(request, { ip: "192.0.2.7" });
// @ts-expect-error: a cost is a number
verifier.verify(request, { cost: "5" });
// @ts-expect-error: what is asked about a request stands in it
verifier.verify(request, { scope: "a" });
// @ts-expect-error: a request has headers
verifier.verify({ method: "GET", url: "/" });
// @ts-expect-error: verify of a verifier is synchronous
verifier.verify(request).then();
// @ts-expect-error: verify of an edge is not
if (connect({ url: "https://a", keyspace: "a", token: "b", publicKeys: [] }).verify(request).allowed) throw new Error();
connect({ url: "https://a", keyspace: "a", token: "b", publicKeys: [] }).verifyKey("k", {
  // @ts-expect-error: a route belongs to a verifier, not to an edge
  route: verifier.route("GET", "/"),
});
// @ts-expect-error: a public key must be pinned
connect({ url: "https://a", keyspace: "a", token: "b" });
// @ts-expect-error: files are bytes
openSnapshot({ head: "a", shards: [] }, { publicKeys: [] });
// @ts-expect-error: an error's code does not change
new KeywardError("internal", "a").code = "b";

console.log(noDigest, twoWays, none, nothing, both, misspelt, words, status, gone, empty, star, flag, endless);

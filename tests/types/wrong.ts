/** Uses that must not compile: each line below an expectation has exactly one mistake. */
import {
  connect,
  createVerifier,
  type Decision,
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
}

// @ts-expect-error: a profile is needed
generateKey({});
// @ts-expect-error: there is no such preset
generateKey({ profile: "nobody" });
// @ts-expect-error: a digest is needed
const noDigest: KeyRecord = { id: "a" };
// @ts-expect-error: it is called level
const misspelt: KeyRecord = { id: "a", digest: "b", role: "admin" };
// @ts-expect-error: a time is a number or a Date
const words: KeyRecord = { id: "a", digest: "b", expiresAt: "tomorrow" };
// @ts-expect-error: there is no such status
const status: KeyRecord = { id: "a", digest: "b", status: "on" };

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

console.log(noDigest, misspelt, words, status);

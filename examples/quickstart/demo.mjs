/**
 * A key made, verified and refused: no server, no network, no Rust.
 *
 *     npm install && npm start
 */
import { createVerifier, generateKey } from "keyward";
import { esputnik as profile } from "keyward/presets/esputnik";

// 1. Make a key. Whoever is to use it gets `key`; you store the rest.
const { key, id, digest, hint } = generateKey({ profile });
const record = { id, digest, account: "acme", level: "events", subject: "shop-42", meta: { plan: "gold" } };

// 2. Verify requests against what you stored. Nothing here waits for anything.
const verifier = createVerifier({ profile, records: [record] });
const call = (method, path, secret) => ({
  method,
  url: `https://api.example.com${path}`,
  headers: secret === undefined ? {} : { authorization: `Basic ${btoa(`any user:${secret}`)}` },
});

const typo = key.slice(0, -1) + (key.endsWith("a") ? "b" : "a");
const { key: stranger } = generateKey({ profile });
const calls = [
  ["the right key, for what it may do", call("POST", "/api/v1/event", key)],
  ["the right key, for what it may not", call("GET", "/api/v1/contacts", key)],
  ["a key with a typo", call("POST", "/api/v1/event", typo)],
  ["a well-formed key that nobody issued", call("POST", "/api/v1/event", stranger)],
  ["no key at all", call("POST", "/api/v1/event")],
  ["a path with two readings", call("POST", "/api/v1/..%2fevent", key)],
];

console.log(`\n  made      ${key}   (shown once)`);
console.log(`  stored    ${id}  ${hint}  ${digest.slice(0, 23)}…\n`);
for (const [what, request] of calls) {
  const decision = verifier.verify(request);
  const verdict = decision.allowed
    ? `200 allow  ${decision.account}, ${decision.level}`
    : `${decision.status} deny   ${decision.reason}`;
  console.log(`  ${what.padEnd(38)} ${verdict}`);
}

// 3. Switched off is refused.
const off = createVerifier({ profile, records: [{ ...record, status: "disabled" }] });
const refused = off.verify(call("POST", "/api/v1/event", key));
console.log(`  ${"the right key, after it was disabled".padEnd(38)} ${refused.status} deny   ${refused.reason}`);

// 4. What the caller would get to see: the same for every 401, so that nothing can be learned from it.
const reply = refused.toResponse();
console.log(`\n  reply     ${reply.status}, WWW-Authenticate: ${reply.headers.get("www-authenticate")}`);
console.log(`            ${await reply.text()}`);

// 5. How long it takes here, on this machine.
const rounds = 200_000;
for (let round = 0; round < rounds; round++) verifier.verifyKey(key, { method: "POST", path: "/api/v1/event" });
const started = performance.now();
for (let round = 0; round < rounds; round++) verifier.verifyKey(key, { method: "POST", path: "/api/v1/event" });
console.log(`\n  measured  ${Math.round(((performance.now() - started) / rounds) * 1e6)} ns a verification\n`);

/**
 * The floor, and the package through its public API, in every runtime. Each subject is `{ name, run }`; `run` returns
 * true when the right answer came out, which is looked at once. Keys are verified in turn, as many clients send them.
 *
 * A process measures one kind of use: an application asks in one way too, and an engine that has seen all ways at once
 * optimises none of them.
 */
import { openSnapshot } from "keyward";

/** What an application asks. */
const CALL = { method: "POST", path: "/api/v1/event" };

/** Where a key stands in a request, by the kind of use; the presets of `snapshots.mjs` read them there. */
const REQUESTS = {
  Basic: {
    method: "POST",
    url: "https://api.example.com/api/v1/event",
    header: (key) => ["authorization", `Basic ${btoa(`any:${key}`)}`],
  },
  Bearer: {
    method: "POST",
    url: "https://api.example.com/v2/emails",
    header: (key) => ["authorization", `Bearer ${key}`],
  },
  "X-API-KEY": {
    method: "GET",
    url: "https://api.example.com/current/customers/GetCustomersByCampaign",
    header: (key) => ["x-api-key", key],
  },
};

/** The names of rows that more than one place knows. */
export const ROWS = {
  floor: "floor",
  call: "keyward `verifyKey`, method and path",
  sameKey: "the same, one key over and over",
  manyKeys: "the same, 4,000 keys in turn",
  limited: "the same, a key with constraints, with context",
  rated: "the same, a key with a rate limit",
  pepper: "the same, with a pepper",
  scope: "keyward `verifyKey`, scope",
  route: "keyward `verifyKey`, route handle",
  typo: "wrong checksum, method and path",
  typoOnRoute: "wrong checksum, route handle",
};

/** Names of a request's rows. */
export const REQUEST_ROWS = {
  request: "`Request`",
  plain: "plain object",
  header: "its header",
  parts: "and the rest",
};

/** The floor, with the crossing that is the quicker in the runtime: `encodeInto`, or a loop over characters. */
export function floorSubject(module, { plain }, crossing) {
  const { exports } = new WebAssembly.Instance(module);
  const buffer = new Uint8Array(exports.memory.buffer, exports.buffer(), 256 + 32);
  buffer.set(bytesOf(plain[0].digest), 256);
  const input = buffer.subarray(0, 256);
  const encoder = new TextEncoder();
  const verify = {
    encodeInto: (key) => exports.verify(encoder.encodeInto(key, input).written) === 1,
    loop(key) {
      const { length } = key;
      for (let at = 0; at < length; at++) input[at] = key.charCodeAt(at);
      return exports.verify(length) === 1;
    },
  }[crossing];
  return { name: ROWS.floor, run: inTurn(plain.slice(0, 1_000).map(keyOf), verify) };
}

/** What is measured of the package for a kind of use. */
export function keywardSubjects(kind, keys) {
  const { head, shard, publicKeys, peppers, around, plain, limited, rated } = keys;
  const verifier = openSnapshot({ head, shards: [shard] }, { publicKeys, peppers });
  const first = plain.slice(0, 1_000).map(keyOf);
  const verify = (name, list, asked) => ({
    name,
    run: inTurn(list, (key) => verifier.verifyKey(key, asked).allowed),
  });
  const refuse = (name, list, asked) => ({
    name,
    run: inTurn(list, (key) => verifier.verifyKey(key, asked).reason === "bad_checksum"),
  });
  const route = { route: verifier.route(CALL.method, CALL.path) };
  const request = REQUESTS[kind];
  if (request !== undefined) return requestSubjects(verifier, request, first);
  return {
    calls: () => [
      verify(ROWS.call, first, CALL),
      verify(ROWS.sameKey, first.slice(0, 1), CALL),
      verify(ROWS.manyKeys, plain.map(keyOf), CALL),
      refuse(ROWS.typo, first.map(mistyped), CALL),
    ],
    scope: () => [verify(ROWS.scope, first, { scope: "events" })],
    route: () => [verify(ROWS.route, first, route), refuse(ROWS.typoOnRoute, first.map(mistyped), route)],
    limited: () => [verify(ROWS.limited, limited.map(keyOf), { ...CALL, ...around })],
    rated: () => [verify(ROWS.rated, rated.map(keyOf), CALL)],
    pepper: () => [verify(ROWS.pepper, first, CALL)],
  }[kind]();
}

function requestSubjects(verifier, { method, url, header }, keys) {
  const [name] = header("");
  const requests = keys.map((key) => new Request(url, { method, headers: [header(key)] }));
  const plain = keys.map((key) => ({ method, url, headers: Object.fromEntries([header(key)]) }));
  const allowed = (request) => verifier.verify(request).allowed;
  return [
    { name: REQUEST_ROWS.request, run: inTurn(requests, allowed) },
    { name: REQUEST_ROWS.plain, run: inTurn(plain, allowed) },
    { name: REQUEST_ROWS.header, run: inTurn(requests, ({ headers }) => headers.get(name) !== null) },
    {
      name: REQUEST_ROWS.parts,
      run: inTurn(requests, (request) => (request.headers.get(name) + request.method + request.url).length > 60),
    },
  ];
}

/** `use` of one item after another, the first one first. */
export function inTurn(items, use) {
  let at = -1;
  return () => {
    if (++at === items.length) at = 0;
    return use(items[at]);
  };
}

function keyOf({ key }) {
  return key;
}

/** The key with one character of its body exchanged. */
function mistyped(key) {
  const at = key.length - 20;
  return key.slice(0, at) + (key[at] === "a" ? "b" : "a") + key.slice(at + 1);
}

export function bytesOf(digest) {
  return Uint8Array.from(digest.match(/../g), (pair) => Number.parseInt(pair, 16));
}

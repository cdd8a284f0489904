/**
 * What is measured in every runtime: the floor, and the package through its public API. Each subject is
 * `{ name, run }`; `run` returns true when the right answer came out, which is looked at once.
 */
import { openSnapshot } from "keyward";

export const ROUTE = { method: "POST", path: "/api/v1/event" };

/** The floor, with the crossing that is the quicker in the runtime: `encodeInto`, or a loop over characters. */
export function floorSubject(module, { key, digest }, crossing) {
  const { exports } = new WebAssembly.Instance(module);
  const buffer = new Uint8Array(exports.memory.buffer, exports.buffer(), 256 + 32);
  buffer.set(
    digest.match(/../g).map((pair) => Number.parseInt(pair, 16)),
    256,
  );
  const input = buffer.subarray(0, 256);
  const encoder = new TextEncoder();
  const run = {
    encodeInto: () => exports.verify(encoder.encodeInto(key, input).written) === 1,
    loop() {
      const { length } = key;
      for (let at = 0; at < length; at++) input[at] = key.charCodeAt(at);
      return exports.verify(length) === 1;
    },
  }[crossing];
  return { name: "floor", run };
}

/** The package, every way in. */
export function keywardSubjects({ head, shard, publicKeys, key, typo }) {
  const verifier = openSnapshot({ head, shards: [shard] }, { publicKeys });
  const route = verifier.route(ROUTE.method, ROUTE.path);
  const withRoute = { route };
  const withScope = { scope: "events" };
  const authorization = `Basic ${btoa(`any:${key}`)}`;
  const url = "https://api.example.com/api/v1/event";
  const request = new Request(url, { method: "POST", headers: { authorization } });
  const plain = { method: "POST", url, headers: { authorization } };
  return [
    { name: "keyward `verifyKey`, method and path", run: () => verifier.verifyKey(key, ROUTE).allowed },
    { name: "keyward `verifyKey`, scope", run: () => verifier.verifyKey(key, withScope).allowed },
    { name: "keyward `verifyKey`, route handle", run: () => verifier.verifyKey(key, withRoute).allowed },
    { name: "keyward `verifyKey`, wrong checksum", run: () => !verifier.verifyKey(typo, ROUTE).allowed },
    { name: "keyward `verify`, a `Request` with Basic", run: () => verifier.verify(request).allowed },
    { name: "keyward `verify`, a plain object with Basic", run: () => verifier.verify(plain).allowed },
    {
      name: "reading that header of that `Request` alone",
      run: () => request.headers.get("authorization") === authorization,
    },
  ];
}

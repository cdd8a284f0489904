/**
 * A start in Node, in a process of its own: from before the import to the first decision. `from` is what is imported, or
 * `import` would find it loaded.
 */
import { readFileSync } from "node:fs";
import { input, report } from "../child.mjs";
import { readKeys } from "../keys.mjs";

const { what, from, keys: dir, wasm, jwt, floor } = input();
const CALL = { method: "POST", path: "/api/v1/event" };

const STARTS = {
  empty: async () => {
    await import(from);
    return true;
  },
  async default({ head, shard, publicKeys, plain: [{ key }] }) {
    const { openSnapshot } = await import(from);
    return openSnapshot({ head, shards: [shard] }, { publicKeys }).verifyKey(key, CALL).allowed;
  },
  async slim({ head, shard, publicKeys, plain: [{ key }] }) {
    const { init, openSnapshot } = await import(from);
    init(new WebAssembly.Module(readFileSync(wasm)));
    return openSnapshot({ head, shards: [shard] }, { publicKeys }).verifyKey(key, CALL).allowed;
  },
  async jose() {
    const { jwtVerify } = await import(from);
    return (await jwtVerify(jwt.token, Buffer.from(jwt.secret, "hex"))).payload.sub === "acme";
  },
  async floor({ plain: [{ key, digest }] }) {
    await import(from);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(floor)));
    const buffer = new Uint8Array(exports.memory.buffer, exports.buffer(), 256 + 32);
    buffer.set(Buffer.from(digest, "hex"), 256);
    return exports.verify(new TextEncoder().encodeInto(key, buffer).written) === 1;
  },
};

const keys = readKeys(dir);
const before = process.memoryUsage.rss();
const started = performance.now();
const answer = await STARTS[what](keys);
const ms = performance.now() - started;
if (answer !== true) throw new Error(`${what}: the wrong answer`);
report({ ms, memory: process.memoryUsage.rss() - before });

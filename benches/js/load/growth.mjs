/** Memory before and after many verifications of many keys, in a process of its own (run with --expose-gc). */
import { input, report } from "../child.mjs";
import { readKeys } from "../keys.mjs";
import { memories } from "./memories.mjs";

const { keys: dir, verifications } = input();
const { openSnapshot } = await import("keyward");
const { head, shard, publicKeys, around, plain, limited, rated } = readKeys(dir);
const verifier = openSnapshot({ head, shards: [shard] }, { publicKeys });
const call = { method: "POST", path: "/api/v1/event" };
const url = "https://api.example.com/api/v1/event";
const requests = plain.map(({ key }) => ({
  method: "POST",
  url,
  headers: { authorization: `Basic ${btoa(`any:${key}`)}` },
}));

/** Of every five: an allow, one within constraints, one with a rate, a request, a refusal. */
function verify(count) {
  let allowed = 0;
  for (let at = 0; at < count; at += 5) {
    allowed += verifier.verifyKey(plain[at % plain.length].key, call).allowed;
    allowed += verifier.verifyKey(limited[at % limited.length].key, { ...call, ...around }).allowed;
    allowed += verifier.verifyKey(rated[at % rated.length].key, call).allowed;
    allowed += verifier.verify(requests[at % requests.length]).allowed;
    allowed += verifier.verifyKey(limited[at % limited.length].key, call).allowed;
  }
  if (allowed !== Math.ceil(count / 5) * 4) throw new Error(`${allowed} of ${count} allowed`);
}

function memory() {
  gc();
  const wasm = memories.reduce((sum, one) => sum + one.buffer.byteLength, 0);
  return { wasm, heap: process.memoryUsage().heapUsed };
}

verify(verifications / 10);
const before = memory();
verify(verifications);
const after = memory();
report({ wasm: after.wasm - before.wasm, heap: after.heap - before.heap });

/** A Worker that opens a snapshot at its first request, and decides. */
import { key, publicKeys } from "given";
import { openSnapshot } from "keyward";
import head from "./head.bin";
import shard from "./shard.bin";

export default {
  fetch() {
    const files = { head: new Uint8Array(head), shards: [new Uint8Array(shard)] };
    const verifier = openSnapshot(files, { publicKeys });
    return new Response(verifier.verifyKey(key, { method: "POST", path: "/api/v1/event" }).allowed ? "ok" : "refused");
  },
};

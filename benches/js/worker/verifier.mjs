/** A Worker with a snapshot in its bundle. */
import { publicKeys } from "given";
import { openSnapshot } from "keyward";
import head from "./head.bin";
import shard from "./shard.bin";

const verifier = openSnapshot({ head: new Uint8Array(head), shards: [new Uint8Array(shard)] }, { publicKeys });

export default {
  fetch(request) {
    const decision = verifier.verify(request);
    return decision.allowed ? new Response("hello") : decision.toResponse();
  },
};

/** A signed snapshot of many keys, and what the others need to know of the one that is verified. */
import { esputnik as profile } from "keyward/presets/esputnik";
import { issueLive, makeKeyspace } from "../../tests/packaging/suite/feed.mjs";

/** `{ head, shard, publicKeys, key, typo, digest, digests }` */
export async function makeKeys(count) {
  const keyspace = await makeKeyspace();
  const live = Array.from({ length: count }, (_, number) =>
    issueLive(number, { account: `account-${number % 1000}`, expiresAt: Date.UTC(2099, 0), level: "events" }),
  );
  const { head, shard } = await keyspace.publish(1, live, { issuedAt: Date.now() });
  const { key, digest } = live[count >> 1];
  const typo = key.slice(0, 9) + (key[9] === "a" ? "b" : "a") + key.slice(10);
  const digests = live.map((one) => one.digest.slice("sha256:".length));
  return {
    head,
    shard,
    publicKeys: keyspace.publicKeys,
    profile,
    key,
    typo,
    digest: digest.slice("sha256:".length),
    digests,
  };
}

/** What `make-keys.mjs` leaves, read without the package: where its import is measured, it must not have been loaded. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Head, shard, and what is known of them; keys stand with their SHA-256. */
export function readKeys(dir) {
  const bytes = (name) => new Uint8Array(readFileSync(join(dir, name)));
  return { ...JSON.parse(readFileSync(join(dir, "keys.json"), "utf8")), head: bytes("head"), shard: bytes("shard") };
}

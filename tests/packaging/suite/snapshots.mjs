import assert from "node:assert/strict";
import { digestKey, KeywardError, openSnapshot } from "keyward";
import { optimove } from "keyward/presets/optimove";
import { DAY, edited, isError, NOW } from "./fixtures.mjs";
import { issueLive, makeKeyspace } from "./feed.mjs";
import { signer, writeKeyring } from "./snapshot-writer.mjs";

const MINUTE = 60_000;
const keyspace = await makeKeyspace();
const { publicKeys } = keyspace;
const live = issueLive(7);
const files = await keyspace.publish(5, [live]);

const open = ({ head, shard }, trust = {}) => openSnapshot({ head, shards: [shard] }, { publicKeys, ...trust });
const refused = (files, code, trust) =>
  assert.throws(
    () => open(files, trust),
    (error) => error instanceof KeywardError && error.code === code,
    code,
  );

export default {
  "a snapshot opens and decides"() {
    const verifier = open(files, { keyspace: "mail", minEra: 1, minEpoch: 5 });
    assert.deepEqual([verifier.era, verifier.epoch, verifier.issuedAt, verifier.size], [1, 5, NOW, 1]);
    const decision = verifier.verifyKey(live.key, { method: "POST", path: "/api/v1/event", now: NOW });
    assert.deepEqual(
      { ...decision },
      {
        allowed: true,
        keyId: "key_000000007",
        account: "acme",
        subject: undefined,
        meta: undefined,
        level: "events",
        scopes: ["basics", "events"],
        constraints: {},
        expiresAt: undefined,
        stale: false,
        rate: undefined,
        cost: 1,
      },
    );
    assert.equal(verifier.verifyKey(live.key, { scope: "contacts.read", now: NOW }).reason, "insufficient_scope");
    assert.equal(verifier.verifyKey(edited(live.key, 9), { now: NOW }).reason, "bad_checksum");
    assert.equal(verifier.verifyKey(issueLive(8).key, { now: NOW }).reason, "unknown_key");
    verifier[Symbol.dispose]();
  },

  async "every key of many is found, with what is its own"() {
    const keys = Array.from({ length: 300 }, (_, at) =>
      issueLive(at, {
        level: ["full", "events", "events_and_contacts"][at % 3],
        account: `account-${at % 7}`,
        ...(at % 2 === 0 ? { subject: `subject-${at}` } : {}),
        ...(at % 5 === 0 ? { meta: JSON.stringify({ at }) } : {}),
        ...(at % 3 === 0 ? { expiresAt: NOW + at + 1 } : {}),
      }),
    );
    const verifier = open(await keyspace.publish(6, keys));
    assert.equal(verifier.size, 300);
    for (const [at, { key, level, account, subject, expiresAt }] of keys.entries()) {
      const decision = verifier.verifyKey(key, { now: NOW });
      assert.deepEqual(
        [decision.allowed, decision.level, decision.account, decision.subject, decision.expiresAt, decision.meta],
        [true, level, account, subject, expiresAt, at % 5 === 0 ? { at } : undefined],
      );
    }
  },

  async "constraints, rates and peppers come with a snapshot"() {
    const secret = "the secret of this deployment";
    // Of the preset: integrations, limited and not; the scopes are its first four.
    const integrations = { level: 1, scopes: 0b1111n };
    const policies = [integrations, { ...integrations, rate: { limit: 2, window: 60 } }];
    const own = await makeKeyspace({ preset: optimove, policies });
    const free = issueLive(1, { policy: 0 }, optimove);
    const limited = issueLive(2, { policy: 1, constraints: [[1, ["push", "sms"]]] }, optimove);
    limited.digest = digestKey(limited.key, { pepper: { id: "one", secret } });
    const files = await own.publish(1, [free, limited]);
    const openOwn = (peppers) =>
      openSnapshot({ head: files.head, shards: [files.shard] }, { publicKeys: own.publicKeys, peppers });
    assert.throws(() => openOwn(undefined), isError("missing_pepper"));
    assert.throws(() => openOwn({ one: "short" }), isError("invalid_argument", "peppers.one"));
    const verifier = openOwn({ one: secret });
    const ask = ({ key }, channel) =>
      verifier.verifyKey(key, { scope: "campaigns.read", context: { channel }, now: NOW });
    const first = ask(limited, "sms");
    assert.deepEqual(
      [first.keyId, first.constraints, first.rate],
      ["key_000000002", { attribute: "all", channel: ["push", "sms"] }, { limit: 2, remaining: 1, resetMs: 30_000 }],
    );
    assert.equal(ask(limited, "mail").reason, "constraint_violated");
    assert.equal(ask(limited, ["push", "sms"]).rate.remaining, 0);
    assert.equal(ask(limited, "push").reason, "rate_limited");
    const other = ask(free, "mail");
    assert.deepEqual([other.constraints, other.rate], [{ attribute: "all", channel: "all" }, undefined]);
    assert.equal(openOwn({ one: `${secret}.` }).verifyKey(limited.key, { now: NOW }).reason, "unknown_key");
  },

  "age has two limits"() {
    const verifier = open(files);
    const at = (now) => {
      const decision = verifier.verifyKey(live.key, { now });
      return decision.allowed ? decision.stale : decision.reason;
    };
    assert.deepEqual(
      [NOW - 5 * MINUTE - 1, NOW - 5 * MINUTE, NOW + 5 * MINUTE - 1, NOW + 5 * MINUTE, NOW + DAY - 1, NOW + DAY].map(
        at,
      ),
      ["stale_snapshot", false, false, true, true, "stale_snapshot"],
    );
  },

  "every bit of a head counts"() {
    for (let bit = 0; bit < files.head.length * 8; bit++) {
      const head = files.head.slice();
      head[bit >> 3] ^= 1 << (bit & 7);
      assert.throws(() => open({ ...files, head }), KeywardError, `bit ${bit}`);
    }
  },

  "any change of a shard is refused, and so is any other length"() {
    for (let at = 0; at < files.shard.length; at += 7) {
      const shard = files.shard.slice();
      shard[at] ^= 1 << (at % 8);
      refused({ ...files, shard }, "invalid_snapshot");
    }
    for (const length of [0, 1, 55, files.shard.length - 1]) {
      refused({ ...files, shard: files.shard.subarray(0, length) }, "invalid_snapshot");
    }
    refused({ ...files, shard: new Uint8Array([...files.shard, 0]) }, "invalid_snapshot");
    for (let length = 0; length < files.head.length; length++) {
      assert.throws(() => open({ ...files, head: files.head.subarray(0, length) }), KeywardError);
    }
  },

  async "signed by whoever it may be: only the pinned root counts"() {
    const thief = await signer();
    const stolen = await writeKeyring({ keyspace: "mail", era: 1, keys: [thief] }, thief);
    refused(
      { ...files, head: await keyspace.forge({ online: thief, keyring: stolen }, {}, files.shard) },
      "bad_signature",
    );
    refused({ ...files, head: await keyspace.forge({ online: thief }, {}, files.shard) }, "bad_signature");
    refused(files, "bad_signature", { publicKeys: [thief.text] });
    assert.equal(open(files, { publicKeys: [thief.text, ...publicKeys] }).epoch, 5);
  },

  "of another keyspace, or from below the floor"() {
    refused(files, "wrong_keyspace", { keyspace: "other" });
    refused(files, "rollback", { minEpoch: 6, minEra: 1 });
    refused(files, "rollback", { minEra: 2 });
  },

  "wrong arguments are said to be wrong"() {
    const { head, shard } = files;
    const wrong = [
      [{ head, shards: [] }, { publicKeys }],
      [{ head, shards: [shard, shard] }, { publicKeys }],
      [{ head: "head", shards: [shard] }, { publicKeys }],
      [{ head, shards: [shard] }, { publicKeys: [] }],
      [{ head, shards: [shard] }, { publicKeys: "ed25519:abc" }],
      [{ head, shards: [shard] }, { publicKeys: ["ed25519:abc"] }],
      [{ head, shards: [shard] }, { publicKeys: [`${publicKeys[0]} ${publicKeys[0]}`] }],
      [
        { head, shards: [shard] },
        { publicKeys, minEpoch: -1 },
      ],
      [
        { head, shards: [shard] },
        { publicKeys, minEpoch: Number.NaN },
      ],
    ];
    for (const [files, trust] of wrong) {
      assert.throws(
        () => openSnapshot(files, trust),
        (error) => error instanceof KeywardError && error.code === "invalid_argument",
      );
    }
  },
};

/**
 * A keyspace and its server, both made here: signs what it is told to, answers through `fetch` as a Keyward server
 * does, and counts what it was asked.
 */
import { sha256, signer, writeHead, writeKeyring, writeShard } from "./snapshot-writer.mjs";
import { issue, NOW, profile } from "./fixtures.mjs";

const KEYSPACE = "mail";
export const TOKEN = "kw_edge_test";
/** Of the preset: full, events, events_and_contacts. */
const POLICIES = [
  { everything: true, level: 0 },
  { level: 1, scopes: 0b10001n },
  { level: 2, scopes: 0b10111n },
].map((policy) => ({ scopes: 0n, ...policy }));
const LEVELS = ["full", "events", "events_and_contacts"];

/** A keyspace that can publish. With `policies` of its own, keys name one by its position. */
export async function makeKeyspace({ keyspace = KEYSPACE, preset = profile, policies = POLICIES } = {}) {
  const compiled = Uint8Array.from(atob(preset.compiled), (character) => character.charCodeAt(0));
  const root = await signer();
  const online = await signer();
  let era = 1;
  let keyring = await writeKeyring({ keyspace, era, keys: [online] }, root);
  const shardOf = (epoch, keys) => writeShard({ era, epoch, profile: compiled, policies, keys: keys.map(row) });
  return {
    keyspace,
    publicKeys: [root.text],
    root,
    online,
    async nextEra() {
      era += 1;
      keyring = await writeKeyring({ keyspace, era, keys: [online] }, root);
    },
    /** Head and shard of an epoch. */
    async publish(epoch, keys, { issuedAt = NOW, ...limits } = {}) {
      const shard = await shardOf(epoch, keys);
      const head = await writeHead({ keyspace, era, epoch, issuedAt, shard, ...limits }, online, keyring);
      return { head, shard };
    },
    /** A head as another signer would write it. */
    async forge(by, members, shard) {
      return writeHead(
        { keyspace, era, epoch: 1, issuedAt: NOW, shard, ...members },
        by.online ?? online,
        by.keyring ?? keyring,
      );
    },
  };
}

/** A key as the issuer of snapshots holds it: `{ key, digest, number, level, … }`. */
export function issueLive(number, members = {}, preset = profile) {
  const { key, record } = issue("unused", {}, preset);
  return { key, digest: record.digest, number, level: "events", account: "acme", ...members };
}

function row({ level, key: _, ...members }) {
  return { policy: LEVELS.indexOf(level), ...members };
}

/** A server for one published state, which a test may exchange. `fetch` is what goes into `connect`. */
export class FakeServer {
  requests = [];
  /** What answers instead, for a path: `(request) => Response | Promise<Response>`. */
  answers = {};
  #files;

  constructor(files) {
    this.#files = files;
  }

  publish(files) {
    this.#files = files;
  }

  count(path) {
    return this.requests.filter((request) => request.path.endsWith(path)).length;
  }

  fetch = async (url, init) => {
    const request = new Request(url, { headers: init.headers });
    const path = new URL(url).pathname.replace(`/v1/keyspaces/${KEYSPACE}`, "");
    this.requests.push({ path, redirect: init.redirect, headers: request.headers });
    const answer = this.answers[path];
    if (answer !== undefined) return answer(request, init);
    return this.answer(path, request);
  };

  /** As a Keyward server answers. */
  async answer(path, request) {
    if (request.headers.get("authorization") !== `Bearer ${TOKEN}`) return new Response("{}", { status: 401 });
    const body = { "/head": this.#files.head, "/snapshot/0": this.#files.shard }[path];
    if (body === undefined) return new Response("{}", { status: 404 });
    const etag = `"${Array.from((await sha256(body)).subarray(0, 8), (byte) => byte.toString(16)).join("")}"`;
    if (request.headers.get("if-none-match") === etag) return new Response(null, { status: 304, headers: { etag } });
    return new Response(body, { headers: { etag, "cache-control": "no-cache" } });
  }
}

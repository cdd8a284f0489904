/** The helpers of `keyward/cloudflare` in workerd. */
import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";
import { importFrom, makeProject } from "../project.mjs";
import { bundle, options } from "../workerd/bundle.mjs";

const project = makeProject();
cpSync(fileURLToPath(new URL("worker.mjs", import.meta.url)), join(project, "worker.mjs"));
const { basic, issue } = await importFrom(project, "suite/fixtures.mjs");
const { key, record } = issue("key_1", { level: "events", account: "acme" });
const miniflare = new Miniflare({
  ...options,
  modules: await bundle(project, "worker.mjs"),
  bindings: { RECORDS: [record], GREETING: "hello" },
});
after(() => miniflare.dispose());

const call = (path, headers) =>
  miniflare.dispatchFetch(`https://api.example${path}`, {
    method: "POST",
    headers: { authorization: basic(key), "x-domain": "7", ...headers },
  });

test("the handler is called with the key; the edge is told context and client", async () => {
  const response = await call("/api/v1/event", { "cf-connecting-ip": "192.0.2.7" });
  const asked = [{ context: { sending_domain_id: "7" }, clientAddress: "192.0.2.7" }];
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), { greeting: "hello", account: "acme", asked, address: "192.0.2.7" });
});

test("what is refused reaches no handler", async () => {
  const response = await call("/api/v1/contacts");
  assert.equal(response.status, 403);
  assert.equal((await response.json()).code, "insufficient_scope");
});

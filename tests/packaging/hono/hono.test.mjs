/** The middleware of `keyward/hono` in a real application of Hono: in Node, and in workerd over the host's context. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { Miniflare } from "miniflare";
import { importFrom, makeProject } from "../project.mjs";
import { bundle, options } from "../workerd/bundle.mjs";

const project = makeProject("hono");
writeFileSync(
  join(project, "all.mjs"),
  `export * from "hono";
  export * from "keyward";
  export * from "keyward/hono";
  export { esputnik } from "keyward/presets/esputnik";`,
);
const { Hono, keyward, createVerifier, generateKey, esputnik: profile } = await importFrom(project, "all.mjs");

const { key, digest } = generateKey({ profile });
const verifier = createVerifier({ profile, records: [{ id: "key_1", digest, level: "events", account: "acme" }] });
const authorization = `Basic ${btoa(`anyone:${key}`)}`;
const post = { method: "POST", headers: { authorization } };

/** An application behind the middleware, as `app.request`. */
function behind(options) {
  const app = new Hono();
  app.use("/api/*", keyward(options));
  app.all("*", (c) => c.json({ key: c.var.key }));
  return (path, init) => app.request(path, init);
}

test("what is allowed goes on, with the key in c.var.key", async () => {
  const response = await behind({ verifier })("/api/v1/event", post);
  assert.equal(response.status, 200);
  const { key } = await response.json();
  assert.deepEqual([key.allowed, key.keyId, key.account, key.level], [true, "key_1", "acme", "events"]);
});

test("what is refused is answered as toResponse() does, and reaches no handler", async () => {
  const request = behind({ verifier });
  for (const [path, init, status, code] of [
    ["/api/v1/contacts", { headers: { authorization } }, 403, "insufficient_scope"],
    ["/api/v1/event", { method: "POST" }, 401, "unauthorized"],
    ["/api/v1//event", post, 400, "malformed_path"],
  ]) {
    const response = await request(path, init);
    const { code: said, key } = await response.json();
    assert.deepEqual([response.status, said, key], [status, code, undefined], path);
    assert.equal(response.headers.get("content-type"), "application/problem+json");
    assert.equal(response.headers.has("www-authenticate"), status === 401);
  }
});

test("onDenied answers instead", async () => {
  const onDenied = (c, denied) => c.text(denied.reason, 418);
  const response = await behind({ verifier, onDenied })("/api/v1/event", { method: "POST" });
  assert.deepEqual([response.status, await response.text()], [418, "missing_credential"]);
});

test("context, client address and cost reach whoever decides, an edge or a verifier", async () => {
  const asked = [];
  const noting = { verify: (_, options) => (asked.push(options), verifier.verify({ url: "/", headers: {} })) };
  const given = {
    context: async (c) => ({ sending_domain_id: Number(c.req.query("domain")) }),
    clientAddress: (c) => c.req.header("x-real-ip"),
    cost: (c) => Number(c.req.query("cost")),
  };
  const init = { headers: { "x-real-ip": "192.0.2.7" } };
  await behind({ verifier: noting, ...given })("/api/a?domain=7&cost=3", init);
  await behind({ edge: noting, ...given, cost: 2 })("/api/a?domain=8", init);
  await behind({ edge: noting })("/api/a");
  const nothing = { context: undefined, clientAddress: undefined, cost: undefined, ctx: undefined };
  assert.deepEqual(asked, [
    { context: { sending_domain_id: 7 }, clientAddress: "192.0.2.7", cost: 3 },
    { ...nothing, context: { sending_domain_id: 8 }, clientAddress: "192.0.2.7", cost: 2 },
    nothing,
  ]);
});

test("whoever decides fails: no handler is reached", async () => {
  const verifier = {
    verify() {
      throw new Error("no");
    },
  };
  const { error } = console;
  console.error = () => {};
  try {
    assert.equal((await behind({ verifier })("/api/a")).status, 500);
  } finally {
    console.error = error;
  }
});

test("nobody to decide is a mistake, said at once", () => {
  for (const wrong of [{}, { edge: undefined }, { verifier: undefined, cost: 1 }]) {
    assert.throws(
      () => keyward(wrong),
      (error) => error.name === "KeywardError" && error.code === "invalid_argument",
    );
  }
});

test("in workerd, an edge gets the host's context", async () => {
  writeFileSync(
    join(project, "worker.mjs"),
    `import { Hono } from "hono";
    import { keyward } from "keyward/hono";
    const edge = {
      async verify(request, { ctx }) {
        ctx.waitUntil(Promise.resolve());
        return { allowed: true, keyId: new URL(request.url).pathname };
      },
    };
    export default new Hono().use(keyward({ edge })).get("*", (c) => c.text(c.var.key.keyId));`,
  );
  const miniflare = new Miniflare({ ...options, modules: await bundle(project, "worker.mjs") });
  after(() => miniflare.dispose());
  const response = await miniflare.dispatchFetch("https://api.example/some/path");
  assert.deepEqual([response.status, await response.text()], [200, "/some/path"]);
});

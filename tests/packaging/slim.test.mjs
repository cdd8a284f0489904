/** `keyward/slim` before it has its module, and with modules that are not it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { createContext, runInContext } from "node:vm";
import { importFrom, makeProject } from "./project.mjs";

const project = makeProject();
const bytes = readFileSync(join(project, "node_modules/keyward/dist/keyward.wasm"));
const { esputnik: profile } = await importFrom(project, "node_modules/keyward/dist/presets/esputnik.js");

/** The entry with nothing given to it yet: an address makes a module of its own. */
let instances = 0;
const fresh = () => import(`${pathToFileURL(join(project, "node_modules/keyward/dist/slim.js"))}?${instances++}`);

test("before init, every call says what is missing", async () => {
  const slim = await fresh();
  const trust = { publicKeys: [`ed25519:${"A".repeat(43)}`] };
  const calls = {
    generateKey: () => slim.generateKey({ profile }),
    digestKey: () => slim.digestKey("es_abc"),
    parseKey: () => slim.parseKey("es_abc", { profile }),
    createVerifier: () => slim.createVerifier({ profile, records: [] }),
    openSnapshot: () => slim.openSnapshot({ head: new Uint8Array(1), shards: [new Uint8Array(1)] }, trust),
    connect: () => slim.connect({ url: "https://keys.example", keyspace: "mail", token: "t", ...trust }),
  };
  // What a profile says is read without the module.
  const others = new Set([...Object.keys(calls), "init", "KeywardError", "profileInfo"]);
  assert.deepEqual(new Set(Object.keys(slim)), others, "a call that is not tried here");
  for (const [name, call] of Object.entries(calls)) {
    const missing = (error) => error instanceof slim.KeywardError && error.code === "not_initialised";
    assert.throws(call, (error) => missing(error) && /init\(module\)/.test(error.message), name);
  }
});

test("what is no module of Keyward's is refused, and the right one is taken afterwards", async () => {
  const slim = await fresh();
  const empty = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  for (const wrong of [undefined, null, {}, bytes, Promise.resolve(empty), empty]) {
    assert.throws(
      () => slim.init(wrong),
      (error) => error instanceof slim.KeywardError && error.code === "invalid_argument",
    );
  }
  const module = new WebAssembly.Module(bytes);
  slim.init(module);
  slim.init(module);
  assert.throws(() => slim.init(new WebAssembly.Module(bytes)), /another/);
  assert.equal(slim.createVerifier({ profile, records: [] }).size, 0);
});

test("a module that another realm has compiled will do", async () => {
  const slim = await fresh();
  const module = runInContext("new WebAssembly.Module(bytes)", createContext({ bytes }));
  assert.ok(!(module instanceof WebAssembly.Module));
  slim.init(module);
  assert.match(slim.generateKey({ profile }).key, /^es_/);
});

test("no preset is known by its name", async () => {
  const slim = await fresh();
  slim.init(new WebAssembly.Module(bytes));
  assert.throws(() => slim.generateKey({ profile: "esputnik" }), /keyward\/presets\/esputnik/);
});

/** What is in the tarball: these files and no others, and a package.json that keeps its word. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { makeProject, root } from "./project.mjs";

const project = makeProject();
const dir = join(project, "node_modules/keyward");
const manifest = JSON.parse(readFileSync(join(dir, "package.json"), "utf8"));
const files = readdirSync(dir, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1));

const presets = files.flatMap((file) => /^dist\/presets\/(.*)\.js$/.exec(file)?.[1] ?? []);

const ALLOWED = [
  /^package\.json$/,
  /^README\.md$/,
  /^LICENSE$/,
  ...["index", "workerd", "edge-light", "slim", "hono", "cloudflare", "admin"].map(
    (name) => new RegExp(`^dist/${name}\\.js$`),
  ),
  /^dist\/keyward\.wasm(\.d\.ts)?$/,
  /^dist\/presets\/[a-z]+\.js$/,
  /^dist\/([a-z]+\/)?[a-z-]+\.d\.ts$/,
];

test("the tarball holds what is allowed, and all that is needed", () => {
  assert.deepEqual(
    files.filter((file) => !ALLOWED.some((pattern) => pattern.test(file))),
    [],
  );
  for (const pattern of ALLOWED)
    assert.ok(
      files.some((file) => pattern.test(file)),
      String(pattern),
    );
});

test("nothing is run or fetched when it is installed", () => {
  for (const name of ["preinstall", "install", "postinstall", "prepare"])
    assert.equal(manifest.scripts?.[name], undefined, name);
  for (const kind of ["dependencies", "optionalDependencies", "bundleDependencies"]) {
    assert.equal(manifest[kind], undefined, kind);
  }
  for (const name of Object.keys(manifest.peerDependencies))
    assert.ok(manifest.peerDependenciesMeta[name].optional, name);
  assert.deepEqual(
    readdirSync(join(project, "node_modules")).filter((name) => !name.startsWith(".")),
    ["keyward"],
  );
});

test("no path of the machine that built it is in the module", () => {
  const module = readFileSync(join(dir, "dist/keyward.wasm"), "latin1");
  assert.match(module, /crates\/base64-\d[^/]*\/src/, "panics name the files of dependencies");
  for (const path of [`${homedir()}/`, `${root}/`, "registry"]) assert.ok(!module.includes(path), path);
});

test("every entry is there, types first, and without side effects", () => {
  assert.equal(manifest.sideEffects, false);
  assert.equal(manifest.type, "module");
  for (const [name, target] of Object.entries(manifest.exports)) {
    const conditions = typeof target === "string" ? { default: target } : target;
    const names = Object.keys(conditions);
    if (name !== "./package.json") assert.equal(names[0], "types", name);
    assert.equal(names.at(-1), "default", name);
    for (const path of Object.values(conditions)) {
      // A pattern stands for each of the presets.
      const meant = path.includes("*") ? presets.map((preset) => path.replace("*", preset)) : [path];
      for (const one of meant) assert.ok(existsSync(join(dir, one)), `${name}: ${one}`);
    }
  }
});

test("the entries reach for nothing of the host's but what is standard", () => {
  const modules = { "workerd.js": ["./keyward.wasm"], "edge-light.js": ["./keyward.wasm?module"] };
  for (const name of files.flatMap((file) => /^dist\/(.*\.js)$/.exec(file)?.[1] ?? [])) {
    const text = readFileSync(join(dir, "dist", name), "utf8");
    const imports = [...text.matchAll(/^\s*import\b[^;]*?["']([^"']+)["']/gm)].map(([, from]) => from);
    assert.deepEqual(imports, modules[name] ?? [], name);
    for (const word of [/\brequire\(/, /\bprocess\./, /\beval\(/, /new Function\b/, /^await /m]) {
      assert.doesNotMatch(text, word, name);
    }
  }
});

test("CommonJS can require it", () => {
  const script = 'if (typeof require("keyward").createVerifier !== "function") process.exit(1)';
  execFileSync(process.execPath, ["--no-warnings", "--eval", script], { cwd: project });
});

test("the README's code that needs no server runs", () => {
  const blocks = [...readFileSync(join(dir, "README.md"), "utf8").matchAll(/```js\n([^]*?)```/g)].map(
    ([, code]) => code,
  );
  const [code] = blocks.filter((block) => block.includes("createVerifier("));
  const claims = [...code.matchAll(/^(verifier\.[^;]+); \/\/ (true|".*")$/gm)];
  assert.ok(claims.length >= 2);
  const checks = claims.map(
    ([, left, right]) => `if ((${left}) !== ${right}) throw new Error(${JSON.stringify(left)});`,
  );
  writeFileSync(join(project, "readme.mjs"), [code, ...checks].join("\n"));
  execFileSync(process.execPath, [join(project, "readme.mjs")], { stdio: ["ignore", "ignore", "inherit"] });
});

/** The tarball in the eyes of those who have seen many: publint, and the resolution of types by each kind of TypeScript. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { tarball } from "./project.mjs";
import { tools } from "./runtime.mjs";

const dir = mkdtempSync(join(tmpdir(), "keyward-lint-"));
after(() => rmSync(dir, { recursive: true, force: true }));
const data = readFileSync(tarball(dir));
const tool = (name) => import(pathToFileURL(tools.resolve(name)).href);

test("publint finds nothing, not even a suggestion", async () => {
  const { publint } = await tool("publint");
  const { formatMessage } = await tool("publint/utils");
  const { messages, pkg } = await publint({ pack: { tarball: Uint8Array.from(data).buffer }, strict: true });
  assert.deepEqual(
    messages.map((message) => formatMessage(message, pkg)),
    [],
  );
});

test("every entry's types are found, and are those of what is loaded", async () => {
  const { checkPackage, createPackageFromTarballData } = await tool("@arethetypeswrong/core");
  const pack = createPackageFromTarballData(new Uint8Array(data));
  const home = "/node_modules/keyward/";
  const presets = pack.listFiles(`${home}dist/presets`).filter((name) => name.endsWith(".js"));
  const includeEntrypoints = presets.map((name) => name.replace(`${home}dist/`, "./").replace(/\.js$/, ""));
  assert.ok(includeEntrypoints.length > 0);
  const { entrypoints, problems } = await checkPackage(pack, {
    includeEntrypoints,
    excludeEntrypoints: ["./presets/*"],
  });
  assert.ok(Object.keys(entrypoints).length >= 7, Object.keys(entrypoints).join());
  // ES modules alone, as `exports` says: TypeScript that knows no `exports` is left out, and CommonJS gets a module.
  const meant = ({ kind, resolutionKind }) => resolutionKind === "node10" || kind === "CJSResolvesToESM";
  assert.deepEqual(
    problems.filter((problem) => !meant(problem)),
    [],
  );
});

/**
 * A project as a user would have it: the packed tarball installed, nothing else. The suites are copied into it, so
 * that their `import "keyward"` finds the package and not the workspace.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { after } from "node:test";

const here = dirname(fileURLToPath(import.meta.url));
/** The repository. */
export const root = resolve(here, "../..");

/**
 * Makes the project; it is removed when the tests of this process are over. `others` are packages of the workspace that
 * it has besides.
 */
export function makeProject(...others) {
  const dir = mkdtempSync(join(tmpdir(), "keyward-project-"));
  after(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(join(dir, "package.json"), '{ "private": true, "type": "module" }\n');
  npm(dir, "install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", tarball(dir));
  for (const name of others) symlinkSync(join(root, "node_modules", name), join(dir, "node_modules", name));
  for (const part of ["suite", "launch"]) cpSync(join(here, part), join(dir, part), { recursive: true });
  writeVectors(dir);
  return dir;
}

/** Imports a file of the project. */
export function importFrom(dir, path) {
  return import(pathToFileURL(join(dir, path)).href);
}

/** The tarball that KEYWARD_TARBALL names, or one packed now. */
export function tarball(dir) {
  const given = process.env.KEYWARD_TARBALL;
  if (given !== undefined) return resolve(root, given);
  const into = join(dir, "tarball");
  mkdirSync(into);
  npm(join(root, "pkg"), "pack", "--ignore-scripts", "--pack-destination", into);
  return join(into, readdirSync(into)[0]);
}

/** Calls npm quietly; what it says is shown when it fails. */
export function npm(cwd, ...args) {
  return execFileSync("npm", [...args, "--loglevel=error"], {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** The conformance vectors as one module, which every runtime can import; compiled profiles are its `profiles`. */
function writeVectors(dir) {
  const from = join(root, "tests/vectors");
  const read = (ending) =>
    readdirSync(from)
      .filter((name) => name.endsWith(ending))
      .map((name) => [name.slice(0, -ending.length), readFileSync(join(from, name), "utf8")]);
  const vectors = Object.fromEntries(read(".json").map(([name, text]) => [name, JSON.parse(text)]));
  vectors.profiles = Object.fromEntries(read(".profile").map(([name, text]) => [name, text.trim()]));
  writeFileSync(join(dir, "vectors.mjs"), `export default ${JSON.stringify(vectors)};\n`);
}

/**
 * What a runtime made of the suite: a test for each case, and a file for README's table in the directory that
 * KEYWARD_RUNTIMES names.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";

/** Programs and bundlers that `tools/package.json` brings. */
export const tools = createRequire(new URL("tools/package.json", import.meta.url));

/** The version of an installed package. */
export const versionOf = (name, from = createRequire(import.meta.url)) => from(`${name}/package.json`).version;

/** Runs a program that prints what `launch/print.mjs` prints. Outside the project it finds nothing of use. */
export function printed(program, args, { cwd, env = {} }) {
  const { PATH } = process.env;
  const text = execFileSync(program, args, {
    cwd,
    env: { PATH, HOME: cwd, ...env },
    encoding: "utf8",
    maxBuffer: 1 << 26,
    timeout: 240_000,
  });
  return JSON.parse(text);
}

/**
 * `how` tells the lines of one runtime apart; `host` is set where the runtime is this machine's and not pinned by a
 * lockfile. To be called when all results are there: the tests of a process end when none is left to run.
 */
export function report({ runtime, version, how, host = false }, results) {
  assert.match(version, /^\d/);
  assert.ok(results.length >= 50, `${results.length} cases`);
  for (const { name, error } of results) {
    test(name, () => {
      if (error !== undefined) throw new Error(error);
    });
  }
  const into = process.env.KEYWARD_RUNTIMES;
  if (into === undefined) return;
  const failed = results.filter(({ error }) => error !== undefined).length;
  const line = { runtime, version, host, how, passed: results.length - failed, failed };
  const name = `${runtime} ${how}`.replaceAll(/[^A-Za-z0-9.]+/g, "-");
  mkdirSync(into, { recursive: true });
  writeFileSync(join(into, `${name}.json`), `${JSON.stringify(line)}\n`);
}

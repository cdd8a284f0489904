/** The profile that is measured: eSputnik's, and two constraints besides. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, scratch } from "./place.mjs";

/** `{ id, compiled }`, as the package takes it. */
export function compileProfile() {
  const binary = process.env.KEYWARD_BIN;
  if (binary === undefined)
    throw new Error("KEYWARD_BIN: expected the path of the keyward binary, to compile a profile");
  const file = join(scratch, "profile.toml");
  const parts = ["src/profile/presets/esputnik.toml", "benches/constraints.toml"];
  writeFileSync(file, parts.map((path) => readFileSync(join(root, path), "utf8")).join(""));
  const compiled = execFileSync(binary, ["profile", "compile", file, "--base64"], { encoding: "utf8" }).trim();
  return { id: "esputnik", compiled };
}

/** Builds `benches/floor`, with the flags that the package's own module is built with. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

/** The module's bytes. */
export function buildFloor() {
  const target = join(root, "target/floor");
  execFileSync("cargo", ["build", "--quiet", "--locked", "--release", "--target", "wasm32-unknown-unknown"], {
    cwd: join(root, "benches/floor"),
    env: { ...process.env, CARGO_TARGET_DIR: target, RUSTFLAGS: "-Ctarget-feature=+simd128" },
    stdio: ["ignore", "inherit", "inherit"],
  });
  return readFileSync(join(target, "wasm32-unknown-unknown/release/keyward_floor.wasm"));
}

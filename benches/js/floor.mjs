/**
 * Builds `benches/floor` with the flags that the package's own module is built with, `wasm-opt` included: Node 20 runs
 * what has been through it a third faster.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./place.mjs";

/** As in Cargo.toml, under `package.metadata.wasm-pack`. */
const FEATURES = ["bulk-memory", "mutable-globals", "nontrapping-float-to-int", "sign-ext", "simd"].map(
  (feature) => `--enable-${feature}`,
);

/** The module's bytes. With the feature `whole` it hashes memory of any length, and is no floor. */
export function buildFloor(...features) {
  const target = join(root, "target/floor");
  const flags = ["--quiet", "--locked", "--release", "--target", "wasm32-unknown-unknown"];
  execFileSync("cargo", ["build", ...flags, ...features.map((feature) => `--features=${feature}`)], {
    cwd: join(root, "benches/floor"),
    env: { ...process.env, CARGO_TARGET_DIR: target, RUSTFLAGS: "-Ctarget-feature=+simd128" },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const built = join(target, "wasm32-unknown-unknown/release/keyward_floor.wasm");
  const optimized = join(target, ["floor", ...features, "wasm"].join("."));
  execFileSync(join(root, "node_modules/.bin/wasm-opt"), ["-O3", ...FEATURES, built, "-o", optimized], {
    stdio: "inherit",
  });
  return readFileSync(optimized);
}

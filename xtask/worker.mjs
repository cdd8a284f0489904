// Runs a bundled Worker in workerd for `cargo xtask demo`. Arguments: the directory of the bundle, and its variables as JSON.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Miniflare } from "miniflare";

const [directory, variables] = process.argv.slice(2);

const modules = readdirSync(directory)
  .filter((name) => /\.(js|wasm)$/.test(name))
  .sort((left) => (left.endsWith(".js") ? -1 : 1)) // the script comes first: it is the entry
  .map((name) => ({
    type: name.endsWith(".js") ? "ESModule" : "CompiledWasm",
    path: join(directory, name),
    contents: name.endsWith(".js") ? readFileSync(join(directory, name), "utf8") : readFileSync(join(directory, name)),
  }));

const miniflare = new Miniflare({
  modules,
  modulesRoot: directory,
  bindings: JSON.parse(variables),
  compatibilityDate: "2025-12-17",
  host: "127.0.0.1",
  port: 0,
});

const address = await miniflare.ready;
console.log(`listening on ${address}`);

// xtask's end closes this stream, however it ends: nothing stays behind.
async function end() {
  await miniflare.dispose();
  process.exit(0);
}
process.stdin.resume().on("end", end);
process.on("SIGTERM", end);
process.on("SIGINT", end);

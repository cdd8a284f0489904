/**
 * Bundles a Worker as deployment tools do: the `workerd` condition, the module beside the script.
 */
import { build } from "esbuild";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";

/** The modules that Miniflare takes, the script first. */
export async function bundle(project, entry) {
  const outdir = join(project, "bundle", basename(entry));
  const { metafile } = await build({
    absWorkingDir: project,
    entryPoints: [join(project, entry)],
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    target: "es2022",
    conditions: ["workerd", "worker", "browser"],
    external: ["node:*", "cloudflare:*"],
    loader: { ".wasm": "copy" },
    metafile: true,
    logLevel: "warning",
  });
  const files = Object.keys(metafile.outputs).map((name) => join(project, name));
  files.sort((one) => (one.endsWith(".mjs") ? -1 : 1));
  return files.map((path) => ({
    path,
    type: path.endsWith(".mjs") ? "ESModule" : "CompiledWasm",
    contents: readFileSync(path),
  }));
}

/** What every Worker of the tests is started with. */
export const options = { compatibilityDate: "2025-12-17", compatibilityFlags: ["nodejs_compat"], modulesRoot: "/" };

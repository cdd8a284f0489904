/**
 * Bundles a Worker as deployment tools do: the `workerd` condition, the module beside the script.
 */
import { build } from "esbuild";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";

/** The modules that Miniflare takes, the script first. `alias` names what is taken in another's place. */
export async function bundle(project, entry, { alias = {} } = {}) {
  const outdir = join(project, "bundle", basename(entry), Object.keys(alias).length > 0 ? "aliased" : "plain");
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
    alias,
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

/** The compatibility date of the pinned workerd. */
export const NEW = "2025-12-17";

/** What every Worker of the tests is started with. */
export const options = { compatibilityDate: NEW, compatibilityFlags: ["nodejs_compat"], modulesRoot: "/" };

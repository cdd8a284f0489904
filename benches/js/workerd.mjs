/** The subjects in workerd, through requests that run them many times. */
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { measure } from "./measure.mjs";

const here = dirname(fileURLToPath(import.meta.url));

export async function measureInWorkerd({ floor, keys, rounds }) {
  process.stderr.write("workerd\n");
  const miniflare = new Miniflare({ modules: await bundle(floor), modulesRoot: "/", compatibilityDate: "2025-12-17" });
  try {
    const { head, shard, profile: _, ...rest } = keys;
    const form = new FormData();
    form.set("keys", JSON.stringify(rest));
    form.set("head", new Blob([head]));
    form.set("shard", new Blob([shard]));
    const address = await miniflare.ready;
    const loaded = await fetch(new URL("/load", address), { method: "POST", body: form });
    if (!loaded.ok) throw new Error(await loaded.text());
    const names = await loaded.json();
    const call = async (subject, count) => {
      const started = performance.now();
      const response = await fetch(new URL(`/run?subject=${subject}&count=${count}`, address));
      if (!response.ok) throw new Error(await response.text());
      return performance.now() - started;
    };
    const time = (subject) => async (count) => {
      const empty = await call(subject, 0);
      return Math.max(0, (await call(subject, count)) - empty);
    };
    return await measure(
      names.map((name, subject) => ({ name, time: time(subject) })),
      rounds,
    );
  } finally {
    await miniflare.dispose();
  }
}

/** The Worker as deployment tools bundle it, and the floor beside it. */
async function bundle(floor) {
  const { outputFiles } = await build({
    absWorkingDir: here,
    entryPoints: ["worker.mjs"],
    outdir: here,
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    conditions: ["workerd", "worker", "browser"],
    loader: { ".wasm": "copy" },
    plugins: [
      {
        name: "floor",
        setup: ({ onResolve }) => onResolve({ filter: /\/floor\.wasm$/ }, ({ path }) => ({ path, external: true })),
      },
    ],
    logLevel: "warning",
  });
  const script = outputFiles.find(({ path }) => path.endsWith(".js"));
  const rest = outputFiles.filter(({ path }) => path.endsWith(".wasm"));
  return [
    { type: "ESModule", path: script.path, contents: script.contents },
    ...rest.map(({ path, contents }) => ({ type: "CompiledWasm", path, contents })),
    { type: "CompiledWasm", path: `${here}/floor.wasm`, contents: floor },
  ];
}

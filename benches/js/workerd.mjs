/** Workers in a workerd of their own, without a layer between. */
import { build } from "esbuild";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import workerd from "workerd";
import { here, scratch } from "./place.mjs";

/** Its program. The package is of CommonJS. */
const { default: program } = workerd;

const COMPATIBILITY = 'compatibilityDate = "2025-12-17", compatibilityFlags = ["nodejs_compat"]';

/**
 * The modules of a Worker as deployment tools bundle it: `{ name, type, contents }`, the script first. `given` are
 * modules that it imports by name and that are made elsewhere: text of JavaScript is bundled in, bytes lie beside.
 */
export async function bundleWorker(entry, { given = {}, minify = false } = {}) {
  const { outputFiles } = await build({
    absWorkingDir: here,
    entryPoints: [entry],
    outdir: here,
    bundle: true,
    minify,
    write: false,
    format: "esm",
    target: "es2022",
    conditions: ["workerd", "worker", "browser"],
    external: ["node:*", "cloudflare:*"],
    loader: { ".wasm": "copy" },
    assetNames: "[name]",
    plugins: [
      {
        name: "given",
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /.*/ }, ({ path }) => {
            const contents = given[basename(path)];
            if (contents === undefined) return undefined;
            return typeof contents === "string" ? { path, namespace: "given" } : { path, external: true };
          });
          onLoad({ filter: /.*/, namespace: "given" }, ({ path }) => ({ contents: given[basename(path)] }));
        },
      },
    ],
    logLevel: "warning",
  });
  const beside = Object.entries(given).filter(([, contents]) => typeof contents !== "string");
  return [
    ...outputFiles.map(({ path, contents }) => ({ name: basename(path), type: typeOf(path), contents })),
    ...beside.map(([name, contents]) => ({ name, type: typeOf(name), contents })),
  ].sort((one) => (one.type === "esModule" ? -1 : 1));
}

/** The text of a module with these exports. */
export function exporting(members) {
  return Object.entries(members)
    .map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};\n`)
    .join("");
}

function typeOf(name) {
  if (/\.m?js$/.test(name)) return "esModule";
  return name.endsWith(".wasm") ? "wasm" : "data";
}

/**
 * Starts a workerd with Workers `{ name, modules, bindings }`, the last in the words of its configuration. Gives
 * `{ address, pid, stop }`; `address(name)` is a Worker's own.
 */
export async function startWorkerd(workers) {
  const dir = mkdtempSync(join(scratch, "workerd-"));
  const services = workers.map(({ name, modules, bindings = [] }, at) => {
    const embedded = modules.map((module) => {
      const path = join(dir, name, module.name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, module.contents);
      return `(name = "${module.name}", ${module.type} = embed "${name}/${module.name}")`;
    });
    const worker = `modules = [${embedded.join(", ")}], bindings = [${bindings.join(", ")}], ${COMPATIBILITY}`;
    return {
      service: `(name = "${name}", worker = .worker${at})`,
      socket: `(name = "${name}", address = "127.0.0.1:0", http = (), service = "${name}")`,
      definition: `const worker${at} :Workerd.Worker = (${worker});`,
    };
  });
  const network = '(name = "internet", network = (allow = ["public", "private", "local"]))';
  writeFileSync(
    join(dir, "config.capnp"),
    [
      "@0xc1f4a5e2b3d60718;",
      'using Workerd = import "/workerd/workerd.capnp";',
      `const config :Workerd.Config = (services = [${[network, ...services.map(({ service }) => service)].join(", ")}],`,
      `  sockets = [${services.map(({ socket }) => socket).join(", ")}]);`,
      ...services.map(({ definition }) => definition),
      "",
    ].join("\n"),
  );
  const stdio = ["ignore", "inherit", "inherit", "pipe"];
  const child = spawn(program, ["serve", "--experimental", "--control-fd=3", join(dir, "config.capnp")], { stdio });
  const gone = new Promise((resolve) => child.once("exit", resolve));
  const ports = new Map();
  const listening = new Promise((resolve) => {
    createInterface(child.stdio[3]).on("line", (line) => {
      const { event, socket, port } = JSON.parse(line);
      if (event === "listen") ports.set(socket, port);
      if (ports.size === workers.length) resolve();
    });
  });
  await Promise.race([
    listening,
    gone.then((code) => {
      throw new Error(`workerd ended with ${code}`);
    }),
  ]);
  return {
    address: (name) => new URL(`http://127.0.0.1:${ports.get(name)}/`),
    pid: child.pid,
    async stop() {
      child.kill();
      await gone;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The text of a request's answer, or an error that shows it. */
export async function answer(address, init) {
  const response = await fetch(address, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${address} answered ${response.status}: ${text}`);
  return text;
}

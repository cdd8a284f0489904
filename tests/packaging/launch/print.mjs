/** The suite as a program: prints the host's name for itself and what came of each case. */
import { results } from "./results.mjs";

const { Deno, Bun, process } = globalThis;
const version = Deno?.version.deno ?? Bun?.version ?? process.versions.node;
const runtime = Deno ? "Deno" : Bun ? "Bun" : "Node";
console.log(JSON.stringify({ runtime, version, results: await results() }));

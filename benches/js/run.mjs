/**
 * Measures the package against the floor and against what its users would pick instead, in Node and in workerd, and
 * prints the tables in Markdown. Progress goes to stderr.
 *
 *     npm run bench --workspace benches/js        (KEYWARD_BENCH_ROUNDS=5 for a quick look)
 */
import { buildFloor } from "./floor.mjs";
import { makeKeys } from "./keys.mjs";
import { measureInNode } from "./node.mjs";
import { table } from "./table.mjs";
import { measureInWorkerd } from "./workerd.mjs";

const KEYS = 100_000;
const rounds = Number(process.env.KEYWARD_BENCH_ROUNDS ?? 21);

process.stderr.write(`${KEYS} keys …\n`);
const floor = buildFloor();
const keys = await makeKeys(KEYS);
const node = await measureInNode({ floor, keys, rounds });
const workerd = await measureInWorkerd({ floor, keys, rounds });

console.log(`## One verification

${KEYS.toLocaleString("en")} keys are loaded from a signed snapshot; the key is one of them. The *floor* is the least that
any WebAssembly verifier must do: the key written into its memory, one block of SHA-256, a comparison of 32 bytes in constant
time. Each figure is the median of ${rounds} rounds in which every row had its turn; *× floor* is the median of the rounds' own
ratios. The rows of others do what their name says and no more: none of them knows expiry, routes and scopes, or says why not.

### Node ${process.versions.node}

${table(node)}

### workerd

A Worker's clock stands still while it computes, so whole requests are timed from outside, less an empty one.

${table(workerd)}`);

/** Where things are. */
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** This workspace, and the repository. */
export const here = dirname(fileURLToPath(import.meta.url));
export const root = resolve(here, "../..");

/** What is made on the way: keys, bundles, configurations. It lasts as long as a run. */
export const scratch = join(root, "target/benches");

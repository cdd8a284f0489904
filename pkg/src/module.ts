/**
 * Instances of the WebAssembly module. The module is compiled once; every verifier owns an instance and the glue that
 * belongs to it, so that one which has trapped can be thrown away.
 */
import { createGlue, type Glue } from "#glue";
import { loadModule } from "#platform";
import { fromModule } from "./error.js";

/** An instance: its glue, and its memory. */
export interface Instance {
  readonly glue: Glue;
  readonly memory: WebAssembly.Memory;
}

let compiled: WebAssembly.Module | undefined;

/** A fresh instance. */
export function instantiate(): Instance {
  try {
    const glue = createGlue();
    const { memory } = glue.initSync({ module: (compiled ??= loadModule()) });
    return { glue, memory };
  } catch (thrown) {
    throw fromModule(thrown);
  }
}

let shared: Instance | undefined;

/** Calls one of the module's functions that need no verifier, in an instance kept for these. */
export function call<T>(use: (glue: Glue) => T): T {
  const instance = (shared ??= instantiate());
  try {
    return use(instance.glue);
  } catch (thrown) {
    const error = fromModule(thrown);
    if (error.code === "internal") shared = undefined;
    throw error;
  }
}

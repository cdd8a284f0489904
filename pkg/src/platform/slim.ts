/**
 * What differs between hosts, for those that no other entry knows: the caller has the module compiled and brings it.
 */
import { invalidArgument, KeywardError } from "../error.js";
import { ownModule } from "./foreign.js";

export * from "./isolate.js";

let given: WebAssembly.Module | undefined;

/** The module that the caller has brought. */
export function loadModule(): WebAssembly.Module {
  if (given !== undefined) return given;
  throw new KeywardError(
    "not_initialised",
    "keyward/slim has no module yet: call init(module) first, with keyward/keyward.wasm as your host compiles it",
  );
}

/**
 * Hands over `keyward/keyward.wasm`, compiled. Call it once, before anything else of this entry: until then, every other
 * call throws a `KeywardError` with the code `not_initialised`.
 */
export function init(module: WebAssembly.Module): void {
  if (given !== undefined && given !== module) throw invalidArgument("module: init has been called with another one");
  if (!isKeyward(module)) {
    throw invalidArgument("module: expected a WebAssembly.Module, compiled from this version's keyward/keyward.wasm");
  }
  given = ownModule(module);
}

/** Asks the module itself, since what another realm has compiled is no instance of this realm's class. */
function isKeyward(module: WebAssembly.Module): boolean {
  try {
    return WebAssembly.Module.exports(module).some(({ name }) => name === "engine_verifyRequest");
  } catch {
    return false;
  }
}

/**
 * What every runtime must do alike. A launcher runs the cases and counts them; each is `{ name, run }`.
 */
import constraints from "./constraints.mjs";
import edge from "./edge.mjs";
import keys from "./keys.mjs";
import options from "./options.mjs";
import peppers from "./peppers.mjs";
import profiles from "./profiles.mjs";
import rates from "./rates.mjs";
import records from "./records.mjs";
import requests from "./requests.mjs";
import snapshots from "./snapshots.mjs";
import traps from "./traps.mjs";
import vectors from "./vectors.mjs";
import verifier from "./verifier.mjs";

/** All cases, named after the file they stand in. */
export const cases = Object.entries({
  keys,
  profiles,
  records,
  verifier,
  options,
  requests,
  constraints,
  rates,
  peppers,
  snapshots,
  edge,
  traps,
  vectors,
}).flatMap(([suite, own]) => Object.entries(own).map(([name, run]) => ({ name: `${suite}: ${name}`, run })));

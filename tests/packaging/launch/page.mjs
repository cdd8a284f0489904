/** The suite as a page: leaves what came of each case where the driver of the browser looks for it. */
import { results } from "./results.mjs";

globalThis.results = await results();

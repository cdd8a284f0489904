/** The suite as a Worker: a request runs every case and answers with what came of each. */
import { results } from "./results.mjs";

export default {
  async fetch() {
    return Response.json(await results());
  },
};

/**
 * The suite as a Worker: a request runs every case and answers with what came of each.
 */
export default {
  async fetch() {
    // Not at module scope, where a Worker has neither time nor random bytes.
    const { cases } = await import("./index.mjs");
    const results = [];
    for (const { name, run } of cases) {
      try {
        await run();
        results.push({ name });
      } catch (error) {
        results.push({ name, error: error instanceof Error ? `${error.message}\n${error.stack}` : String(error) });
      }
    }
    return Response.json(results);
  },
};

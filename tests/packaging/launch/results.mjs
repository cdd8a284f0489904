/** Runs every case where this is imported, and tells what came of each. */
export async function results() {
  // Not at module scope, where a Worker has neither time nor random bytes.
  const { cases } = await import("../suite/index.mjs");
  const { default: systems } = await import("./systems.mjs");
  const rows = Object.entries(systems).map(([row, run]) => ({ name: `systems: ${row}`, run }));
  const all = [];
  for (const { name, run } of [...cases, ...rows]) {
    try {
      await run();
      all.push({ name });
    } catch (error) {
      all.push({ name, error: error instanceof Error ? `${error.message}\n${error.stack}` : String(error) });
    }
  }
  return all;
}

/** The declarations of the packed package, under each way of resolving modules that its users have. */
import { execFileSync } from "node:child_process";
import { cpSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { makeProject, root } from "./project.mjs";

const project = makeProject("hono");
const tsc = createRequire(import.meta.url).resolve("typescript/lib/tsc.js");
cpSync(join(root, "tests/types"), join(project, "types"), { recursive: true });

for (const [moduleResolution, module] of [
  ["nodenext", "nodenext"],
  ["bundler", "esnext"],
]) {
  test(`right and wrong uses, resolved as ${moduleResolution} does`, () => {
    const compilerOptions = {
      module,
      moduleResolution,
      target: "es2022",
      lib: ["es2022", "dom", "dom.iterable"],
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      verbatimModuleSyntax: true,
      skipLibCheck: false,
      noEmit: true,
    };
    const path = join(project, `tsconfig.${moduleResolution}.json`);
    writeFileSync(path, JSON.stringify({ compilerOptions, include: ["types"] }));
    execFileSync(process.execPath, [tsc, "--project", path, "--pretty", "false"], {
      stdio: ["ignore", "inherit", "inherit"],
    });
  });
}

/** The suite as a page that Vite has built, in Chromium. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";
import { makeProject } from "../project.mjs";
import { report, versionOf } from "../runtime.mjs";
import { opened } from "./page.mjs";

const project = makeProject();
writeFileSync(join(project, "index.html"), '<!doctype html>\n<script type="module" src="/launch/page.mjs"></script>\n');
await build({
  root: project,
  configFile: false,
  logLevel: "warn",
  resolve: { alias: { "node:assert/strict": join(project, "launch/assert.mjs") } },
});
const { version, results } = await opened(join(project, "dist"));

report({ runtime: "Chromium", version, how: `a page built by Vite ${versionOf("vite")}`, host: true }, results);

/** The suite as a page that webpack has built, in Chromium. */
import { writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { makeProject } from "../project.mjs";
import { report, tools, versionOf } from "../runtime.mjs";
import { webpacked } from "../webpack.mjs";
import { opened } from "./page.mjs";

const script = await webpacked(makeProject(), "launch/page.mjs", { target: "web" });
const tag = `<script defer src="/${basename(script)}"></script>`;
writeFileSync(join(dirname(script), "index.html"), `<!doctype html>\n${tag}\n`);
const { version, results } = await opened(dirname(script));

const how = `a page built by webpack ${versionOf("webpack", tools)}`;
report({ runtime: "Chromium", version, how, host: true }, results);

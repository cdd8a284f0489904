/** The suite bundled into one file by esbuild: the `default` entry, and `keyward/slim` in its place. */
import { build } from "esbuild";
import { join } from "node:path";
import { makeProject } from "../project.mjs";
import { printed, report, versionOf } from "../runtime.mjs";

const project = makeProject();

/** With `instead`, that file is what the suite gets for `keyward`. */
async function bundled(name, instead) {
  const outfile = join(project, "bundle", `${name}.mjs`);
  await build({
    absWorkingDir: project,
    entryPoints: ["launch/print.mjs"],
    outfile,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    platform: "neutral",
    external: ["node:*"],
    plugins: [
      {
        name: "instead",
        setup({ onResolve }) {
          if (instead !== undefined) onResolve({ filter: /^keyward$/ }, () => ({ path: join(project, instead) }));
        },
      },
    ],
    logLevel: "warning",
  });
  return printed(process.execPath, [outfile], { cwd: project });
}

const whole = await bundled("whole");
const slim = await bundled("slim", "launch/brought.mjs");

const { version } = whole;
report({ runtime: "Node", version, how: `bundled by esbuild ${versionOf("esbuild")}`, host: true }, whole.results);
report({ runtime: "Node", version, how: "`keyward/slim`, bundled", host: true }, slim.results);

/** Bundles with webpack, as a project of its users would. */
import { join } from "node:path";
import { promisify } from "node:util";
import { tools } from "./runtime.mjs";

const webpack = tools("webpack");

/** The path of the bundle of `entry`. `settings` are webpack's own. */
export async function webpacked(project, entry, settings) {
  const path = join(project, "webpack");
  const filename = entry.replaceAll(/[^a-z]+/g, "-");
  const compiler = webpack({
    mode: "production",
    context: project,
    entry: join(project, entry),
    output: { path, filename: `${filename}.js` },
    devtool: false,
    performance: { hints: false },
    plugins: [new webpack.NormalModuleReplacementPlugin(/^node:assert\/strict$/, join(project, "launch/assert.mjs"))],
    ...settings,
  });
  const stats = await promisify(compiler.run.bind(compiler))();
  await promisify(compiler.close.bind(compiler))();
  const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
  for (const { message } of [...errors, ...warnings]) throw new Error(`webpack: ${message}`);
  return join(path, `${filename}.js`);
}

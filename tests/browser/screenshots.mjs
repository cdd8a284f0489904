/**
 * Takes the pictures of the explained decision that README shows: `node tests/browser/screenshots.mjs`.
 *
 * A key with access to events asks for contacts, by the real engine in the built page, once in each theme.
 */
import { mkdir, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { launch } from "./browser.mjs";
import { serve } from "./serve.mjs";

const IMAGES = fileURLToPath(new URL("../../docs/images/", import.meta.url));
/** A picture is read on a page; what is heavier than this belongs elsewhere. */
const MOST_BYTES = 150_000;

/** Only verdict and checks are in the picture: not what changed before, and not the reply below. */
const STYLE =
  "html { background: transparent !important } .change, .reply, .verdict-bar { display: none !important } #decision { padding-bottom: 0.75rem }";

const host = await serve();
const browser = await launch();
await mkdir(IMAGES, { recursive: true });
for (const theme of ["light", "dark"]) {
  const context = await browser.newContext({
    // The product's policy forbids the style above; the pictures are about the page, not about the policy.
    bypassCSP: true,
    colorScheme: theme,
    deviceScaleFactor: 1.5,
    reducedMotion: "reduce",
    viewport: { width: 1200, height: 1000 },
  });
  const page = await context.newPage();
  await page.goto(host.url);
  await page.getByRole("button", { name: "Forbidden route" }).click();
  await page.locator(".verdict").getByText("insufficient_scope", { exact: true }).waitFor();
  const path = `${IMAGES}decision-${theme}.png`;
  await page.locator("#decision").screenshot({ path, style: STYLE, omitBackground: true });
  const { size } = await stat(path);
  if (size > MOST_BYTES) throw new Error(`${path} has ${size} bytes; at most ${MOST_BYTES} are wanted`);
  console.log(`${path}: ${Math.round(size / 1024)} KiB`);
}
await browser.close();
await host.close();

/** What the page does with the worst that can be typed into it, and where it cannot run at all. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, watch } from "./browser.mjs";
import { POLICY, serve } from "./serve.mjs";

let host, browser;

before(async () => {
  host = await serve();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await host?.close();
});

const MEGABYTE = 1_000_000;

/** A field, what is typed into it, and the reason of the refusal that follows. */
const WORST = [
  ["Path", "", "malformed_path"],
  ["Path", "no slash", "malformed_path"],
  ["Path", "/api/v1/../v1/event", "malformed_path"],
  ["Path", "/api/v1/event%00", "malformed_path"],
  ["Path", `/${"a".repeat(MEGABYTE)}`, "malformed_path"],
  ["Pasted key", "", "malformed_key"],
  ["Pasted key", "es_", "malformed_key"],
  ["Pasted key", "k\u00e9y \u{1f511}", "malformed_key"],
  ["Pasted key", "<img src=x onerror=alert(1)>", "malformed_key"],
  ["Pasted key", "e".repeat(MEGABYTE), "malformed_credential"],
];

for (const [label, typed, reason] of WORST) {
  const shown = typed.length > 40 ? `${typed.length} characters` : JSON.stringify(typed);
  test(`${label}, ${shown}: ${reason}`, async () => {
    const page = await browser.newPage();
    const seen = watch(page, host.origin);
    await page.goto(host.url);
    if (label === "Pasted key") await page.getByLabel("Password: the key").selectOption("Paste another key");
    await page.getByLabel(label).fill(typed);
    await page.locator(".verdict").getByText(reason, { exact: true }).waitFor();
    // The verifier survived it: the same page goes on deciding.
    await page.getByLabel("Password: the key").selectOption("No credential at all");
    await page.locator(".verdict").getByText("missing_credential", { exact: true }).waitFor();
    assert.deepEqual(seen.complaints, []);
    await page.close();
  });
}

test("where WebAssembly is forbidden the page says so", async () => {
  const strict = await serve({ policy: POLICY.replace(" 'wasm-unsafe-eval'", "") });
  const page = await browser.newPage();
  await page.goto(strict.url);
  await page.getByRole("heading", { name: "This page cannot run here" }).waitFor();
  assert.match(await page.locator("main").innerText(), /WebAssembly/);
  await page.close();
  await strict.close();
});

test("the visitor's choice of less motion is kept", async () => {
  const page = await browser.newPage({ reducedMotion: "reduce" });
  await page.goto(host.url);
  await page.getByRole("button", { name: "Typo in the key" }).click();
  await page.locator(".verdict").getByText("bad_checksum", { exact: true }).waitFor();
  assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
  await page.close();
});

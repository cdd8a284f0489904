/** What the page does with the worst that can be typed into it, and where it cannot run at all. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, watch } from "./browser.mjs";
import { POLICY, serve } from "./serve.mjs";

let host, browser, page, seen;

before(async () => {
  host = await serve();
  browser = await launch();
  page = await browser.newPage({ reducedMotion: "reduce" });
  seen = watch(page, host.origin);
});

after(async () => {
  await browser?.close();
  await host?.close();
});

/** Loads a system's page anew, and waits for what it opens with. */
async function open(system) {
  await page.goto(`${host.url}?system=${system}`);
  await page.locator(".verdict").getByText("Allow", { exact: true }).waitFor();
}

const MEGABYTE = 1_000_000;

/** What a visitor must not be able to run, in any place where they can write. */
const SCRIPTS = [
  "<img src=x onerror=alert(1)>",
  "javascript:alert(1)",
  "{{7*7}}${7*7}",
  "'\"><script>alert(1)</script>",
];

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
    await open("esputnik");
    if (label === "Pasted key") await page.getByLabel("Password: the key").selectOption("Paste another key");
    await page.getByLabel(label).fill(typed);
    await page.locator(".verdict").getByText(reason, { exact: true }).waitFor();
    // The verifier survived it: the same page goes on deciding.
    await page.getByLabel("Password: the key").selectOption("No credential at all");
    await page.locator(".verdict").getByText("missing_credential", { exact: true }).waitFor();
    assert.deepEqual(seen.complaints, []);
  });
}

/** A system, what is said of a call to it, what is typed there, and what follows: a reason, or why nothing is decided. */
const SAID = [
  ["emailit", "Sending domain", "8", "constraint_violated"],
  ["emailit", "Sending domain", "7, 8", "constraint_violated"],
  ["emailit", "Sending domain", "seven", /Sending domain: "seven" is no whole number/],
  ["emailit", "Sending domain", "7.5", /is no whole number/],
  ["emailit", "Sending domain", "9007199254740993", /within 2\^53/],
  ["emailit", "Sending domain", "9".repeat(MEGABYTE), /is no whole number/],
  ["emailit", "Sending domain", Array.from({ length: 100 }, (_, i) => i).join(), /at most 64 values/],
  ["keyward", "Client address", "", "constraint_violated"],
  ["keyward", "Client address", "192.0.2.7, 192.0.2.8", "constraint_violated"],
  ["keyward", "Client address", "192.0.2.07", "constraint_violated"],
  ["keyward", "Client address", "::ffff:192.0.3.7", "constraint_violated"],
  ["keyward", "Client address", "1".repeat(MEGABYTE), "constraint_violated"],
];

test("whatever is said of a call is decided, or it is said why not", async () => {
  for (const [system, label, typed, follows] of SAID) {
    if (!page.url().endsWith(system)) await open(system);
    await page.locator(".verdict").getByText("Allow", { exact: true }).waitFor();
    const field = page.locator(".surroundings").getByLabel(label);
    const before = await field.inputValue();
    await field.fill(typed);
    if (typeof follows === "string") await page.locator(".verdict").getByText(follows, { exact: true }).waitFor();
    else await page.locator("#decision .empty").getByText(follows).waitFor();
    await field.fill(before);
  }
  assert.deepEqual(seen.complaints, []);
});

/** A system, a limit of its keys, what is given as a value, and what the form has against it. */
const VALUES = [
  ["keyward", "Client networks", "10.0.0.1/8", /write 10\.0\.0\.0\/8/],
  ["keyward", "Client networks", "10.0.0.0/33", /has 32 bits/],
  ["keyward", "Client networks", "anywhere", /is no network/],
  ["emailit", "Sending domain", "seven", /is no whole number/],
  ["emailit", "Sending domain", "1e3", /is no whole number/],
  ["emailit", "Sending domain", "99999999999999999", /within 2\^53/],
];

for (const [system, title, typed, objection] of VALUES) {
  test(`${system}, ${title}: ${typed} is no value`, async () => {
    await open(system);
    await page.locator(".keys .button.primary").click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name", { exact: true }).fill("A key");
    const limit = dialog.getByRole("group", { name: title });
    await limit.getByText("Only …").click();
    await dialog.locator("button[type=submit]").click();
    await limit.getByRole("alert").getByText("Give at least one value, or choose All.").waitFor();
    await limit.getByLabel(`${title}: value`).fill(typed);
    await limit.getByLabel(`${title}: value`).press("Enter");
    await limit.getByRole("alert").getByText(objection).waitFor();
    await dialog.locator("button[type=submit]").click();
    assert.ok(await dialog.isVisible(), "no key is made of it");
    await limit.getByText("All", { exact: true }).click();
    await dialog.locator("button[type=submit]").click();
    await dialog.getByLabel("Your new key").waitFor();
    assert.deepEqual(seen.complaints, []);
  });
}

test("an account that the key's format cannot hold is refused, and said why", async () => {
  await open("inboxfirst");
  await page.getByRole("button", { name: "New API key" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name", { exact: true }).fill("A key");
  for (const account of ["0", "-1", "007", "six", "9007199254740992", " "]) {
    await dialog.getByLabel("Account number").fill(account);
    await dialog.locator("button[type=submit]").click();
    await dialog.getByRole("alert").getByText("without leading zeros").waitFor();
  }
  await dialog.getByLabel("Account number").fill("9007199254740991");
  await dialog.locator("button[type=submit]").click();
  await dialog.getByLabel("Your new key").waitFor();
});

test("an e-mail address is one, and no field holds more than the profile says", async () => {
  await open("smashfly");
  await page.getByRole("button", { name: "Generate New Key" }).click();
  const dialog = page.getByRole("dialog");
  const email = dialog.getByLabel("Contact Email");
  for (const text of ["", "nobody", "a b@example.com"]) {
    await email.fill(text);
    await dialog.locator("button[type=submit]").click();
    assert.equal(await email.evaluate((input) => input.checkValidity()), false, text);
    assert.equal(await dialog.getByLabel("Your new key").count(), 0);
  }
  await dialog.getByLabel("Description").fill("d".repeat(198));
  await dialog.getByLabel("Description").pressSequentially("ddddd");
  assert.equal((await dialog.getByLabel("Description").inputValue()).length, 200);
});

test("what is typed anywhere is text, and runs nowhere", async () => {
  let ran = false;
  page.on("dialog", (dialog) => {
    ran = true;
    void dialog.dismiss();
  });
  await page.goto(`${host.url}?system=${encodeURIComponent(SCRIPTS[0])}#${encodeURIComponent(SCRIPTS[3])}`);
  await open("optimove");
  for (const script of SCRIPTS) {
    await page.getByRole("button", { name: "New API Key" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Nickname").fill(script);
    await dialog.getByLabel("Contact Email").fill("grace@example.com");
    await dialog.getByRole("radio", { name: /Integrations/ }).check();
    const limit = dialog.getByRole("group", { name: "Channels" });
    await limit.getByText("Only …").click();
    await limit.getByLabel("Channels: value").fill(script);
    await limit.getByRole("button", { name: "Add" }).click();
    await limit.getByRole("button", { name: `Remove ${script}` }).waitFor();
    await dialog.locator("button[type=submit]").click();
    await dialog.getByRole("button", { name: "Close without copying" }).click();
    await page.getByRole("cell", { name: script, exact: true }).waitFor();
    await page.getByLabel("Path", { exact: true }).fill(`/${script}`);
    await page.locator(".surroundings").getByLabel("Attributes").fill(script);
    await page.getByLabel("Filter the rules").fill(script);
    await page.getByText("Nothing matches.").waitFor();
  }
  assert.equal(ran, false);
  assert.equal(await page.locator("img").count(), 0);
  assert.equal(await page.locator("#page script").count(), 0);
  assert.deepEqual(seen.complaints, []);
  assert.deepEqual(seen.foreign, []);
});

test("where WebAssembly is forbidden the page says so", async () => {
  const strict = await serve({ policy: POLICY.replace(" 'wasm-unsafe-eval'", "") });
  const other = await browser.newPage();
  await other.goto(strict.url);
  await other.getByRole("heading", { name: "This page cannot run here" }).waitFor();
  assert.match(await other.locator("main").innerText(), /WebAssembly/);
  await other.close();
  await strict.close();
});

test("the visitor's choice of less motion is kept", async () => {
  await open("esputnik");
  await page.getByRole("button", { name: "Typo in the key" }).click();
  await page.locator(".verdict").getByText("bad_checksum", { exact: true }).waitFor();
  assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
});

/**
 * One journey through the built page in a real browser, under the policy that the server sends: what a visitor does, in
 * the order in which the page suggests it. Every outcome is decided by the real engine; nothing here is faked.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible } from "./accessible.mjs";
import { launch, watch } from "./browser.mjs";
import { serve } from "./serve.mjs";

let host, browser, context, page, seen;

before(async () => {
  host = await serve();
  browser = await launch();
  context = await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme: "light" });
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: host.origin });
  page = await context.newPage();
  seen = watch(page, host.origin);
  await page.goto(host.url);
});

after(async () => {
  await browser?.close();
  await host?.close();
});

const verdict = () => page.locator(".verdict");
const step = (name) => page.locator(`.step[data-step="${name}"]`);
const dialog = () => page.getByRole("dialog");

/** Waits until the page shows this verdict, by word, status and reason, and this step as the one that failed. */
async function decided(word, status, reason, failing) {
  await verdict().getByText(word, { exact: true }).waitFor();
  await verdict().getByText(status, { exact: true }).waitFor();
  if (reason !== undefined) await verdict().getByText(reason, { exact: true }).waitFor();
  const failed = await page.locator(".step.fail").evaluateAll((rows) => rows.map((row) => row.dataset.step));
  assert.deepEqual(failed, failing === undefined ? [] : [failing]);
}

test("the page opens with a request that is allowed, every check explained", async () => {
  await decided("Allow", "200");
  assert.equal(await page.locator(".step").count(), 12);
  assert.match(await step("scope").innerText(), /events/);
  await page.getByText("Your handler runs, with this grant").waitFor();
  await accessible(page, "light");
});

let key;

test("a key is created in eSputnik's words, shown once, and copied", async () => {
  await page.getByRole("button", { name: "Add key" }).click();
  await dialog().getByLabel("Description").fill("Newsletter <b>sync</b>");
  await dialog().getByRole("radio", { name: "Access to events and contacts" }).check();
  await dialog()
    .getByLabel("Expires")
    .selectOption({ label: await option(/After 30 days/) });
  await accessible(page, "the form", "dialog");
  await dialog().getByRole("button", { name: "Add key" }).click();

  await dialog().getByText("only a hint of it is kept here").waitFor();
  key = await dialog().getByLabel("Your new key").innerText();
  assert.match(key, /^es_[0-9A-Za-z]{36}$/);
  await accessible(page, "the key, shown once", "dialog");
  await page.keyboard.press("Escape");
  assert.ok(await dialog().isVisible(), "Escape does not throw the only sight of a key away");
  await dialog().getByRole("button", { name: "Copy key" }).click();
  await dialog().getByRole("button", { name: "Copied" }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), key);
  await dialog().getByRole("button", { name: "Done" }).click();
  await dialog().waitFor({ state: "detached" });

  const row = page.getByRole("row", { name: /Newsletter/ });
  assert.match(await row.innerText(), /Newsletter <b>sync<\/b>/, "what a visitor types is text, never markup");
  assert.match(await row.innerText(), /Available\s+expires in (29|30) days/);
  assert.ok(!(await page.content()).includes(key), "the key is nowhere in the document any more");
  assert.ok(!(await page.content()).includes(key.slice(3, 33)), "nor is its secret part");
});

test("the new key is allowed what its level opens, and refused what it does not", async () => {
  await page.getByLabel("Path").fill("/api/v2/contact/17");
  await page.getByLabel("Method", { exact: true }).selectOption("GET");
  await decided("Allow", "200");
  await page.getByLabel("Username").fill("any näme at all");
  await decided("Allow", "200");

  await page.getByRole("button", { name: "Forbidden route" }).click();
  await decided("Deny", "403", "insufficient_scope", "scope");
  const reply = page.getByLabel("The response to the caller");
  assert.match(await reply.innerText(), /HTTP\/1\.1 403 Forbidden[^]*application\/problem\+json[^]*insufficient_scope/);
  await announced(/Was allow, is now deny 403 Forbidden \(insufficient_scope\)/);
  await page.getByRole("button", { name: "Forbidden route" }).click();
  await decided("Allow", "200");
});

test("a path that can be read in two ways is refused", async () => {
  await page.getByRole("button", { name: "Ambiguous path" }).click();
  await decided("Deny", "400", "malformed_path", "path");
  await page.getByRole("button", { name: "Ambiguous path" }).click();
  await decided("Allow", "200");
});

test("a typo in the key is caught by the checksum, and the caller learns nothing", async () => {
  await page.getByRole("button", { name: "Typo in the key" }).click();
  await decided("Deny", "401", "bad_checksum", "checksum");
  assert.match(await step("digest").innerText(), /not reached/);
  const reply = await page.getByLabel("The response to the caller").innerText();
  assert.match(reply, /www-authenticate: Basic realm="eSputnik API"/);
  assert.doesNotMatch(reply, /checksum/);
  await page.getByRole("button", { name: "Typo in the key" }).click();
  await decided("Allow", "200");
});

test("no credential at all is refused", async () => {
  const credential = page.getByLabel("Password: the key");
  const chosen = await credential.inputValue();
  await credential.selectOption("No credential at all");
  await decided("Deny", "401", "missing_credential", "credential");
  await credential.selectOption("Paste another key");
  await page.getByLabel("Pasted key").fill(key);
  await decided("Allow", "200");
  await credential.selectOption(chosen);
  await decided("Allow", "200");
});

test("the key is switched off and on again, each time confirmed", async () => {
  const toggle = page.getByRole("switch", { name: /Newsletter/ });
  await toggle.click();
  await accessible(page, "the confirmation", "dialog");
  await dialog().getByRole("button", { name: "Cancel" }).click();
  await decided("Allow", "200");
  assert.equal(await toggle.getAttribute("aria-checked"), "true");

  await toggle.click();
  await dialog().getByRole("button", { name: "Switch off" }).click();
  await decided("Deny", "401", "disabled", "state");
  await announced(/is now deny 401 Unauthorized \(disabled\)/);
  assert.match(await page.getByRole("row", { name: /Newsletter/ }).innerText(), /Not available/);
  assert.ok(await toggle.evaluate((node) => node === document.activeElement), "the focus is back on the switch");
  await accessible(page, "a refusal", ".workshop");

  await page.keyboard.press("Enter");
  await dialog().getByRole("button", { name: "Switch on" }).click();
  await decided("Allow", "200");
});

test("a lower level closes routes at once", async () => {
  const level = page.getByLabel("Access of Newsletter");
  await level.selectOption("Access to events");
  await decided("Deny", "403", "insufficient_scope", "scope");
  await level.selectOption("Full access to API");
  await decided("Allow", "200");
  await page.getByText("every rule is open to it").waitFor();
  await level.selectOption("Access to events and contacts");
  await decided("Allow", "200");
});

test("time passes: the key expires, and an unused one is disabled", async () => {
  const days = page.getByRole("slider", { name: "Days from today" });
  await days.fill("29");
  await decided("Allow", "200");
  await days.focus();
  await page.keyboard.press("ArrowRight");
  await decided("Deny", "401", "expired", "state");
  await announced(/\(expired\)/);

  await page.getByLabel("Password: the key").selectOption({ label: await option(/Web shop/) });
  await page.getByLabel("Path").fill("/api/event");
  await page.getByLabel("Method", { exact: true }).selectOption("POST");
  await decided("Allow", "200");
  await page.getByRole("button", { name: "+90 days" }).click();
  await decided("Deny", "401", "disabled", "state");
  await page.getByText("unused for 90 days").first().waitFor();
  await page.getByRole("button", { name: "Today", exact: true }).click();
  await decided("Allow", "200");
});

test("a request is pasted as curl", async () => {
  await page.getByText("Paste curl").click();
  const field = page.getByLabel("curl command");
  await page.getByText("Paste a command that starts with curl.").first().waitFor();
  await page.getByRole("button", { name: "Write the composed request here" }).click();
  await decided("Allow", "200");

  await field.fill(`curl -sS 'https://api.example.com/api/v1/contacts' \\\n  -u "someone:${key}"`);
  await decided("Allow", "200");
  await page.getByText("Without a part in the decision: -s, -S.").waitFor();
  await accessible(page, "a pasted command", ".request");
  await field.fill("");
});

test("a deleted key is unknown from then on", async () => {
  await page.getByText("Compose", { exact: true }).click();
  await page.getByRole("button", { name: /^More for Web shop/ }).click();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await dialog().getByRole("button", { name: "Delete" }).click();
  await decided("Deny", "401", "unknown_key", "digest");
  assert.equal(await page.locator(".keys").getByRole("row").count(), 2, "the heading and the other key");
});

test("the rules are counted for each level and key, filtered, and put into the request", async () => {
  const routes = page.locator(".routes");
  await routes.getByRole("radio", { name: /Access to events can call 24 of 51 methods/ }).waitFor();
  await routes.getByRole("radio", { name: /Full access to API can call 51 of 51 methods/ }).waitFor();
  await routes.getByRole("radio", { name: /Key Newsletter.* can call 41 of 51 methods/ }).check();
  await routes.getByText("Cannot 10", { exact: true }).click();
  assert.equal(await routes.locator(".route-path").count(), 10);
  await routes.getByText("All 51", { exact: true }).click();
  await routes.getByRole("searchbox").fill("messages.send delete");
  assert.deepEqual(await routes.locator(".route-path").allInnerTexts(), ["/api/v1/broadcast/{broadcast_id}"]);
  assert.deepEqual(
    await routes
      .getByRole("row", { name: /broadcast/ })
      .locator("td")
      .first()
      .innerText(),
    "no",
  );
  await routes.getByRole("searchbox").fill("no such thing");
  await routes.getByText("Nothing matches.").waitFor();
  await routes.getByRole("searchbox").fill("past_events");
  await routes.getByRole("row", { name: /POST/ }).getByRole("button").click();
  assert.equal(await page.getByLabel("Path").inputValue(), "/api/v1/past_events");
  assert.equal(await page.getByLabel("Method", { exact: true }).inputValue(), "POST");
});

test("the verification time is measured here, with its spread", async () => {
  await page.getByRole("heading", { name: /one decision takes/ }).scrollIntoViewIfNeeded();
  await page.getByText(/Median of 240 samples/).waitFor({ timeout: 60_000 });
  assert.match(await page.locator(".figure").innerText(), /^\d[\d.]* ?(ns|µs)$/);
  await page.getByRole("img", { name: /^Histogram of 240 samples/ }).waitFor();
});

test("dark and phone-sized, the page is as accessible and never wider than its window", async () => {
  await page.getByRole("button", { name: /Dark/ }).click();
  await accessible(page, "dark");
  for (const width of [390, 360]) {
    await page.setViewportSize({ width, height: 780 });
    const widest = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(widest, width, `no sideways scrolling at ${width} px`);
  }
  await accessible(page, "dark, 360 px");
  await page.getByRole("button", { name: /Light/ }).click();
  await accessible(page, "light, 360 px");
  await page.locator("#keys-title").evaluate((title) => title.scrollIntoView());
  const bar = page.getByRole("link", { name: /^Deny 401/ });
  await bar.click();
  await page.waitForFunction(() => location.hash === "#decision");
});

test("nothing was complained about, asked of others, stored, or put into the address", async () => {
  assert.deepEqual(seen.complaints, []);
  assert.deepEqual(seen.foreign, []);
  assert.ok(seen.requests.length <= 8, `a handful of files of its own: ${seen.requests.join(" ")}`);
  const stored = await page.evaluate(async () => ({
    local: localStorage.length,
    session: sessionStorage.length,
    cookies: document.cookie,
    databases: (await indexedDB.databases()).length,
    caches: (await caches.keys()).length,
  }));
  assert.deepEqual(stored, { local: 0, session: 0, cookies: "", databases: 0, caches: 0 });
  assert.ok(!page.url().includes(key.slice(3)), "the key is not in the address");
});

/** The polite live region says it: what a screen reader hears of the change. */
async function announced(text) {
  await page.locator("#decision [aria-live=polite]").filter({ hasText: text }).waitFor({ state: "attached" });
}

/** The whole label of the first option that matches. */
async function option(pattern) {
  return page.locator("option").filter({ hasText: pattern }).first().innerText();
}

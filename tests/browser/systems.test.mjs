/**
 * Each system in its own words: its address, its form, its list, a call that is allowed and those that are not, and how a
 * key of it ends. The page knows none of them by name; what is expected here stands in docs/systems.md.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { accessible } from "./accessible.mjs";
import { launch, watch } from "./browser.mjs";
import { serve } from "./serve.mjs";

const SYSTEMS = [
  {
    id: "esputnik",
    title: "eSputnik",
    place: "Profile›Settings›API",
    columns: ["Key", "Description", "Access", "Created by", "Creation date", "Status"],
    counts: ["51 of 51 methods", "24 of 51 methods", "41 of 51 methods"],
    create: "Add key",
    submit: "Add key",
    fields: { Description: "Store front" },
    level: "Access to events and contacts",
    key: /^es_[0-9A-Za-z]{36}$/,
    wire: /Authorization: Basic base64\(any-name:es_/,
    allowed: ["DELETE", "/api/v3/contact/17"],
    // E17: not what events and contacts are for; and what no rule lists is for full access alone.
    refused: [
      ["POST", "/api/v1/message/email", "403", "insufficient_scope", "scope"],
      ["PATCH", "/api/v1/message/email", "403", "insufficient_scope", "route"],
    ],
    challenge: /www-authenticate: Basic realm="eSputnik API"/,
    off: { by: "switch", action: "Switch off", word: "Not available", back: "Switch on" },
  },
  {
    id: "emailit",
    title: "Emailit",
    columns: ["Name", "Scope", "Sending domain", "Created", "Changed", "Last used", "Status"],
    counts: ["10 of 10 methods", "5 of 10 methods"],
    create: "Create API key",
    submit: "Create",
    fields: { Name: "Receipts" },
    level: "Sending",
    limits: { "Sending domain": ["7"] },
    key: /^em_live_[0-9A-Za-z]+$/,
    wire: /Authorization: Bearer em_li/,
    said: { "Sending domain": "7" },
    allowed: ["POST", "/v2/emails/42/cancel"],
    refused: [["GET", "/v2/api-keys", "403", "insufficient_scope", "scope"]],
    outside: { "Sending domain": "8" },
    challenge: /www-authenticate: Bearer realm="Emailit API"/,
    off: { by: "switch", action: "Switch off", word: "Switched off", back: "Switch on" },
  },
  {
    id: "optimove",
    title: "Optimove",
    place: "Settings›General›API Key Management",
    columns: ["Nickname", "Contact Email", "Access Type", "Created", "Last used", "Status"],
    counts: ["14 of 14 methods", "12 of 14 methods", "14 of 14 methods"],
    create: "New API Key",
    submit: "Activate key",
    fields: { Nickname: "Partner", "Contact Email": "grace@example.com" },
    level: "Integrations",
    limits: { Attributes: ["age", "city"], Channels: ["sms"] },
    key: /^op_live_[0-9A-Za-z]+$/,
    wire: /X-Api-Key: op_li/,
    said: { Attributes: "age, city", Channels: "sms" },
    allowed: ["GET", "/current/customers/GetCustomersByCampaign"],
    refused: [["POST", "/current/transactional/SendTransactionalMail", "403", "insufficient_scope", "scope"]],
    outside: { Channels: "sms, email" },
    off: { by: "switch", action: "Revoke", word: "Revoked", back: "Restore" },
  },
  {
    id: "smashfly",
    title: "SmashFly",
    place: "Configuration›Developers' Corner›Manage API Keys",
    columns: ["Contact Email", "Description", "Scope", "Generated", "Expires", "Active"],
    counts: ["1 of 6 rules", "1 of 6 rules"],
    create: "Generate New Key",
    submit: "Generate",
    fields: { "Contact Email": "grace@example.com" },
    level: "Contact API",
    lifetimes: ["90 days", "180 days", "1 year"],
    key: /^sf_[0-9A-Za-z]+$/,
    wire: /X-Api-Key: sf_/,
    allowed: ["GET", "/contact-export/2026/november"],
    // S2: closed to every key, and the caller is told what to use instead.
    refused: [
      ["GET", "/list-lookup/1", "403", "insufficient_scope", "scope"],
      ["GET", "/jobs/1", "403", "insufficient_scope", "scope", /credentials of the user/],
    ],
    challenge: /www-authenticate: .*Bearer/,
    off: { by: "check", action: "Deactivate", confirm: "Okay", word: "Not active" },
  },
  {
    id: "inboxfirst",
    title: "InboxFirst",
    columns: ["Id", "API key", "Name", "Role", "Active"],
    counts: ["15 of 15 rules"],
    create: "New API key",
    submit: "Create",
    fields: { Name: "Reports", "Account number": "6" },
    level: "Organization administrator",
    key: /^Nj[op][0-9A-Za-z+/]+=*$/,
    recoverable: true,
    wire: /Authorization: Basic Nj[op]/,
    allowed: ["PUT", "/ga/api/v2/organization/6/api_keys/9"],
    refused: [["GET", "/ga/api/v1/api_keys", "403", "insufficient_scope", "route"]],
    challenge: /www-authenticate: Basic realm="InboxFirst API"/,
    off: { by: "switch", action: "Deactivate", word: "Not active", back: "Reactivate" },
  },
  {
    id: "keyward",
    title: "Keyward",
    columns: ["Key", "Name", "Access", "Created by", "Created", "Last used", "Expires", "Status"],
    counts: ["1 of 2 rules", "2 of 2 rules"],
    create: "New key",
    submit: "Create key",
    fields: { Name: "Office" },
    level: "Read",
    limits: { "Client networks": ["10.0.0.0/8", "2001:db8::/32"] },
    key: /^kw_live_[0-9A-Za-z]+$/,
    wire: /Authorization: Bearer kw_li/,
    said: { "Client address": "2001:db8::7" },
    allowed: ["GET", "/anything/at/all"],
    refused: [["POST", "/anything", "403", "insufficient_scope", "scope"]],
    outside: { "Client address": "192.0.2.1" },
    challenge: /www-authenticate: Bearer realm="API"/,
    off: { by: "switch", action: "Switch off", word: "Off", back: "Switch on" },
  },
];

let host, browser, page, seen;

before(async () => {
  host = await serve();
  browser = await launch();
  const context = await browser.newContext({ reducedMotion: "reduce" });
  page = await context.newPage();
  seen = watch(page, host.origin);
});

after(async () => {
  await browser?.close();
  await host?.close();
});

for (const system of SYSTEMS) {
  describe(system.title, () => {
    const dialog = () => page.getByRole("dialog");
    const label = Object.values(system.fields)[0];
    const row = () => page.locator(".keys").getByRole("row").filter({ hasText: label });

    before(async () => {
      await page.setViewportSize({ width: 1280, height: 900 });
      await page.emulateMedia({ colorScheme: "light" });
      await page.goto(`${host.url}?system=${system.id}`);
    });

    /** Waits until the page shows this verdict, by word, status and reason, and this step as the one that failed. */
    async function decided(word, status, reason, failing) {
      const verdict = page.locator(".verdict");
      await verdict.getByText(word, { exact: true }).waitFor();
      await verdict.getByText(status, { exact: true }).waitFor();
      if (reason !== undefined) await verdict.getByText(reason, { exact: true }).waitFor();
      const failed = await page.locator(".step.fail").evaluateAll((steps) => steps.map((step) => step.dataset.step));
      assert.deepEqual(failed, failing === undefined ? [] : [failing]);
    }

    async function ask(method, path) {
      await page.getByLabel("Method", { exact: true }).selectOption(method);
      await page.getByLabel("Path", { exact: true }).fill(path);
      await page.locator(".verdict-asked").getByText(`${method} ${path}`, { exact: true }).waitFor();
    }

    async function say(said = {}) {
      for (const [about, text] of Object.entries(said))
        await page.locator(".surroundings").getByLabel(about).fill(text);
    }

    test("its address opens it, in its own words and columns", async () => {
      await decided("Allow", "200");
      assert.match(await page.title(), new RegExp(system.title));
      assert.equal(await page.locator(".system[aria-current=page] strong").innerText(), system.title);
      if (system.place !== undefined) assert.equal(await page.locator(".place").innerText(), system.place);
      const columns = await page.locator(".key-table th").allInnerTexts();
      assert.deepEqual(columns.slice(0, -1), system.columns);
      assert.equal(await page.locator(".step").count(), 12);
      await accessible(page, `${system.title}, light`);
    });

    test("its rules are counted for each level", async () => {
      const counts = await page.locator(".caller:has(small:not(:text-is('Key'))) .help").allInnerTexts();
      assert.deepEqual(
        counts,
        system.counts.map((count) => `can call ${count}`),
      );
    });

    test("a key is made with its form, and shown", async () => {
      await page.getByRole("button", { name: system.create, exact: true }).click();
      for (const [field, text] of Object.entries(system.fields)) {
        await dialog().getByLabel(field, { exact: true }).fill(text);
      }
      await dialog().getByRole("radio", { name: system.level, exact: false }).first().check();
      for (const [title, values] of Object.entries(system.limits ?? {})) {
        const limit = dialog().getByRole("group", { name: title });
        await limit.getByText("Only …").click();
        for (const value of values) {
          await limit.getByLabel(`${title}: value`).fill(value);
          await limit.getByRole("button", { name: "Add" }).click();
          await limit.getByText(value, { exact: true }).waitFor();
        }
      }
      if (system.lifetimes !== undefined) {
        const offered = dialog().locator(".choices-row strong");
        assert.deepEqual(await offered.allInnerTexts(), system.lifetimes);
        await dialog()
          .getByRole("radio", { name: system.lifetimes.at(-1) })
          .check();
      }
      await accessible(page, `${system.title}, the form`, "dialog");
      await dialog().getByRole("button", { name: system.submit, exact: true }).click();
      const key = await dialog().getByLabel("Your new key").innerText();
      assert.match(key, system.key);
      await dialog()
        .getByRole("button", { name: /^(Done|Close without copying)$/ })
        .click();
      assert.equal((await page.content()).includes(key), false, "the key is nowhere in the document");
      if (system.recoverable === true) {
        await row().getByRole("button", { name: "Show key" }).click();
        await row().getByText(key, { exact: true }).waitFor();
        await row()
          .getByRole("button", { name: /Show key/ })
          .click();
      }
    });

    test("it is allowed what it is for, sent in the way of the system", async () => {
      await say(system.said);
      await ask(...system.allowed);
      await decided("Allow", "200");
      assert.match(await page.getByLabel("The request as it is sent").innerText(), system.wire);
      await page.getByRole("button", { name: "Send", exact: true }).click();
      await page.getByText("1 sent, allowed.").waitFor();
    });

    for (const [method, path, status, reason, failing, told] of system.refused) {
      test(`it is refused ${method} ${path}`, async () => {
        await ask(method, path);
        await decided("Deny", status, reason, failing);
        const reply = await page.getByLabel("The response to the caller").innerText();
        assert.match(reply, new RegExp(`^HTTP/1.1 ${status}[^]*"code": "${reason}"`));
        if (told !== undefined) assert.match(reply, told);
        await ask(...system.allowed);
        await decided("Allow", "200");
      });
    }

    if (system.outside !== undefined) {
      test("it is refused outside of what it is limited to, and where nothing is said", async () => {
        await say(system.outside);
        await decided("Deny", "403", "constraint_violated", "constraint");
        await say(Object.fromEntries(Object.keys(system.outside).map((about) => [about, ""])));
        await decided("Deny", "403", "constraint_violated", "constraint");
        assert.match(await page.locator('.step[data-step="constraint"]').innerText(), /the call does not say it/);
        await say(system.said);
        await decided("Allow", "200");
        await page.getByRole("button", { name: "Outside its limits" }).click();
        await decided("Deny", "403", "constraint_violated", "constraint");
        await page.getByRole("button", { name: "Outside its limits" }).click();
        await say(system.said);
        await decided("Allow", "200");
      });
    }

    test("it is out of use as the system has it", async () => {
      const { by, action, confirm = action, word, back } = system.off;
      const control = by === "switch" ? row().getByRole("switch") : row().getByTitle(action);
      await control.click();
      await dialog().getByRole("button", { name: "Cancel" }).click();
      await decided("Allow", "200");
      await control.click();
      await dialog().getByRole("button", { name: confirm, exact: true }).click();
      await decided("Deny", "401", "disabled", "state");
      const reply = await page.getByLabel("The response to the caller").innerText();
      if (system.challenge !== undefined) assert.match(reply, system.challenge);
      await row().getByText(word, { exact: true }).waitFor();
      if (back === undefined) {
        assert.equal(await row().getByRole("button").count(), 0, "nothing is left to press");
        assert.equal(await row().getByRole("switch").count(), 0);
      } else {
        await control.click();
        await dialog().getByRole("button", { name: back, exact: true }).click();
        await decided("Allow", "200");
      }
    });

    test("dark and narrow, it is as accessible and never wider than its window", async () => {
      await page.emulateMedia({ colorScheme: "dark" });
      await accessible(page, `${system.title}, dark`);
      await page.setViewportSize({ width: 360, height: 780 });
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
      assert.deepEqual(seen.complaints, []);
      assert.deepEqual(seen.foreign, []);
    });
  });
}

test("systems are chosen by the keyboard, keep their keys, and have addresses to go back to", async () => {
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.goto(`${host.url}?system=no-such-system`);
  const chosen = () => page.locator(".system[aria-current=page]");
  assert.match(await chosen().innerText(), /eSputnik/, "what no system is called opens the first one");
  const hint = await page.locator(".hint").first().innerText();
  await chosen().focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByText("Emailit API: a bearer token").waitFor();
  assert.match(page.url(), /\?system=emailit$/);
  assert.ok(await chosen().evaluate((link) => link === document.activeElement), "the focus stays where it was");
  await page.getByRole("link", { name: /SmashFly/ }).click();
  await page.getByText("Manage API Keys").waitFor();
  await page.goBack();
  await page.goBack();
  await page.locator(".hint").getByText(hint, { exact: true }).waitFor();
  assert.deepEqual(seen.complaints, []);
});

test("a key is replaced, and the one before goes on until its end", async () => {
  await page.goto(`${host.url}?system=optimove`);
  const verdict = (reason) => page.locator(".verdict").getByText(reason, { exact: true }).waitFor();
  const credential = page.getByLabel("Key", { exact: true });
  await page.getByRole("button", { name: "More for Web shop" }).click();
  await page.getByRole("button", { name: "Regenerate", exact: true }).click();
  await page.getByRole("dialog").getByLabel("The old key ends").selectOption("1");
  await page.getByRole("dialog").getByRole("button", { name: "Regenerate" }).click();
  const key = await page.getByRole("dialog").getByLabel("Your new key").innerText();
  assert.match(key, /^op_live_/);
  await page.getByRole("button", { name: "Close without copying" }).click();
  await verdict("Allow");
  const old = await page.locator("option").filter({ hasText: "The key before" }).innerText();
  await credential.selectOption(old);
  await verdict("Allow");
  await page.getByRole("button", { name: "+7 days" }).click();
  await verdict("expired");
  await credential.selectOption({ index: 0 });
  await verdict("Allow");
});

test("a rate is kept: what is sent beyond it is refused, and told when to come again", async () => {
  await page.goto(`${host.url}?system=keyward`);
  await page.getByRole("button", { name: "New key" }).click();
  await page.getByRole("dialog").getByLabel("Name", { exact: true }).fill("Eager");
  await page.getByRole("dialog").getByLabel("Calls").fill("3");
  await page.getByRole("dialog").getByRole("button", { name: "Create key" }).click();
  await page.getByRole("button", { name: "Close without copying" }).click();
  await page.getByText("3 calls a minute").waitFor();
  await page.getByRole("button", { name: "Send 10 times" }).click();
  await page.getByText("10 sent: 3 allowed, 7 refused with 429 rate_limited; the next is admitted in 20 s.").waitFor();
  await page.getByText("0 of 3 left").waitFor();
});

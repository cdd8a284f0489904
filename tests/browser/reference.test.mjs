/** The reference at /docs, as the server answers it: readable, searchable, accessible, and alone with its server. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { accessible } from "./accessible.mjs";
import { launch, watch } from "./browser.mjs";

const ROOT = new URL("../../", import.meta.url);
const FILES = {
  "/docs": ["src/http/reference/page.html", "text/html; charset=utf-8"],
  "/docs/page.css": ["src/http/reference/page.css", "text/css; charset=utf-8"],
  "/docs/page.js": ["src/http/reference/page.js", "text/javascript; charset=utf-8"],
  "/openapi.json": ["docs/openapi.json", "application/json"],
};

/** The policy that the server sends (tests/http/reference.rs holds it there). */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; " +
  "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

let server, browser, origin;

before(async () => {
  server = createServer(async ({ url }, answer) => {
    const [path, type] = FILES[url] ?? [];
    if (path === undefined) return answer.writeHead(404).end();
    answer.writeHead(200, { "content-type": type, "content-security-policy": POLICY });
    answer.end(await readFile(new URL(path, ROOT)));
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  origin = `http://127.0.0.1:${server.address().port}`;
  browser = await launch();
});

after(async () => {
  await browser?.close();
  server?.close();
});

async function open(options = {}, hash = "") {
  const page = await browser.newPage(options);
  const seen = watch(page, origin);
  await page.goto(`${origin}/docs${hash}`);
  await page.waitForFunction(() => document.querySelectorAll("details").length > 0);
  return { page, seen };
}

test("the page lists every operation and asks nobody else", async () => {
  const { page, seen } = await open();
  const { paths } = JSON.parse(await readFile(new URL("docs/openapi.json", ROOT), "utf8"));
  const count = Object.values(paths).flatMap((item) => Object.keys(item)).length;
  assert.equal(await page.locator("details").count(), count);
  for (const entry of await page.locator("details").all()) {
    await entry.locator("summary").click();
    assert.match(await entry.locator("pre").first().textContent(), /^curl .*\$KEYWARD_URL\//);
    assert.ok((await entry.locator("h4").allTextContents()).includes("Answers"));
  }
  assert.deepEqual(seen.complaints, []);
  assert.deepEqual(seen.foreign, []);
  await page.close();
});

test("a search leaves what has all the words", async () => {
  const { page } = await open();
  const visible = () => page.locator("details:visible").evaluateAll((all) => all.map(({ id }) => id));
  const search = page.getByLabel("Search");
  await search.fill("rotate accounts POST");
  assert.ok((await visible()).includes("rotate_key"));
  assert.ok(!(await visible()).includes("list_keyspaces"));
  await search.fill("idempotency-key");
  assert.deepEqual(await visible(), ["create_key", "rotate_key"]);
  assert.match(await page.getByRole("status").textContent(), /^2 of \d+ operations$/);
  await search.fill("quokkas rotate zebras");
  assert.deepEqual(await visible(), []);
  await search.fill("");
  assert.match(await page.getByRole("status").textContent(), /^\d+ operations$/);
  await page.close();
});

test("a link opens its operation", async () => {
  const { page } = await open({}, "#create_key");
  const entry = page.locator("#create_key");
  assert.ok(await entry.evaluate(({ open }) => open));
  const text = await entry.textContent();
  for (const part of ["Idempotency-Key", "expires_in_days", "CRM of the Berlin office", "keys_not_enabled", "ETag"]) {
    assert.ok(text.includes(part), part);
  }
  await page.close();
});

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1200, 360]) {
    test(`accessible, ${colorScheme}, ${width} px wide`, async () => {
      // axe puts its own script into the page.
      const options = { bypassCSP: true, colorScheme, viewport: { width, height: 900 } };
      const { page } = await open(options, "#create_key");
      await page.locator("#list_keys summary").click();
      await accessible(page, `${colorScheme}, ${width}`);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      assert.ok(!overflow, "nothing scrolls sideways but code");
      if (process.env.SHOTS) {
        await page.screenshot({ path: `${process.env.SHOTS}/docs-${colorScheme}-${width}.png`, fullPage: false });
      }
      await page.close();
    });
  }
}

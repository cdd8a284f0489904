/**
 * What the page makes of pasted `curl` commands: what it would send, and what it says about the rest. Read off the built
 * page, since what it tells the visitor is the point.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, watch } from "./browser.mjs";
import { serve } from "./serve.mjs";

let host, browser, page, seen;

before(async () => {
  host = await serve();
  browser = await launch();
  page = await browser.newPage();
  seen = watch(page, host.origin);
  await page.goto(host.url);
  await page.getByText("Paste curl").click();
});

after(async () => {
  await browser?.close();
  await host?.close();
});

/** A command, what it is read as, and what is said besides. */
const COMMANDS = [
  ["curl https://a.example/api/event", "GET https://a.example/api/event, without a key", []],
  ["$ curl -u any:secret https://a.example/x", "GET https://a.example/x, with Authorization: Basic …", []],
  ["curl -uany:secret https://a.example/x", "GET https://a.example/x, with Authorization: Basic …", []],
  ["curl -X DELETE 'https://a.example/a b?c=1'", "DELETE https://a.example/a b?c=1, without a key", []],
  ["curl -XPUT https://a.example/x", "PUT https://a.example/x, without a key", []],
  ["curl -I https://a.example/x", "HEAD https://a.example/x, without a key", []],
  [
    'curl \\\n  --request POST \\\n  --url "https://a.example/x" \\\n  --header "Authorization: Bearer es_1"',
    "POST https://a.example/x, with Authorization: Bearer …",
    [],
  ],
  [
    `curl -d '{"a":1}' -H 'Content-Type: application/json' https://a.example/x`,
    "POST https://a.example/x, without a key",
    ["Without a part in the decision: -d (the body), Content-Type."],
  ],
  [
    "curl -G -d a=1 https://a.example/x",
    "GET https://a.example/x, without a key",
    ["Without a part in the decision: -d (the body)."],
  ],
  ["curl a.example/x", "GET http://a.example/x, without a key", ["The URL has no scheme: curl takes http://."]],
  [
    'curl -u "any:$KEY" https://a.example/x',
    "GET https://a.example/x, with Authorization: Basic …",
    ["$KEY is not replaced here: a shell would put something else in its place."],
  ],
  [
    "curl --proto '=https' https://a.example/x",
    "GET https://a.example/x, without a key",
    ["--proto =https is not understood here and was left out."],
  ],
  [
    "curl -H 'Authorization: Basic YTpi' -H 'authorization: Bearer c' https://a.example/x",
    "GET https://a.example/x, with 2 Authorization headers",
    ["Authorization is there twice: a runtime joins the two with a comma."],
  ],
  [
    "curl -u a:b -H 'Authorization: Bearer c' https://a.example/x",
    "GET https://a.example/x, with Authorization: Bearer …",
    ["An Authorization header was given too, so curl does not send -u."],
  ],
  [
    "curl https://a.example/x https://b.example/y",
    "GET https://a.example/x, without a key",
    ["A second URL, https://b.example/y, was left out."],
  ],
];

for (const [command, read, notes] of COMMANDS) {
  test(command, async () => {
    await page.getByLabel("curl command").fill(command);
    await page.locator(".curl-read").getByText(`Read as ${read}`, { exact: true }).waitFor();
    assert.deepEqual(await page.locator(".curl-notes li").allInnerTexts(), notes);
  });
}

/** Commands that are no request, and why. */
const REFUSED = [
  ["wget https://a.example/x", "The command does not start with curl."],
  ["curl -X POST", "There is no URL in the command."],
  ["curl https://a.example/x -H", "-H needs a value after it."],
  ["curl 'https://a.example/x", "A single quote is opened and never closed."],
  ['curl "https://a.example/x', "A double quote is opened and never closed."],
  [
    "curl https://a.example/x?a=1&b=2",
    "An unquoted & would end the command: put the URL in quotes, or paste the curl command alone.",
  ],
];

for (const [command, why] of REFUSED) {
  test(`${command}: nothing is decided`, async () => {
    await page.getByLabel("curl command").fill(command);
    await page.locator(".curl-read").getByText(why, { exact: true }).waitFor();
    await page.locator("#decision").getByText(`Nothing to decide yet. ${why}`, { exact: true }).waitFor();
    assert.equal(await page.locator(".verdict").count(), 0);
  });
}

test("a header of the system's own is read as the credential that it is", async () => {
  const other = await browser.newPage();
  const heard = watch(other, host.origin);
  await other.goto(`${host.url}?system=smashfly`);
  await other.getByText("Paste curl").click();
  const command = other.getByLabel("curl command");
  const reading = (text) => other.locator(".curl-read").getByText(text, { exact: true }).waitFor();
  const refused = (reason) => other.locator(".verdict").getByText(reason, { exact: true }).waitFor();
  await other.getByRole("button", { name: "Write the composed request here" }).click();
  await other.locator(".verdict").getByText("Allow", { exact: true }).waitFor();
  assert.match(await command.inputValue(), /^curl -X GET [^]*-H 'X-Api-Key: sf_\w+'/);
  const url = "https://a.example/list-lookup/1";
  await command.fill(`curl -H 'x-api-key: sf_abc' ${url}`);
  await reading(`Read as GET ${url}, with X-Api-Key: …`);
  await refused("malformed_key");
  await command.fill(`curl -H 'X-API-KEY: sf_abc' -H 'Authorization: Bearer sf_abc' ${url}`);
  await reading(`Read as GET ${url}, with X-Api-Key: … and Authorization: Bearer …`);
  await refused("ambiguous_credential");
  await command.fill(`curl -H 'X-API-KEY: a' -H 'x-api-key: b' ${url}`);
  await reading(`Read as GET ${url}, with 2 X-Api-Key headers`);
  assert.deepEqual(heard.complaints, []);
  await other.close();
});

test("what curl sends twice is refused as ambiguous", async () => {
  await page
    .getByLabel("curl command")
    .fill("curl -H 'Authorization: Basic YTpi' -H 'Authorization: Basic YTpi' https://a.example/x");
  await page.locator(".verdict").getByText("ambiguous_credential", { exact: true }).waitFor();
  assert.deepEqual(seen.complaints, []);
  assert.deepEqual(seen.foreign, []);
});

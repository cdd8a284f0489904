/** A directory as a page of Chromium, under a policy that lets it run its own scripts and WebAssembly and no more. */
import { chromium } from "playwright-core";
import { createReadStream, existsSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8" };
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'";
/** No sandbox because continuous integration runs as root; the rest keeps the browser from calling home. */
const ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"];

/** Opens `index.html` of a directory; what `launch/page.mjs` has left there, and the browser's version. */
export async function opened(dir) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const path = join(dir, normalize(pathname === "/" ? "/index.html" : pathname));
    const type = TYPES[extname(path)];
    if (type === undefined || !existsSync(path)) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": type, "content-security-policy": POLICY });
    return createReadStream(path).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const browser = await chromium.launch({ executablePath: process.env.CHROME ?? "/usr/bin/chromium", args: ARGS });
  try {
    const page = await browser.newPage();
    const broken = new Promise((_, reject) => page.on("pageerror", reject));
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    const done = page.waitForFunction(() => globalThis.results, undefined, { timeout: 120_000 });
    const results = await (await Promise.race([done, broken])).jsonValue();
    return { version: browser.version(), results };
  } finally {
    await browser.close();
    server.close();
  }
}

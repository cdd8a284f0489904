/** The browser of these tests: the system's Chromium, quiet, and watched for what a page must not do. */
import { chromium } from "playwright-core";

/** `cargo xtask test` names the Chromium that it has found. */
const EXECUTABLE = process.env.CHROME ?? "/usr/bin/chromium";

/** No sandbox because continuous integration runs as root; the rest keeps the browser from calling home. */
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** How long a page may take for anything, in ms: much for a page, little for whoever waits for a test that fails. */
const PATIENCE = 15_000;

/** Starts Chromium. */
export const launch = () => chromium.launch({ executablePath: EXECUTABLE, args: ARGS });

/** Collects what `page` complains about and whom else it asks, from before its first request on. */
export function watch(page, origin) {
  page.setDefaultTimeout(PATIENCE);
  const complaints = [];
  const foreign = [];
  const requests = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    requests.push(request.url());
    if (new URL(request.url()).origin !== origin) foreign.push(request.url());
  });
  return { complaints, foreign, requests };
}

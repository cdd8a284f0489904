/** The real server, over a directory of its own, for as long as the tests of this process run. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

/** Starts it: its URL, and the key of its first operator. KEYWARD_BIN names the binary. */
export async function startServer() {
  const binary = process.env.KEYWARD_BIN;
  if (binary === undefined) throw new Error("KEYWARD_BIN: expected the path of the keyward binary");
  const place = mkdtempSync(join(tmpdir(), "keyward-admin-"));
  const data = join(place, "data");
  const server = spawn(binary, ["serve", "--data", data, "--listen", "127.0.0.1:0"], {
    stdio: ["ignore", "pipe", "ignore"],
    // What the tests are told by variables is none of the server's settings, which refuses what it does not know.
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("KEYWARD_"))),
  });
  after(async () => {
    const ended = new Promise((resolve) => server.once("exit", resolve));
    server.kill("SIGTERM");
    await ended;
    rmSync(place, { recursive: true, force: true });
  });
  const url = await new Promise((resolve, reject) => {
    let said = "";
    server.stdout.on("data", (part) => {
      said += part;
      const [, address] = /listening on (http:\S+)\n/.exec(said) ?? [];
      if (address !== undefined) resolve(address);
    });
    server.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
  });
  return { url, key: readFileSync(join(data, "operator.key"), "utf8").trim() };
}

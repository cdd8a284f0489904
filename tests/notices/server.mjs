/** The real server, over a directory of its own that outlives restarts. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

/** Keys of any end, whose owners are told thirty days before. */
const PROFILE = `
schema_version = 1
id = "zone"
title = "Zone"
[key]
format = "checksummed"
prefix = "zn"
[request]
transports = ["bearer"]
realm = "Zone"
base_path = ""
[[levels]]
id = "all"
title = "Everything"
everything = true
[[fields]]
name = "owner"
label = "Owner"
kind = "email"
required = true
max_length = 254
[[fields]]
name = "description"
label = "Description"
max_length = 200
[lifecycle]
notice_days = 30
`;

export class Server {
  /** Its log, line by line as JSON. */
  log = "";
  #settings;
  #process;
  #url;
  #key;

  /** Rounds of maintenance are made when a test asks for one, and at the start. */
  constructor(settings) {
    this.#settings = { maintenance_interval_seconds: "86400", ...settings };
    this.place = mkdtempSync(join(tmpdir(), "keyward-notices-"));
    after(async () => {
      await this.stop();
      rmSync(this.place, { recursive: true, force: true });
    });
  }

  /** A server with a keyspace `shop` and an account `acme`; `words` is the profile's vocabulary. */
  static async start(settings, words = "") {
    const server = new Server(settings);
    await server.start();
    await server.keyspace("shop", words);
    return server;
  }

  /** A keyspace with an account `acme`. */
  async keyspace(id, words = "") {
    await this.post("/v1/keyspaces", { id, profile_toml: `${PROFILE}\n[vocabulary]\n${words}\n` });
    await this.post(`/v1/keyspaces/${id}/accounts`, { id: "acme" });
  }

  /** A file of the server's owner alone. */
  file(name, text) {
    const path = join(this.place, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }

  async start() {
    const own = Object.entries(process.env).filter(([name]) => !name.startsWith("KEYWARD_"));
    const settings = Object.entries(this.#settings).map(([name, value]) => [`KEYWARD_${name.toUpperCase()}`, value]);
    const binary = process.env.KEYWARD_BIN;
    if (binary === undefined) throw new Error("KEYWARD_BIN: expected the path of the keyward binary");
    const data = join(this.place, "data");
    this.#process = spawn(binary, ["serve", "--data", data, "--listen", "127.0.0.1:0"], {
      stdio: ["ignore", "pipe", "pipe"],
      env: Object.fromEntries([...own, ...settings]),
    });
    this.#process.stderr.on("data", (part) => (this.log += part));
    this.#url = await new Promise((resolve, reject) => {
      let said = "";
      this.#process.stdout.on("data", (part) => {
        said += part;
        const [, address] = /listening on (http:\S+)\n/.exec(said) ?? [];
        if (address !== undefined) resolve(address);
      });
      this.#process.once("exit", (code) => reject(new Error(`the server ended with ${code}: ${this.log}`)));
    });
    this.#key = readFileSync(join(data, "operator.key"), "utf8").trim();
  }

  async stop() {
    const running = this.#process;
    if (running === undefined) return;
    this.#process = undefined;
    const ended = new Promise((resolve) => running.once("exit", resolve));
    running.kill("SIGTERM");
    await ended;
  }

  async ask(method, path, body) {
    const response = await fetch(this.#url + path, {
      method,
      headers: { authorization: `Bearer ${this.#key}`, "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
  }

  async #good(method, path, body) {
    const answer = await this.ask(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
    return answer.body;
  }

  get(path) {
    return this.#good("GET", path);
  }

  post(path, body) {
    return this.#good("POST", path, body);
  }

  /** Makes a key that ends in so many days; its answer. */
  key(owner, days = 10, fields = {}, keyspace = "shop") {
    const body = { level: "all", owner, expires_in_days: days, ...fields };
    return this.post(`/v1/keyspaces/${keyspace}/accounts/acme/keys`, body);
  }

  update(id, body) {
    return this.#good("PATCH", `/v1/keyspaces/shop/accounts/acme/keys/${id}`, body);
  }

  /** A round of maintenance: what it says of notices. */
  async maintain() {
    const { noticed, notices_refused, notices_failed } = await this.post("/v1/maintain");
    return { noticed, notices_refused, notices_failed };
  }

  /** What the audit trail says of notices, the oldest first. */
  async notices() {
    const { data } = await this.get("/v1/keyspaces/shop/audit?action=key.notice");
    return data.reverse();
  }
}

/** What a round says. */
export function said(noticed, notices_refused = 0, notices_failed = 0) {
  return { noticed, notices_refused, notices_failed };
}

/** How the mail server is reached: encrypted beyond this machine, with a password that nobody sees. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { generate } from "selfsigned";
import { Mailbox } from "./mailbox.mjs";
import { Server, said } from "./server.mjs";

const PASSWORD = "correct-horse-battery";
/** No name of this machine to the server, which looks at the name alone. */
const ELSEWHERE = "LOCALHOST";

const certificate = () =>
  generate([{ name: "commonName", value: "localhost" }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions: [
      { name: "basicConstraints", cA: false },
      { name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] },
    ],
  });
const own = await certificate();
const foreign = await certificate();

/** A mail server that asks for a login. */
function strict(options) {
  return new Mailbox({
    key: own.private,
    cert: own.cert,
    authOptional: false,
    disabledCommands: [],
    onAuth: ({ username, password }, session, done) =>
      username === "keys" && password === PASSWORD
        ? done(null, { user: username })
        : done(Object.assign(new Error("5.7.8 no"), { responseCode: 535 })),
    ...options,
  }).open();
}

/** A server that writes to it, with this authority and this password. */
async function writing(scheme, mailbox, authority = own.cert, password = PASSWORD) {
  const files = new Server({});
  return Server.start({
    mail_url: `${scheme}://${scheme === "smtps" ? "localhost" : ELSEWHERE}:${mailbox.port}`,
    mail_from: "keys@zone.example",
    mail_user: "keys",
    mail_password_file: files.file("password", `${password}\n`),
    mail_ca_file: files.file("ca.pem", authority),
  });
}

test("over TLS from the first byte, and over STARTTLS, with a login", async () => {
  for (const [scheme, secure] of [
    ["smtps", true],
    ["smtp", false],
  ]) {
    const mailbox = await strict({ secure });
    const server = await writing(scheme, mailbox);
    await server.key("owner@example.org");
    assert.deepEqual(await server.maintain(), said(1), server.log);
    const [mail] = await mailbox.taken();
    assert.deepEqual([mail.secure, mail.user, mail.to], [true, "keys", ["owner@example.org"]]);
    assert.ok(!server.log.includes(PASSWORD));
  }
});

test("a server without STARTTLS, one that nobody vouches for, and a wrong password get nothing", async () => {
  const plain = await strict({ disabledCommands: ["STARTTLS"], allowInsecureAuth: true });
  const encrypted = await strict({ secure: true });
  for (const [scheme, mailbox, ...others] of [
    ["smtp", plain],
    ["smtps", encrypted, foreign.cert],
    ["smtps", encrypted, own.cert, "wrong-horse"],
  ]) {
    const server = await writing(scheme, mailbox, ...others);
    await server.key("owner@example.org");
    assert.deepEqual(await server.maintain(), said(0, 0, 1));
    assert.deepEqual(await mailbox.taken(), []);
    assert.ok(!server.log.includes("horse") && !server.log.includes("owner@"), server.log);
  }
});

test("a profile that wants notices is told of at the start where there is no mail server", async () => {
  const server = await Server.start({});
  await server.stop();
  await server.start();
  assert.match(server.log, /there is no mail server: name one by mail_url/);
});

test("the settings show everything but the password", () => {
  const env = {
    PATH: process.env.PATH,
    KEYWARD_MAIL_URL: "smtps://mail.example",
    KEYWARD_MAIL_FROM: "keys@zone.example",
    KEYWARD_MAIL_USER: "keys",
    KEYWARD_MAIL_PASSWORD: PASSWORD,
  };
  const { stdout } = spawnSync(process.env.KEYWARD_BIN, ["serve", "--data", "d", "--print-config"], {
    env,
    encoding: "utf8",
  });
  assert.match(stdout, /^mail_url +smtps:\/\/mail\.example +environment KEYWARD_MAIL_URL$/m);
  assert.match(stdout, /^mail_password +\[elided\] +environment KEYWARD_MAIL_PASSWORD$/m);
  assert.ok(!stdout.includes(PASSWORD));
});

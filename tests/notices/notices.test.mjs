/** What owners are told before a key ends: the real server, and a real mail server. */
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { after, test } from "node:test";
import { Mailbox, headers } from "./mailbox.mjs";
import { Server, said } from "./server.mjs";

/** All that a notice has, and nothing else. */
const HEADERS = [
  "Date",
  "Message-ID",
  "From",
  "To",
  "Subject",
  "Auto-Submitted",
  "MIME-Version",
  "Content-Type",
  "Content-Transfer-Encoding",
];

test("an owner is told once, in plain words, and not again after a restart", async () => {
  const mailbox = await new Mailbox().open();
  const server = await Server.start({ ...mailbox.settings, public_url: "https://keys.zone.example" });
  const { key, record } = await server.key("owner@example.org", 10, { description: "CRM sync, склад" });
  await server.key("later@example.org", 40);
  assert.deepEqual(await server.maintain(), said(1));
  const [mail, ...others] = await mailbox.taken();
  assert.deepEqual(others, []);
  assert.deepEqual([mail.from, mail.to], ["keys@zone.example", ["owner@example.org"]]);
  assert.deepEqual(headers(mail.raw), HEADERS);
  const end = `${record.expires_at.slice(0, 10)} ${record.expires_at.slice(11, 16)} UTC`;
  assert.equal(mail.read.subject, `Zone: a key ends on ${end}`);
  assert.deepEqual(mail.read.to, [{ name: "", address: "owner@example.org" }]);
  assert.deepEqual(mail.read.from, { name: "Zone keys", address: "keys@zone.example" });
  assert.equal(mail.read.html, undefined);
  assert.ok(!mail.raw.toString("latin1").includes(key), "never the key");
  for (const words of [
    record.hint,
    end,
    "in 10 days",
    "Level: Everything",
    "CRM sync, склад",
    "internal administrator",
    "https://keys.zone.example",
  ]) {
    assert.ok(mail.read.text.includes(words), `${words} in\n${mail.read.text}`);
  }
  assert.match(mail.raw.toString("latin1"), /\r\nContent-Transfer-Encoding: quoted-printable\r\n/);
  assert.match(mail.raw.toString("latin1"), /\r\nContent-Type: text\/plain; charset=utf-8\r\n/);

  assert.deepEqual(await server.maintain(), said(0));
  await server.stop();
  await server.start();
  assert.deepEqual(await server.maintain(), said(0));
  assert.deepEqual(await mailbox.taken(), []);
  const notices = await server.notices();
  assert.equal(notices.length, 1);
  const { actor, action, target, epoch, details } = notices[0];
  assert.deepEqual([actor, action, target, epoch], ["system", "key.notice", record.id, null]);
  assert.deepEqual(details, {
    outcome: "sent",
    recipient: "owner@example.org",
    expires_at: Date.parse(record.expires_at),
  });
  const check = await server.get("/v1/audit/check");
  assert.equal(check.intact, true);
});

test("another end is told anew; of a key that is off nobody is told", async () => {
  const mailbox = await new Mailbox().open();
  const server = await Server.start(mailbox.settings);
  const { record } = await server.key("owner@example.org", 10);
  const off = await server.key("off@example.org", 10);
  await server.post(`/v1/keyspaces/shop/accounts/acme/keys/${off.record.id}/disable`);
  assert.deepEqual(await server.maintain(), said(1));
  const day = new Date(Date.now() + 20 * 86_400_000).toISOString();
  await server.update(record.id, { expires_at: day });
  assert.deepEqual(await server.maintain(), said(1));
  const mails = await mailbox.taken();
  assert.deepEqual(
    mails.map(({ to }) => to),
    [["owner@example.org"], ["owner@example.org"]],
  );
  assert.notEqual(mails[0].read.messageId, mails[1].read.messageId);
  assert.ok(mails[1].read.text.includes(day.slice(0, 10)));
});

test("while the mail server is down nothing is lost, and when it is back the server writes by itself", async () => {
  const mailbox = await new Mailbox().open();
  const server = await Server.start(mailbox.settings);
  await server.key("owner@example.org");
  await mailbox.close();
  assert.deepEqual(await server.maintain(), said(0, 0, 1));
  assert.deepEqual(await server.notices(), []);
  await server.stop();
  await mailbox.open();
  const written = mailbox.next();
  await server.start();
  assert.deepEqual((await written).to, ["owner@example.org"]);
  assert.ok(!server.log.includes("owner@example.org"), "no address in the log");
  assert.match(server.log, /the mail server takes no notices/);
});

/** A mail server that takes connections and says nothing, with those that it took. */
async function hang() {
  const waiting = [];
  const hanging = createServer((socket) => {
    waiting.push(socket);
    socket.on("error", () => {});
  });
  await new Promise((resolve) => hanging.listen(0, "127.0.0.1", resolve));
  after(() => {
    for (const socket of waiting) socket.destroy();
    hanging.close();
  });
  const settings = {
    mail_url: `smtp://127.0.0.1:${hanging.address().port}`,
    mail_from: "keys@zone.example",
    mail_timeout_seconds: "60",
  };
  return { settings, waiting, connected: () => new Promise((resolve) => hanging.once("connection", resolve)) };
}

/** A mail server that does at a recipient what it is told to; whom it took letters for, and when the first recipient came. */
async function blunt(recipient) {
  const taken = [];
  let first;
  const reached = new Promise((resolve) => (first = resolve));
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.write("220 blunt\r\n");
    let said = "";
    let to;
    let isText = false;
    socket.on("data", (part) => {
      said += part;
      for (let end = said.indexOf("\r\n"); end >= 0; end = said.indexOf("\r\n")) {
        const line = said.slice(0, end);
        said = said.slice(end + 2);
        if (isText) {
          if (line !== ".") continue;
          isText = false;
          taken.push(to);
          socket.write("250 ok\r\n");
        } else if (/^rcpt/i.test(line)) {
          to = /<(.*?)>/.exec(line)[1];
          first();
          recipient(to, socket);
        } else {
          isText = /^data/i.test(line);
          socket.write(isText ? "354 go on\r\n" : /^quit/i.test(line) ? "221 bye\r\n" : "250 ok\r\n");
        }
      }
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const settings = { mail_url: `smtp://127.0.0.1:${server.address().port}`, mail_from: "keys@zone.example" };
  return { settings, taken, reached };
}

test("a mail server that hangs stalls no request", { timeout: 50_000 }, async () => {
  const { settings, waiting, connected } = await hang();
  const server = await Server.start(settings);
  const first = await server.key("owner@example.org");
  let isOver = false;
  const reached = connected();
  const round = server.maintain().then((told) => {
    isOver = true;
    return told;
  });
  await reached;
  for (let made = 0; made < 20; made += 1) {
    const { key } = await server.key(`owner${made}@example.org`);
    const verified = await server.post("/v1/keyspaces/shop/verify", { key });
    assert.equal(verified.allowed, true);
  }
  await server.post(`/v1/keyspaces/shop/accounts/acme/keys/${first.record.id}/disable`);
  assert.equal(isOver, false, "all that, while it hung");
  const asked = Date.now();
  assert.deepEqual([await round, await server.maintain()], [said(0), said(0)], "what is known by then");
  assert.ok(Date.now() - asked < 15_000);
  for (const socket of waiting) socket.destroy();
});

test("the end of the server does not wait for a mail server that hangs", { timeout: 50_000 }, async () => {
  const { settings, connected } = await hang();
  const server = await Server.start(settings);
  await server.key("owner@example.org");
  await server.stop();
  const reached = connected();
  await server.start();
  await reached;
  await server.stop();
});

test("nor where a round was asked for, nor with a letter under way", { timeout: 50_000 }, async () => {
  const { settings, reached } = await blunt(() => {});
  const server = await Server.start({ ...settings, mail_timeout_seconds: "40", farewell_seconds: "10" });
  await server.key("owner@example.org");
  const asked = server.maintain().catch(() => undefined);
  await reached;
  const began = Date.now();
  await server.stop();
  assert.ok(Date.now() - began < 4_000, `${Date.now() - began} ms`);
  await asked;
});

test(
  "an address at which the mail server hangs up keeps nobody back, in no keyspace",
  { timeout: 50_000 },
  async () => {
    const { settings, taken } = await blunt((address, socket) => {
      if (address.startsWith("bad")) socket.destroy();
      else socket.write("250 ok\r\n");
    });
    const server = await Server.start(settings);
    await server.keyspace("first");
    for (let made = 0; made < 25; made += 1) await server.key(`bad${made}@example.org`, 5, {}, "first");
    await server.key("behind@example.org", 10, {}, "first");
    await server.key("elsewhere@example.org");
    const rounds = [await server.maintain(), await server.maintain(), await server.maintain()];
    assert.deepEqual(taken.sort(), ["behind@example.org", "elsewhere@example.org"], JSON.stringify(rounds));
    assert.ok(!/bad\d*@/.test(server.log));
  },
);

test("what a mail server says without a code is not in the log", async () => {
  const { settings } = await blunt((address, socket) => socket.write(`sorry ${address} said no\r\n`));
  const server = await Server.start(settings);
  await server.key("leak@example.org");
  assert.deepEqual(await server.maintain(), said(0, 0, 1));
  await server.stop();
  assert.match(server.log, /"why":"response"/);
  assert.ok(!/leak@|sorry/.test(server.log), server.log);
});

test("an owner who comes while a round is under way is told, and the former one is not", async () => {
  const { settings, taken, reached } = await blunt((address, socket) => {
    setTimeout(() => socket.write("250 ok\r\n"), address.startsWith("slow") ? 1_500 : 0);
  });
  const server = await Server.start(settings);
  await server.key("slow@example.org", 5);
  const { record } = await server.key("former@example.org", 10);
  const round = server.maintain();
  await reached;
  await server.update(record.id, { owner: "new@example.org", description: "was former@example.org" });
  await round;
  await server.maintain();
  assert.deepEqual(taken, ["slow@example.org", "new@example.org"]);
});

test("an address that is refused is given up, which the trail says, until it is another", async () => {
  const mailbox = await new Mailbox().open();
  mailbox.refuse = (address) => (address.startsWith("gone") ? [550, `5.1.1 <${address}> is unknown here`] : undefined);
  const server = await Server.start(mailbox.settings);
  const { record } = await server.key("gone@example.org", 10);
  await server.key("here@example.org", 11);
  assert.deepEqual(await server.maintain(), said(1, 1));
  assert.deepEqual(await server.maintain(), said(0));
  const [refused, sent] = await server.notices();
  assert.deepEqual([refused.details.outcome, refused.details.reply], ["refused", "550 5.1.1"]);
  assert.deepEqual([sent.details.outcome, sent.details.recipient], ["sent", "here@example.org"]);
  assert.ok(!/gone@|here@/.test(server.log), "no address in the log");
  await server.update(record.id, { owner: "back@example.org" });
  assert.deepEqual(await server.maintain(), said(1));
  const mails = await mailbox.taken();
  assert.deepEqual(
    mails.map(({ to }) => to[0]),
    ["here@example.org", "back@example.org"],
  );
});

test("what is refused for now, or by policy, is tried again", async () => {
  const mailbox = await new Mailbox().open();
  const server = await Server.start(mailbox.settings);
  await server.key("owner@example.org");
  for (const reply of [
    [451, "4.7.1 greylisted"],
    [554, "5.7.1 relay access denied"],
    [530, "log in first"],
  ]) {
    mailbox.refuse = () => reply;
    assert.deepEqual(await server.maintain(), said(0, 0, 1), reply.join(" "));
  }
  mailbox.refuse = () => undefined;
  assert.deepEqual(await server.maintain(), said(1));
});

/** Threat 50: what would begin a header, or look like one. */
const CORPUS = [
  "a\r\nBcc: x@example.net",
  "a\nBcc: x@example.net",
  "a\rBcc: x@example.net",
  "a\r\n\r\nanother body",
  "a\r\n.\r\nMAIL FROM:<x@example.net>",
  "a\u0085Bcc: x@example.net",
  "a\u2028Bcc: x@example.net",
  "a\u2029Bcc: x@example.net",
  "a\u000bBcc: x@example.net",
  "a\u0000b",
  "\u202emoc.elpmaxe",
  "=?utf-8?Q?a=0D=0ABcc:_x@example.net?=",
  "=?utf-8?B?YQ0KQmNjOiB4QGV4YW1wbGUubmV0?=",
  "%0d%0aBcc: x@example.net",
  "\\r\\nBcc: x@example.net",
  "Bcc: x@example.net",
  ". ",
  ".",
  "<b>bold</b>",
  "{hint}{url}",
  `${"long ".repeat(39)}end`,
  "слово ".repeat(33).trim(),
  "=3D=\u00a0",
];

test("no text makes a header, whatever it says", async () => {
  const mailbox = await new Mailbox().open();
  const words = 'notice_subject = "{description} / {hint}"\nnotice_text = "{description}\\n{owner}\\n{level}"';
  const server = await Server.start(mailbox.settings, words);
  const keys = "/v1/keyspaces/shop/accounts/acme/keys";
  let taken = 0;
  for (const description of CORPUS) {
    const body = { level: "all", owner: `o${taken}@example.org`, expires_in_days: 10, description };
    const { status } = await server.ask("POST", keys, body);
    assert.ok([201, 400].includes(status), `${description}: ${status}`);
    taken += status === 201 ? 1 : 0;
  }
  assert.ok(taken >= 10, "what can be written is written");
  for (const text of CORPUS) {
    for (const owner of [text, `${text}@example.org`, `o@${text}`, `o@example.org${text}`]) {
      const { status } = await server.ask("POST", keys, { level: "all", owner, expires_in_days: 10 });
      assert.ok([201, 400].includes(status), `${owner}: ${status}`);
      taken += status === 201 ? 1 : 0;
    }
  }
  let told = 0;
  for (let round = await server.maintain(); round.noticed > 0; round = await server.maintain()) told += round.noticed;
  const mails = await mailbox.taken();
  assert.equal(mails.length, told);
  for (const { raw, to, read } of mails) {
    const text = raw.toString("latin1");
    assert.deepEqual(headers(raw), HEADERS, text);
    assert.deepEqual(to, [read.to[0].address], text);
    assert.equal(to.length, 1);
    assert.equal(read.bcc, undefined);
    assert.ok(!/[\r\n\u0085\u2028\u2029]/.test(read.subject), text);
    assert.equal(read.html, undefined);
    assert.ok(!/[^\r]\n|\r[^\n]/.test(text), "no stray ends of lines");
  }
});

/** A real SMTP server that keeps what it takes. */
import { after } from "node:test";
import PostalMime from "postal-mime";
import { SMTPServer } from "smtp-server";

export class Mailbox {
  /** Each with what the envelope said, whether the connection was encrypted, who had logged in, and the raw text. */
  mails = [];
  /** The reply to the recipient or the message instead of taking it: `(address) => [code, text] | undefined`. */
  refuse = () => undefined;
  #server;
  #awaited = [];

  constructor(options = {}) {
    this.options = options;
    after(() => this.close());
  }

  /** Opens on any free port, or on that of the time before. */
  async open() {
    const failed = ([responseCode, message]) => Object.assign(new Error(message), { responseCode });
    this.#server = new SMTPServer({
      authOptional: true,
      disabledCommands: ["STARTTLS", "AUTH"],
      disableReverseLookup: true,
      closeTimeout: 100,
      logger: false,
      ...this.options,
      onRcptTo: ({ address }, session, done) => {
        const reply = this.refuse(address);
        done(reply === undefined ? undefined : failed(reply));
      },
      onData: (stream, session, done) => {
        const parts = [];
        stream.on("data", (part) => parts.push(part));
        stream.on("end", () => {
          const raw = Buffer.concat(parts);
          const { envelope, secure, user } = session;
          const to = envelope.rcptTo.map(({ address }) => address);
          const mail = { from: envelope.mailFrom.address, to, secure, user, raw };
          this.mails.push(mail);
          for (const resolve of this.#awaited.splice(0)) resolve(mail);
          done();
        });
      },
    });
    this.#server.on("error", () => {});
    await new Promise((resolve) => this.#server.listen(this.port ?? 0, "127.0.0.1", resolve));
    this.port = this.#server.server.address().port;
    return this;
  }

  async close() {
    const server = this.#server;
    this.#server = undefined;
    if (server !== undefined) await new Promise((resolve) => server.close(resolve));
  }

  /** The settings by which a server writes to it. */
  get settings() {
    return { mail_url: `smtp://127.0.0.1:${this.port}`, mail_from: "Zone keys <keys@zone.example>" };
  }

  /** The mail that comes next. */
  next() {
    return new Promise((resolve) => this.#awaited.push(resolve));
  }

  /** What was taken since the last question, as a mail program reads it. */
  async taken() {
    const mails = this.mails.splice(0);
    return Promise.all(mails.map(async (mail) => ({ ...mail, read: await PostalMime.parse(mail.raw) })));
  }
}

/** The names of a mail's headers, in order. */
export function headers(raw) {
  const text = raw.toString("latin1");
  const lines = text.slice(0, text.indexOf("\r\n\r\n")).split("\r\n");
  return lines.filter((line) => !/^[ \t]/.test(line)).map((line) => line.slice(0, line.indexOf(":")));
}

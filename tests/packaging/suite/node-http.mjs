/** A real server of Node and raw bytes on its socket: what `IncomingMessage` tells and hides. In Node only. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { createVerifier } from "keyward";
import { keyward } from "keyward/presets/keyward";
import { basic, issue, profile } from "./fixtures.mjs";

const mine = issue("mine", { level: "events" });
const verifier = createVerifier({ profile, records: [mine.record] });
const own = issue("own", { level: "full" }, keyward);
const ownVerifier = createVerifier({ profile: keyward, records: [own.record] });

/** What a request with these `Authorization` headers comes to. */
const decided = (...authorization) =>
  answered(
    verifier,
    authorization.map((value) => `Authorization: ${value}`),
  );

/** What a request with these header lines comes to. */
async function answered(verifier, headers) {
  let decision;
  const server = createServer((request, response) => {
    decision = verifier.verify(request);
    response.end();
  }).listen(0, "127.0.0.1");
  try {
    await once(server, "listening");
    const lines = headers.map((line) => `${line}\r\n`).join("");
    const socket = connect(server.address().port, "127.0.0.1");
    socket.end(`POST /api/v1/event HTTP/1.1\r\nHost: a\r\n${lines}Content-Length: 0\r\nConnection: close\r\n\r\n`);
    await once(socket.resume(), "close");
  } finally {
    server.close();
  }
  return decision.allowed ? "allowed" : decision.reason;
}

export default {
  async "an IncomingMessage is read, and two credentials in it are refused"() {
    assert.equal(await decided(basic(mine.key)), "allowed");
    assert.equal(await decided(), "missing_credential");
    const other = basic(issue("other", { level: "full" }).key);
    assert.equal(await decided(basic(mine.key), other), "ambiguous_credential");
    assert.equal(await decided(other, basic(mine.key)), "ambiguous_credential");
  },

  async "two keys in headers of their own are refused, however their names are written"() {
    const { key } = own;
    assert.equal(await answered(ownVerifier, [`X-Api-Key: ${key}`]), "allowed");
    assert.equal(await answered(ownVerifier, [`authorization: Bearer ${key}`]), "allowed");
    for (const headers of [
      [`x-api-key: ${key}`, `X-API-KEY: ${key}`],
      [`x-api-key: ${key}`, "x-api-key: other"],
      ["X-Api-Key: other", `x-api-key: ${key}`],
      [`x-api-key: ${key}`, `Authorization: Bearer ${key}`],
      ["Authorization: other", `x-api-key: ${key}`],
    ]) {
      assert.equal(await answered(ownVerifier, headers), "ambiguous_credential", headers.join());
    }
  },
};

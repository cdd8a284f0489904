/**
 * Requests one after another on several connections for a while, in a process of its own. Since it is to be quicker than
 * what it measures, it writes prepared bytes to sockets, and of answers looks at the first and at how long the others are.
 */
import { connect } from "node:net";
import { input, report } from "../child.mjs";

const { port, path, credentials, connections, ms } = input();
const requests = credentials.map((credential) =>
  Buffer.from(`POST ${path} HTTP/1.1\r\nhost: bench\r\nauthorization: ${credential}\r\ncontent-length: 0\r\n\r\n`),
);
let next = 0;
let answered = 0;
let running = true;

await Promise.all(Array.from({ length: connections }, opened));
const before = answered;
const started = performance.now();
setTimeout(() => {
  const elapsed = performance.now() - started;
  running = false;
  report({ requests: answered - before, ms: elapsed });
}, ms);

/** A connection that goes on as long as it is answered. Resolves when its first answer has come. */
function opened() {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let length;
    let received = 0;
    let text = "";
    const send = () => running && socket.write(requests[next++ % requests.length]);
    socket.setNoDelay();
    socket.once("error", reject);
    socket.once("connect", send);
    socket.on("data", (chunk) => {
      received += chunk.length;
      if (length === undefined) {
        text += chunk.toString("latin1");
        const end = text.indexOf("\r\n\r\n") + 4;
        if (end < 4) return;
        if (!text.startsWith("HTTP/1.1 200")) reject(new Error(text));
        length = end + Number(/\r\ncontent-length: (\d+)/i.exec(text)[1]);
      }
      if (received < length) return;
      if (received > length) reject(new Error("answers of different lengths"));
      received = 0;
      answered++;
      resolve();
      send();
    });
  });
}

/** A server of one snapshot, as far as a bench needs one. */
import { createServer } from "node:http";

/** `{ url, stop }`. */
export async function serveSnapshot({ head, shard }) {
  const server = createServer((request, response) => {
    const body = request.url.endsWith("/head") ? head : shard;
    const etag = `"${body.length}"`;
    const isKnown = request.headers["if-none-match"] === etag;
    response.writeHead(isKnown ? 304 : 200, { etag, "content-length": isKnown ? 0 : body.length });
    response.end(isKnown ? undefined : body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The subjects as a Worker: `/load` takes what is needed, `/run` runs one of them so many times. */
import floor from "./floor.wasm";
import { peerSubjects } from "./peers.mjs";
import { floorSubject, keywardSubjects } from "./subjects.mjs";

let subjects;

export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/load") {
      const form = await request.formData();
      const { publicKeys, key, typo, digest, digests } = JSON.parse(form.get("keys"));
      const bytes = async (name) => new Uint8Array(await form.get(name).arrayBuffer());
      const keys = { publicKeys, key, typo, digest, digests, head: await bytes("head"), shard: await bytes("shard") };
      subjects = [floorSubject(floor, keys, "loop"), ...keywardSubjects(keys), ...(await peerSubjects(keys))];
      for (const { name, run } of subjects) {
        if ((await run()) !== true) throw new Error(`${name}: the wrong answer`);
      }
      return Response.json(subjects.map(({ name }) => name));
    }
    const run = subjects[Number(searchParams.get("subject"))]?.run;
    const count = Number(searchParams.get("count"));
    if (count > 0 && run() instanceof Promise) {
      for (let at = 0; at < count; at++) await run();
    } else {
      for (let at = 0; at < count; at++) run();
    }
    return new Response();
  },
};

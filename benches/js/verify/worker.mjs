/** The subjects as a Worker: `/load` takes what is needed, `/run` runs one of them so many times. */
import * as unrolled from "unrolled";
import floor from "./floor.wasm";
import { peerSubjects } from "./peers.mjs";
import { floorSubject, keywardSubjects } from "./subjects.mjs";

let subjects;

export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/load") {
      const form = await request.formData();
      const bytes = async (name) => new Uint8Array(await form.get(name).arrayBuffer());
      const keys = { ...JSON.parse(form.get("keys")), head: await bytes("head"), shard: await bytes("shard") };
      const kind = form.get("kind");
      subjects = [floorSubject(floor, keys, "loop"), ...keywardSubjects(kind, keys)];
      if (form.has("peers")) subjects.push(...(await peerSubjects(keys, unrolled)));
      for (const { name, run } of subjects) {
        if ((await run()) !== true) throw new Error(`${kind}, ${name}: the wrong answer`);
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

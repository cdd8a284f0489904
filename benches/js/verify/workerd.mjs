/** Kinds of use in workerd, each in an isolate of its own, through requests that run the subjects many times. */
import { join } from "node:path";
import { readKeys } from "../keys.mjs";
import { measure } from "../measure.mjs";
import { here } from "../place.mjs";
import { answer, bundleWorker, startWorkerd } from "../workerd.mjs";

/** The Worker's modules, once for all kinds. */
export function bundleSubjects({ floor, unrolled }) {
  return bundleWorker(join(here, "verify/worker.mjs"), { given: { "floor.wasm": floor, unrolled } });
}

/** The rows of one kind of use. */
export async function measureInWorkerd(modules, { kind, keys: dir, peers, effort }) {
  const { head, shard, ...keys } = readKeys(dir);
  const form = new FormData();
  form.set("kind", kind);
  form.set("keys", JSON.stringify(keys));
  form.set("head", new Blob([head]));
  form.set("shard", new Blob([shard]));
  if (peers) form.set("peers", "");
  const workerd = await startWorkerd([{ name: "bench", modules }]);
  try {
    const address = workerd.address("bench");
    const names = JSON.parse(await answer(new URL("/load", address), { method: "POST", body: form }));
    const call = async (subject, count) => {
      const started = performance.now();
      await answer(new URL(`/run?subject=${subject}&count=${count}`, address));
      return performance.now() - started;
    };
    const time = (subject) => async (count) => {
      const empty = await call(subject, 0);
      return Math.max(0, (await call(subject, count)) - empty);
    };
    return await measure(
      names.map((name, subject) => ({ name, time: time(subject) })),
      effort,
    );
  } finally {
    await workerd.stop();
  }
}

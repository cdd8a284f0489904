/** The same records as JSON, parsed into a `Map`, in a process of its own (run with --expose-gc). */
import { input, report } from "../child.mjs";

const { count } = input();
const text = written();
gc();
const before = process.memoryUsage().heapUsed;
const started = performance.now();
const known = read();
const ms = performance.now() - started;
gc();
const memory = process.memoryUsage().heapUsed - before;
if (known.size !== count) throw new Error(`${known.size} keys`);
report({ ms, memory, file: text.length });

function written() {
  const hex = () =>
    Math.floor(Math.random() * 2 ** 48)
      .toString(16)
      .padStart(16, "0");
  const record = (_, at) => ({
    digest: hex() + hex() + hex() + hex(),
    id: `key_${String(at).padStart(9, "0")}`,
    account: `account-${at % 1000}`,
    level: "events",
    expiresAt: Date.UTC(2099, 0) + at,
  });
  return JSON.stringify(Array.from({ length: count }, record));
}

function read() {
  const records = new Map();
  for (const record of JSON.parse(text)) records.set(record.digest, record);
  return records;
}

/** What Linux tells of another process; NaN where there is no such telling. */
import { existsSync, readFileSync } from "node:fs";

/** What it has used of the processor so far. */
export function processorMs(pid) {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return NaN;
  // Behind the name, which may hold anything, user's and system's time are the 12th and 13th member, in hundredths of a second.
  const members = readFileSync(path, "utf8").split(") ").at(-1).split(" ");
  return (Number(members[11]) + Number(members[12])) * 10;
}

/** The memory that it holds now. */
export function residentBytes(pid) {
  const path = `/proc/${pid}/status`;
  if (!existsSync(path)) return NaN;
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(path, "utf8"))[1]) * 1024;
}

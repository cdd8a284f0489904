/**
 * Objects that carry options: plain ones, and of them only what is their own. What else an object may be (a `Request`,
 * a promise that was not awaited) or has come to inherit (a prototype that was tampered with) says nothing here.
 */
import { invalidArgument } from "./error.js";

/** Whether nothing stands between an object and the root of its prototypes; of whichever realm that is. */
export function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** The members of a plain object, each read once. `name` is what an error calls the object. */
export function ownMembers<T extends object>(value: T, name: string): T {
  if (!isPlain(value)) throw invalidArgument(`${name}: expected a plain object`);
  const own: Record<string, unknown> = Object.create(null);
  for (const member of Object.keys(value)) own[member] = value[member];
  return own as T;
}

/** How an error calls the kind of a value. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

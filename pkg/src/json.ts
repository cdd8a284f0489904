/**
 * JSON that is handed out with many decisions and so must not change between them.
 */

/** Any JSON value, read-only. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [member: string]: Json };

/** Freezes a freshly parsed value all the way down. */
export function frozen(value: Json): Json {
  if (typeof value === "object" && value !== null) {
    for (const member of Object.values(value)) frozen(member);
    Object.freeze(value);
  }
  return value;
}

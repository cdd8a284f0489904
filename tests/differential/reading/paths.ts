/** Paths that can be read in one way, as `docs/format.md` has them under "Paths". */

/** The path of a request target; `undefined` for one that is refused. */
export function pathOfTarget(target: string): string | undefined {
  if (Buffer.byteLength(target, "utf8") > 8192) return undefined;
  if (target.startsWith("/")) return onePath(target.replace(/\?.*$/s, ""));
  const absolute = /^https?:\/\/[^/?#\\]+(.?)/is.exec(target);
  if (absolute === null || absolute[1] === "\\") return undefined;
  if (absolute[1] !== "/") return "/";
  return onePath(target.slice(absolute[0].length - 1).replace(/[?#].*$/s, ""));
}

/** A path that stands alone; `undefined` for one that is refused. */
export function onePath(path: string): string | undefined {
  if (path.length > 8192 || !/^\/[A-Za-z0-9\-._~!$&'()*+,=:@/%]*$/.test(path)) return undefined;
  try {
    decodeURIComponent(path);
  } catch {
    return undefined; // a `%` without two digits, or bytes that are not UTF-8
  }
  if (/%(2f|5c|25|3b|3f|23|[01][0-9a-f]|7f|c2%[89][0-9a-f])/i.test(path)) return undefined;
  if (path.includes("//")) return undefined;
  const dots = /^(\.|%2e){1,2}$/i;
  return path.split("/").some((segment) => dots.test(segment)) ? undefined : path;
}

/** Where a key stands in a request, as `docs/format.md` has it under "Credentials". Headers are text of one byte a character. */
import { readBase64 } from "./keys.js";

/** A credential, or why there is none. */
export type ReadCredential =
  | { readonly key: string }
  | { readonly reason: "missing_credential" | "malformed_credential" | "ambiguous_credential" };

const MISSING: ReadCredential = { reason: "missing_credential" };
const MALFORMED: ReadCredential = { reason: "malformed_credential" };
const AMBIGUOUS: ReadCredential = { reason: "ambiguous_credential" };

/** RFC 9110, section 5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Finds the credential among all headers of a request. */
export function readCredential(
  transports: readonly string[],
  headers: readonly (readonly [name: string, value: string])[],
): ReadCredential {
  const names = ["authorization", ...transports.flatMap((text) => /^header\((.+)\)$/.exec(text)?.[1] ?? [])];
  const values = headers
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => names.includes(name));
  const [first, second] = values;
  if (first === undefined) return MISSING;
  if (second !== undefined) return AMBIGUOUS;
  const [name, sent] = first;
  if (sent.length > 8192) return MALFORMED;
  const value = withoutBlanks(sent);
  return name === "authorization" ? readAuthorization(transports, value) : readOwnHeader(value);
}

function readOwnHeader(value: string): ReadCredential {
  if (value === "") return MALFORMED;
  if (value.includes(",")) return AMBIGUOUS;
  return /^[\x21-\x7e]+$/.test(value) ? { key: value } : MALFORMED;
}

function readAuthorization(transports: readonly string[], value: string): ReadCredential {
  const space = value.indexOf(" ");
  const scheme = space < 0 ? value : value.slice(0, space);
  const payload = value.slice(scheme.length).replace(/^ +/, "");
  if (scheme === "") return MALFORMED;
  if (!/^(basic|bearer)$/i.test(scheme)) {
    const [, ...rest] = value.split(",");
    if (rest.some((part) => /^(basic|bearer)( |$)/i.test(withoutBlanks(part)))) return AMBIGUOUS;
    return TOKEN.test(scheme) ? MISSING : MALFORMED;
  }
  if (value.includes(",")) return AMBIGUOUS;
  if (scheme.toLowerCase() === "bearer") {
    if (!transports.includes("bearer")) return MISSING;
    return /^[A-Za-z0-9\-._~+/]+=*$/.test(payload) ? { key: payload } : MALFORMED;
  }
  const whole = transports.includes("basic_whole");
  if (!whole && !transports.includes("basic_password")) return MISSING;
  const password = readPassword(payload);
  return password === undefined ? MALFORMED : { key: whole ? payload : password };
}

/** What follows the first colon in a payload of Basic. */
function readPassword(payload: string): string | undefined {
  if (payload.length > 1364) return undefined;
  const bytes = readBase64(payload);
  if (bytes === undefined) return undefined;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.from(bytes, "latin1"));
  } catch {
    return undefined;
  }
  const colon = text.indexOf(":");
  return /\p{Cc}/u.test(text) || colon < 0 ? undefined : text.slice(colon + 1);
}

function withoutBlanks(text: string): string {
  return text.replace(/^[ \t]+/, "").replace(/[ \t]+$/, "");
}

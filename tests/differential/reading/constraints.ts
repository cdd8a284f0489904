/** What a key is limited in, as `docs/format.md` has it under "Constraints". */
import { isIPv4, isIPv6 } from "node:net";
import { listsScope, type Profile, type Record, type Value } from "./profile.js";

/** What a call says of itself. */
export interface Context {
  readonly clientAddress?: string | undefined;
  readonly values: { readonly [dimension: string]: Value | readonly Value[] };
}

/** What is asked, as far as constraints care: nothing but whether the key lives, or a call whose scope may be known. */
export type Asked = "alive" | { readonly scope: string | undefined };

/** Is the call outside of what the key may use? */
export function violates(profile: Profile, limits: Record["constraints"], asked: Asked, context: Context): boolean {
  return profile.dimensions.some(({ name, kind, appliesTo }) => {
    const limit = limits[name];
    if (limit === undefined || limit === "all") return false;
    if (kind === "network") return !limit.some((network) => isWithin(context.clientAddress, String(network)));
    if (asked === "alive") return false;
    const known = asked.scope !== undefined && profile.scopes.includes(asked.scope) ? asked.scope : undefined;
    if (appliesTo !== undefined && known !== undefined && !listsScope(appliesTo, known)) return false;
    const said = Object.hasOwn(context.values, name) ? context.values[name] : [];
    const values = typeof said === "object" ? said : [said];
    return values.length === 0 || !values.every((value) => limit.some((allowed) => allowed === value));
  });
}

/** Is the address one of the network's? */
function isWithin(address: string | undefined, network: string): boolean {
  const client = address === undefined ? undefined : readAddress(address);
  const [base, length] = network.split("/");
  const own = readAddress(base ?? "");
  if (client === undefined || own === undefined || client.family !== own.family) return false;
  const bits = ADDRESS_BITS[own.family];
  const rest = BigInt(bits - (length === undefined ? bits : Number(length)));
  return client.number >> rest === own.number >> rest;
}

/** How many bits an address has. */
export const ADDRESS_BITS = { 4: 32, 6: 128 } as const;

/** An address as a number. */
export interface Address {
  readonly family: 4 | 6;
  readonly number: bigint;
}

/** The address that a text stands for; `undefined` if it is none. One that only wraps an IPv4 address is that address. */
export function readAddress(text: string): Address | undefined {
  if (isIPv4(text)) return { family: 4, number: numberOf(text.split("."), 10, 8n) };
  if (!isIPv6(text) || text.includes("%")) return undefined;
  const number = readIpv6(text);
  return number >> 32n === 0xffffn ? { family: 4, number: number & 0xffff_ffffn } : { family: 6, number };
}

function readIpv6(text: string): bigint {
  const groups = text.replace(/[^:]+\.[^:]+$/, (ipv4) => {
    const number = numberOf(ipv4.split("."), 10, 8n);
    return `${(number >> 16n).toString(16)}:${(number & 0xffffn).toString(16)}`;
  });
  const [front = "", back] = groups.split("::");
  const split = (part: string) => (part === "" ? [] : part.split(":"));
  const [head, tail] = [split(front), split(back ?? "")];
  const gap = back === undefined ? 0 : 8 - head.length - tail.length;
  return numberOf([...head, ...Array.from({ length: gap }, () => "0"), ...tail], 16, 16n);
}

function numberOf(parts: readonly string[], radix: number, bits: bigint): bigint {
  return parts.reduce((sum, part) => (sum << bits) | BigInt(Number.parseInt(part, radix)), 0n);
}

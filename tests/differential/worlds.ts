/**
 * Random worlds: a profile, random or a preset, and records with the keys behind them. Whatever is drawn is made valid
 * here, so that no world is refused; small alphabets make things meet.
 */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { type PresetName, profileInfo } from "keyward";
import type { Age, World } from "./reading.js";
import { checksumOf, digestLike, keyId } from "./reading/keys.js";
import {
  type Dimension,
  type KeyFormat,
  type Level,
  listsScope,
  type Profile,
  type Rate,
  type Record,
  type Rule,
  type Value,
} from "./reading/profile.js";
import { doubtfulRules } from "./reading/routes.js";

/** What most questions take for the time. */
export const NOW = 1_790_000_000_000;

/** A world, and what questions are made of. */
export interface Drawn {
  readonly world: World;
  /** Where the library takes the profile from. */
  readonly source: { readonly toml: string } | { readonly preset: string };
  /** Keys that records have a digest of. */
  readonly keys: readonly string[];
  /** One that none has. */
  readonly stranger: string;
}

const SCOPES = ["a.read", "a.write", "b.read", "b.write", "c", "a.b.read"];
const SCOPE_PATTERNS = [...SCOPES, "*", "a.*", "*.read", "b.*", "*.*", "a.*.read", "*.*.*"];
const PEPPERS = { p1: "the secret of pepper p1", p2: "the secret of pepper p2" };
const SCHEMES = ["sha256:", "hmac-sha256:p1:", "hmac-sha256:p2:"];
const IDS = [0n, 1n, 62n ** 8n, 2n ** 53n - 1n];
const PRESETS = ["emailit", "esputnik", "inboxfirst", "keyward", "optimove", "smashfly"] as const;
const LITERALS = ["a", "b", "A", "ab", "v1", "x.y", "~"];
const PARAMETERS = ["{p}", "{q}"];
/** What constraints are made of, and what calls say. */
export const VALUES = {
  integer: [0, 1, -1, 42, 9_007_199_254_740_991, -9_007_199_254_740_991],
  text: ["mail", "sms", "Mail", "é", "a b", "x".repeat(128)],
  network: [
    "10.0.0.0/8",
    "10.0.0.0/31",
    "192.0.2.7",
    "192.0.2.0/24",
    "0.0.0.0/0",
    "2001:db8::/32",
    "2001:db8::1",
    "::/0",
    "fe80::/10",
  ],
} as const;

const rate = fc.record({
  limit: fc.constantFrom(1, 2, 3, 10, 1_000_000, 4_294_967_295),
  window: fc.constantFrom(1, 3, 60, 3_600, 2_678_400),
});
/** Nothing as many times as something, or so many times as often. */
const maybe = <T>(arbitrary: fc.Arbitrary<T>, weight = 1) =>
  fc.oneof({ weight, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
const some = <T>(values: readonly T[], bounds: fc.UniqueArrayConstraints<T, T>) =>
  fc.uniqueArray(fc.constantFrom(...values), bounds);

const format: fc.Arbitrary<KeyFormat> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom("es", "em_live", "A1").map((prefix): KeyFormat => ({ name: "checksummed", prefix })),
  },
  { weight: 1, arbitrary: fc.constant<KeyFormat>({ name: "account_hex" }) },
  { weight: 2, arbitrary: fc.constant<KeyFormat>({ name: "opaque" }) },
);

const transports = fc
  .shuffledSubarray(["basic", "bearer", "header(x-api-key)", "header(api_key)"], { minLength: 1 })
  .chain((drawn) =>
    fc
      .boolean()
      .map((whole) => drawn.map((text) => (text === "basic" ? `basic_${whole ? "whole" : "password"}` : text))),
  );

const level = fc.record({
  scopes: some(SCOPE_PATTERNS, { minLength: 0, maxLength: 3 }),
  includes: some([0, 1, 2], { maxLength: 2 }),
  everything: fc.nat(3).map((number) => number === 0),
  rate: maybe(rate),
});

const rule = fc.record({
  method: fc.constantFrom("GET", "GET", "POST", "HEAD", "*", "X-Y"),
  parts: fc.array(fc.constantFrom(...LITERALS, ...PARAMETERS), { minLength: 1, maxLength: 4 }),
  tail: fc.nat(4).map((number) => number === 0),
  scope: fc.nat(5),
  closed: fc.nat(4).map((number) => number === 0),
  cost: fc.constantFrom(1, 1, 0, 2, 5, 1_000_000),
  requireFresh: fc.nat(3).map((number) => number === 0),
});

const dimension = fc.record({
  kind: fc.constantFrom("integer", "text", "network"),
  appliesTo: maybe(some(SCOPE_PATTERNS, { minLength: 1, maxLength: 2 })),
  levels: maybe(some([0, 1, 2], { minLength: 1, maxLength: 2 })),
  closed: fc.boolean(),
});

const when = maybe(fc.constantFrom(-86_400_000, -1, 0, 1, 1_000, 300_000, 86_400_000), 3);

const record = fc.record({
  rights: fc.record({ level: maybe(fc.nat(2)), scopes: some(SCOPE_PATTERNS, { minLength: 1, maxLength: 3 }) }),
  digests: fc.array(fc.record({ scheme: fc.nat(1), key: fc.nat(2), ends: when }), { minLength: 1, maxLength: 3 }),
  constraints: fc.array(maybe(some([0, 1, 2, 3, 4, 5, 6, 7, 8], { minLength: 1, maxLength: 3 })), {
    minLength: 3,
    maxLength: 3,
  }),
  ends: when,
  status: fc.constantFrom("active", "active", "active", "active", "active", "active", "active", "disabled"),
  rate: maybe(rate),
});

const profile = fc.record({
  format,
  transports,
  basePath: fc.constantFrom("", "/api", "/Api/b", "/a"),
  versionSegment: fc.boolean(),
  scopes: fc.uniqueArray(fc.constantFrom(...SCOPES), { minLength: 1, maxLength: 5 }),
  levels: fc.array(level, { minLength: 1, maxLength: 3 }),
  rules: fc.array(rule, { maxLength: 10 }),
  dimensions: fc.array(dimension, { maxLength: 3 }),
});

type ProfileRecipe = typeof profile extends fc.Arbitrary<infer T> ? T : never;

const recipe = fc.record({
  profile: fc.oneof({ weight: 5, arbitrary: profile }, { weight: 1, arbitrary: fc.constantFrom(...PRESETS) }),
  schemes: fc.shuffledSubarray([0, 1, 2], { minLength: 2, maxLength: 2 }),
  records: fc.array(record, { minLength: 1, maxLength: 4 }),
  age: maybe(
    fc.record({
      issuedAt: fc.constantFrom(NOW, NOW - 1, NOW - 300_000, NOW - 86_400_000, NOW + 300_000, NOW + 300_001),
      freshForSeconds: fc.constantFrom(1, 300, 3_600),
      validForMs: fc.constantFrom(3_600_000, 86_400_000, 2_592_000_000),
    }),
  ),
});

type Recipe = typeof recipe extends fc.Arbitrary<infer T> ? T : never;

/** A world that should be accepted everywhere. */
export const worlds: fc.Arbitrary<Drawn> = recipe.map(build);

function build(drawn: Recipe): Drawn {
  const profile = typeof drawn.profile === "string" ? presetCalled(drawn.profile) : buildProfile(drawn.profile);
  const source = typeof drawn.profile === "string" ? { preset: drawn.profile } : { toml: tomlOf(profile) };
  const { records, keys } = buildRecords(drawn, profile);
  const age: Age | undefined = drawn.age && {
    issuedAt: drawn.age.issuedAt,
    freshForSeconds: drawn.age.freshForSeconds,
    validUntil: drawn.age.issuedAt + drawn.age.validForMs,
  };
  return { world: { profile, records, peppers: PEPPERS, age }, source, keys, stranger: keyOf(profile.key, -1) };
}

/** A preset, by what the package tells of it. */
function presetCalled(name: PresetName): Profile {
  const told = profileInfo(name);
  return {
    key:
      told.keyFormat === "checksummed" ? { name: told.keyFormat, prefix: told.prefix ?? "" } : { name: told.keyFormat },
    transports: told.transports,
    basePath: told.basePath,
    versionSegment: told.versionSegment,
    scopes: told.scopes.map(({ id }) => id),
    levels: told.levels.map((level) => ({ ...level, includes: [] })),
    rules: told.routes.map(({ scope, closed, ...rule }) => ({
      ...rule,
      access: closed === undefined ? { scope: scope ?? "" } : { closed },
    })),
    dimensions: told.constraints,
  };
}

function buildProfile(drawn: ProfileRecipe): Profile {
  const { scopes } = drawn;
  const known = (patterns: readonly string[]) =>
    patterns.filter((pattern) => scopes.some((scope) => listsScope([pattern], scope)));
  const levels: Level[] = [];
  for (const { scopes: listed, includes, everything, rate } of drawn.levels) {
    const opens = known(listed);
    const others = includes.filter((at) => at < levels.length && levels[at]?.everything === false);
    levels.push({
      id: `level${levels.length}`,
      scopes: opens.length > 0 || everything ? opens : scopes.slice(0, 1),
      includes: others.map((at) => `level${at}`),
      everything,
      rate: rate && possible(rate),
    });
  }
  return {
    key: drawn.format,
    transports: drawn.transports,
    basePath: drawn.basePath,
    versionSegment: drawn.versionSegment,
    scopes,
    levels,
    rules: clearRules(drawn),
    dimensions: drawn.dimensions.map(({ kind, appliesTo, levels: limited, closed }, at): Dimension => {
      const scoped = appliesTo && known(appliesTo);
      const own = limited?.filter((level) => level < levels.length).map((level) => `level${level}`);
      return {
        name: `d${at}`,
        kind,
        appliesTo: scoped?.length && kind !== "network" ? scoped : undefined,
        levels: own?.length ? own : undefined,
        maxValues: 3,
        values: kind === "text" && closed ? VALUES.text.slice(0, 4) : [],
      };
    }),
  };
}

/** At most a million units a second. */
function possible({ limit, window }: Rate): Rate {
  return { limit: Math.min(limit, window * 1_000_000), window };
}

/** The rules one after another, without those that would make the profile one that is refused. */
function clearRules({ rules, scopes, versionSegment }: ProfileRecipe): readonly Rule[] {
  const kept: Rule[] = [];
  for (const { method, parts, tail, scope, closed, cost, requireFresh } of rules) {
    const segments = tail ? [...parts, "**"] : parts;
    if (versionSegment && /^(\{|\*|v[0-9])/.test(segments[0] ?? "")) continue;
    const rule: Rule = {
      method,
      pattern: segments.map((segment) => `/${segment}`).join(""),
      access: closed ? { closed: `Use ${kept.length}.` } : { scope: scopes[scope % scopes.length] ?? "" },
      cost: closed ? 1 : cost,
      requireFresh: !closed && requireFresh,
    };
    if (!doubtfulRules([...kept, rule])) kept.push(rule);
  }
  return kept;
}

function buildRecords(drawn: Recipe, profile: Profile): { records: readonly Record[]; keys: readonly string[] } {
  const keys: string[] = [];
  const records = drawn.records.map((given, at): Record => {
    const { level, scopes } = given.rights;
    const own = scopes.filter((pattern) => profile.scopes.some((scope) => listsScope([pattern], scope)));
    const rights =
      level === undefined && own.length > 0
        ? { scopes: own }
        : { level: profile.levels[(level ?? 0) % profile.levels.length]?.id ?? "" };
    const digests: { digest: string; expiresAt?: number | undefined }[] = [];
    for (const { scheme, key: number, ends } of given.digests) {
      const key = keyOf(profile.key, at * 3 + number);
      const digest = digestLike(SCHEMES[drawn.schemes[scheme] ?? 0] ?? "", key, PEPPERS);
      if (digests.some((other) => other.digest === digest)) continue;
      digests.push(digests.length === 0 || ends === undefined ? { digest } : { digest, expiresAt: NOW + ends });
      if (!keys.includes(key)) keys.push(key);
    }
    return {
      id: keyId(IDS[at] ?? 0n),
      digests,
      rights,
      constraints: Object.fromEntries(
        profile.dimensions.flatMap((dimension, place) => {
          const { name, levels, maxValues } = dimension;
          if (levels !== undefined && !("level" in rights && levels.includes(rights.level))) return [];
          const listed = given.constraints[place % given.constraints.length];
          const there = valuesOf(dimension);
          const only = listed && [...new Set(listed.map((number) => there[number % there.length] ?? ""))];
          return [[name, only?.slice(0, maxValues) ?? "all"] as const];
        }),
      ),
      expiresAt: given.ends === undefined ? undefined : NOW + given.ends,
      status: given.status,
      rate: given.rate && possible(given.rate),
    };
  });
  return { records, keys };
}

/** What a key can be limited to in a dimension. */
export function valuesOf({ kind, values }: Dimension): readonly Value[] {
  return values.length > 0 ? values : VALUES[kind];
}

/** The key with a number. */
function keyOf(format: KeyFormat, number: number): string {
  const hex = createHash("sha256").update(`key ${number}`).digest("hex");
  switch (format.name) {
    case "checksummed": {
      const body = hex.slice(0, 30).replace(/[a-c]/g, (digit) => digit.toUpperCase());
      return `${format.prefix}_${body}${checksumOf(body)}`;
    }
    case "account_hex": {
      const account = [1, 42, 9_007_199_254_740_991][Math.abs(number) % 3];
      return Buffer.from(`${account}:${hex.slice(0, 40)}`).toString("base64");
    }
    case "opaque":
      // Forms that some transports cannot carry, and others take apart.
      return number < 0
        ? hex
        : ([hex, `a:${hex}`, `${hex}==`, String.fromCharCode(0x21 + number), hex.repeat(4), `~${hex}!`, `a,${hex}`][
            number % 7
          ] ?? hex);
  }
}

/** The profile as it is written. */
export function tomlOf(profile: Profile): string {
  const text = JSON.stringify;
  const list = (values: readonly string[]) => `[${values.map((value) => text(value)).join(", ")}]`;
  const limit = ({ limit, window }: Rate) => `rate = { limit = ${limit}, window = ${window} }`;
  const { key } = profile;
  const lines = [
    "schema_version = 1",
    'id = "random"',
    'title = "Random"',
    'description = ""',
    "[key]",
    `format = "${key.name}"`,
    ...(key.name === "checksummed" ? [`prefix = ${text(key.prefix)}`] : []),
    "[request]",
    `transports = ${list(profile.transports)}`,
    'realm = "Random"',
    `base_path = ${text(profile.basePath)}`,
    `version_segment = ${profile.versionSegment}`,
  ];
  for (const scope of profile.scopes) lines.push("[[scopes]]", `id = ${text(scope)}`, 'title = "."');
  for (const { id, scopes, includes, everything, rate } of profile.levels) {
    lines.push("[[levels]]", `id = ${text(id)}`, 'title = "."', `everything = ${everything}`);
    if (scopes.length > 0) lines.push(`scopes = ${list(scopes)}`);
    if (includes.length > 0) lines.push(`includes = ${list(includes)}`);
    if (rate !== undefined) lines.push(limit(rate));
  }
  for (const { method, pattern, access, cost, requireFresh } of profile.rules) {
    lines.push("[[routes]]");
    lines.push("scope" in access ? `scope = ${text(access.scope)}` : `closed = ${text(access.closed)}`);
    if ("scope" in access) lines.push(`cost = ${cost}`, `require_fresh = ${requireFresh}`);
    lines.push(`calls = ${list([`${method} ${pattern}`])}`);
  }
  for (const { name, kind, appliesTo, levels, maxValues, values } of profile.dimensions) {
    lines.push("[[constraints]]", `name = ${text(name)}`, 'title = "."', `kind = "${kind}"`);
    lines.push(`max_values = ${maxValues}`);
    if (appliesTo !== undefined) lines.push(`applies_to = ${list(appliesTo)}`);
    if (levels !== undefined) lines.push(`levels = ${list(levels)}`);
    if (values.length > 0) lines.push(`values = ${list(values)}`);
  }
  return `${lines.join("\n")}\n`;
}

/** Which rule a call falls under, as `docs/format.md` has it under "Routes": a walk over the rules, without any tree. */
import type { Profile, Rule } from "./profile.js";

type Part = { readonly literal: string } | "parameter" | "tail";

/** Whether a method is one that rules can speak of. */
export function isMethod(method: string): boolean {
  return /^[A-Z-]+$/.test(method);
}

/** The rule that decides a call; `undefined` if none matches. */
export function ruleFor(profile: Profile, method: string, path: string): Rule | undefined {
  const segments = belowBase(profile, path);
  return segments && strongestRule(profile, method, segments);
}

/**
 * The rule of a route handle, by a pattern of the profile that is written with the base path; `undefined` where the
 * pattern could be a path as well, and comes to another rule then.
 */
export function ruleOfPattern(profile: Profile, method: string, pattern: string): Rule | undefined {
  const own = partsOf(pattern.slice(profile.basePath.length));
  const same = profile.rules.filter((rule) => isSame(partsOf(rule.pattern), own));
  const rule = ruleOfMethod(same, method);
  return pattern.includes("{") || ruleFor(profile, method, pattern) === rule ? rule : undefined;
}

/** The strict rules that a call could be taken for to which no rule speaks; the strongest first. */
export function strictRules(
  { rules, basePath, versionSegment }: Profile,
  method: string,
  path: string,
): readonly Rule[] {
  const split = (text: string) => folded(text).split("/").filter(Boolean);
  const [base, segments] = [split(basePath), split(path)];
  if (!base.every((part, at) => part === segments[at])) return [];
  const below = segments.slice(base.length);
  if (versionSegment && isVersion(below[0])) below.shift();
  return rules
    .filter((rule) => "closed" in rule.access || rule.requireFresh || rule.cost > 1)
    .filter((rule) => [method, "*", ...(method === "HEAD" ? ["GET"] : [])].includes(rule.method))
    .map((rule) => ({ rule, parts: partsOf(rule.pattern).map(foldedPart) }))
    .filter(({ parts }) => matches(parts, below) || (parts.at(-1) === "tail" && matches(parts.slice(0, -1), below)))
    .sort((a, b) => compareStrength(a.parts, b.parts))
    .map(({ rule }) => rule);
}

function foldedPart(part: Part): Part {
  return typeof part === "object" ? { literal: folded(part.literal) } : part;
}

function isVersion(segment: string | undefined): boolean {
  return /^v[1-9][0-9]{0,2}$/.test(segment ?? "");
}

function belowBase({ basePath, versionSegment }: Profile, path: string): readonly string[] | undefined {
  if (!path.startsWith(`${basePath}/`)) return undefined;
  const segments = path.slice(basePath.length + 1).split("/");
  return versionSegment && isVersion(segments[0]) ? segments.slice(1) : segments;
}

function strongestRule(profile: Profile, method: string, segments: readonly string[]): Rule | undefined {
  const patterns = profile.rules.map((rule) => ({ rule, parts: partsOf(rule.pattern) }));
  if (segments.some((_, at) => isLookalike(patterns, segments, at))) return undefined;
  const matching = patterns.filter(({ parts }) => matches(parts, segments));
  const [first] = [...matching].sort((a, b) => compareStrength(a.parts, b.parts));
  if (first === undefined) return undefined;
  const same = matching.filter(({ parts }) => compareStrength(parts, first.parts) === 0);
  return ruleOfMethod(
    same.map(({ rule }) => rule),
    method,
  );
}

function ruleOfMethod(rules: readonly Rule[], method: string): Rule | undefined {
  const called = (name: string) => rules.find((rule) => rule.method === name);
  return called(method) ?? (method === "HEAD" ? called("GET") : undefined) ?? called("*");
}

/** Is the segment at a place no literal there, but what another reader may take for one? */
function isLookalike(
  patterns: readonly { parts: readonly Part[] }[],
  segments: readonly string[],
  at: number,
): boolean {
  const segment = segments[at] ?? "";
  const literals = patterns
    .filter(({ parts }) => parts.slice(0, at).every((part, place) => agrees(part, segments[place] ?? "")))
    .flatMap(({ parts }) => literalOf(parts[at]) ?? []);
  return !literals.includes(segment) && literals.some((literal) => folded(literal) === folded(segment));
}

function matches(parts: readonly Part[], segments: readonly string[]): boolean {
  const isTail = parts.at(-1) === "tail";
  if (isTail ? segments.length < parts.length : segments.length !== parts.length) return false;
  return segments.every((segment, at) => agrees(parts[at] ?? "tail", segment));
}

function agrees(part: Part, segment: string): boolean {
  const literal = literalOf(part);
  return literal === undefined ? segment !== "" : literal === segment;
}

function compareStrength(a: readonly Part[], b: readonly Part[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = rank(a[at]) - rank(b[at]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function rank(part: Part | undefined): number {
  return part === "tail" ? 2 : part === "parameter" ? 1 : 0;
}

function partsOf(pattern: string): readonly Part[] {
  return pattern
    .slice(1)
    .split("/")
    .map((text) => (text === "**" ? "tail" : /^\{.*\}$/.test(text) ? "parameter" : { literal: text }));
}

function literalOf(part: Part | undefined): string | undefined {
  return typeof part === "object" ? part.literal : undefined;
}

function folded(segment: string): string {
  return decodeURIComponent(segment).replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/**
 * Would a profile with these rules be refused, because one of them says the same calls as another, or because of a path
 * for which it is not clear which pattern decides?
 */
export function doubtfulRules(rules: readonly Rule[]): boolean {
  const patterns = rules.map((rule) => ({ rule, parts: partsOf(rule.pattern) }));
  const isTwice = patterns.some(({ rule, parts }, at) =>
    patterns.slice(0, at).some((other) => rule.method === other.rule.method && isSame(parts, other.parts)),
  );
  const longest = Math.max(0, ...patterns.map(({ parts }) => parts.length)) + 1;
  return isTwice || patterns.some((one) => patterns.some((other) => isDoubtful(patterns, one, other, longest)));
}

interface Pattern {
  readonly rule: Rule;
  readonly parts: readonly Part[];
}

/** Is there a path for which the first pattern is the strongest, and crosses the other, whose rule needs something else? */
function isDoubtful(patterns: readonly Pattern[], one: Pattern, other: Pattern, longest: number): boolean {
  if (needOf(one.rule) === needOf(other.rule)) return false;
  for (let length = one.parts.length; length <= longest; length++) {
    const [drawn, crossing] = [drawnOut(one.parts, length), drawnOut(other.parts, length)];
    if (drawn === undefined || crossing === undefined) continue;
    if (!drawn.some((part, at) => rank(crossing[at]) < rank(part))) continue;
    // No literal is empty, or like this one; so that no more patterns match than have to.
    const path = drawn.map((part, at) => literalOf(part) ?? literalOf(crossing[at]) ?? "?");
    if (!matches(drawn, path) || !matches(crossing, path)) continue;
    const matching = patterns.filter(({ parts }) => matches(parts, path));
    if (matching.every(({ parts }) => compareStrength(one.parts, parts) <= 0)) return true;
  }
  return false;
}

/** What a rule needs: that it is closed, or scope, cost and freshness. */
function needOf({ access, cost, requireFresh }: Rule): string {
  return "closed" in access ? "closed" : `${access.scope} ${cost} ${requireFresh}`;
}

/** A pattern with so many segments, its tail as many times as it takes; `undefined` if it never has so many. */
function drawnOut(parts: readonly Part[], length: number): readonly Part[] | undefined {
  if (parts.length === length) return parts;
  if (parts.at(-1) !== "tail" || parts.length > length) return undefined;
  return [...parts, ...Array.from({ length: length - parts.length }, (): Part => "tail")];
}

function isSame(a: readonly Part[], b: readonly Part[]): boolean {
  return (
    a.length === b.length && a.every((part, at) => rank(part) === rank(b[at]) && literalOf(part) === literalOf(b[at]))
  );
}

/**
 * Random questions to a world, most of them near a boundary: a valid one, with one or two things changed. What is drawn
 * says how to make the question; what it comes to depends on the world, so that both can be made smaller alone.
 */
import fc from "fast-check";
import type { Header, Question } from "./reading.js";
import type { Value } from "./reading/profile.js";
import { type Drawn, NOW, VALUES, valuesOf } from "./worlds.js";

/** The last ms at which a rate's state is a number that JavaScript holds exactly. */
const YEAR_2255 = Math.floor(Number.MAX_SAFE_INTEGER / 1000);

const any = fc.nat(999);
const now = fc.oneof(
  { weight: 6, arbitrary: fc.constant(NOW) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.constantFrom(0, -86_400_000, 1_000, 300_000, 3_600_000, 86_400_000, 2_592_000_000),
        fc.constantFrom(0, -1, 1, 0.5),
        fc.constantFrom(1, -1),
      )
      .map(([away, by, sign]) => NOW + sign * away + by),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(0, 0.9, 1, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, YEAR_2255, 1e300),
  },
);

/** Something done to a text at a place: the number chooses where. */
export const edit = fc.oneof(
  fc.record({
    what: fc.constantFrom("case", "escape", "Escape", "delete", "double", "cut"),
    at: any,
    text: fc.constant(""),
  }),
  fc.record({ what: fc.constant("replace"), at: any, text: fc.constantFrom("0", "A", "z", "f") }),
  fc.record({
    what: fc.constantFrom("insert", "append"),
    at: any,
    text: fc.constantFrom(
      ..."/ // /. /.. /.%2e %2e ; ? # \\ % %zz %2f %2F %c3%a9 %C3 é %00 %7f %80 %ed%a0%80 %c2%85 %c2%a0 %f4%90%80%80 ** * a A v1 { } : , = == ~ + \u0412".split(
        " ",
      ),
      " ",
      "\t",
      "\n",
      "\0",
    ),
  }),
  fc.record({
    what: fc.constant("prepend"),
    at: any,
    text: fc.constantFrom("/v1", "/V1", "/api", "/a", " ", "/", "v"),
  }),
);

/** Mostly none. */
const edits = fc.oneof(
  { weight: 4, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: fc.array(edit, { minLength: 1, maxLength: 2 }) },
);

type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

const path = fc.record({
  rule: any,
  fill: fc.array(fc.constantFrom("1", "x", "a", "b", "A", "%61", "v1", "~", "**", "{p}", "%C3%A9"), {
    minLength: 5,
    maxLength: 5,
  }),
  tail: fc.nat(3),
  slash: fc.nat(9),
  base: fc.nat(9),
  version: fc.constantFrom("", "", "", "v1", "v999", "v1000", "v0", "v01", "V1", "v%31"),
  edits,
});

const credential = fc.record({
  transport: fc.nat(4),
  user: fc.constantFrom("", "user", "é", "a\u0007", "\ufeff"),
  scheme: fc.nat(3),
  edits: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(edit, { maxLength: 2 }) },
  ),
  around: fc.constantFrom(["", ""], ["", ""], ["", ""], [" ", "\t"], ["\t ", " "], ["\u00a0", ""], ["", "\u0000"]),
  more: fc.oneof(
    { weight: 4, arbitrary: fc.constant([]) },
    {
      weight: 1,
      arbitrary: fc.array(
        fc.tuple(
          fc.constantFrom("authorization", "Authorization", "x-api-key", "X-Api-Key", "api_key", "x-other", "cookie"),
          fc.constantFrom(
            "Bearer abc",
            "Basic dTpw",
            "Digest x",
            "Digest x, Bearer y",
            "a b",
            "",
            "k",
            ",",
            "Bearer",
            "\u00ff",
          ),
        ),
        { maxLength: 2 },
      ),
    },
  ),
  drop: fc.nat(19),
  filler: fc.nat(199),
});

const question = fc.record({
  ask: fc.constantFrom("request", "request", "request", "call", "call", "alive", "route", "scope"),
  key: any,
  keyEdits: edits,
  method: fc.constantFrom("own", "own", "own", "own", "HEAD", "GET", "POST", "get", "PATCH", "*", "", "X-Y"),
  path,
  credential,
  target: fc.constantFrom(
    ...[
      "",
      "",
      "",
      "",
      "?q=1",
      "?a#b",
      "#",
      "?//..;",
      "https://h",
      "HTTP://h:1",
      "http://",
      "https://h\\",
      "ftp://h",
      "/",
      "http://h?",
    ],
  ),
  scope: any,
  said: fc.array(fc.array(fc.nat(10), { maxLength: 2 }), { minLength: 3, maxLength: 3 }),
  isSaid: fc.array(fc.nat(7), { minLength: 3, maxLength: 3 }),
  wrong: fc.nat(19),
  client: fc.constantFrom(
    undefined,
    ...["10.0.0.0", "10.0.0.1", "10.0.0.2", "11.0.0.1", "9.255.255.255", "192.0.2.7", "192.0.3.0", "::ffff:10.0.0.1"],
    ...["2001:db8::1", "2001:db9::", "::", "::ffff:a00:1", "febf:ffff::1", "fec0::", "::10.0.0.1", "2001:DB8:0::1"],
    ...["", "10.0.0", "010.0.0.1", "fe80::1%eth0", "[::1]", "10.0.0.1:80", "localhost", " 10.0.0.1"],
  ),
  cost: fc.constantFrom(undefined, undefined, undefined, undefined, 0, 1, 2, 3, 10, 1_000_000),
  now,
});

/** How to make a question. */
export type QuestionRecipe = typeof question extends fc.Arbitrary<infer T> ? T : never;

/** Recipes for questions. */
export const questions: fc.Arbitrary<QuestionRecipe> = question;

/** The question that a recipe comes to in a world. */
export function makeQuestion(recipe: QuestionRecipe, drawn: Drawn): Question {
  const { profile } = drawn.world;
  const around = { now: recipe.now, cost: recipe.cost, context: contextOf(recipe, drawn) };
  const known = recipe.key < 100 ? drawn.stranger : (pick(drawn.keys, recipe.key) ?? "");
  const key = edited(known, recipe.keyEdits);
  const rule = pick(profile.rules, recipe.path.rule);
  const own = rule === undefined || rule.method === "*" ? "PUT" : rule.method;
  const method = recipe.method === "own" ? own : recipe.method;
  switch (recipe.ask) {
    case "alive":
      return { ...around, ask: "alive", key };
    case "scope":
      return {
        ...around,
        ask: "scope",
        key,
        scope: pick([...profile.scopes, "a.*", "*", "none", ""], recipe.scope) ?? "",
      };
    case "call":
      return { ...around, ask: "call", key, method, path: pathOf(recipe, drawn) };
    case "route":
      // A handle is made for what a rule says; what has none is another question.
      if (rule === undefined) return { ...around, ask: "alive", key };
      return { ...around, ask: "route", key, method: own, pattern: profile.basePath + rule.pattern };
    default:
      return {
        ...around,
        ask: "request",
        headers: headersOf(recipe, drawn, key),
        method,
        target: targetOf(recipe, drawn),
      };
  }
}

function pathOf(
  { path: { rule: number, fill, tail, slash, base, version, edits } }: QuestionRecipe,
  { world }: Drawn,
): string {
  const { rules, basePath } = world.profile;
  const pattern = pick(rules, number)?.pattern ?? "/a/b";
  const segments = pattern
    .slice(1)
    .split("/")
    .flatMap((part, at) => {
      if (part === "**") return fill.slice(0, tail);
      return part.startsWith("{") ? (fill[at] ?? "1") : part;
    });
  const before = base === 0 ? "" : base === 1 ? basePath.toUpperCase() : basePath;
  return edited(
    `${before}/${[...(version === "" ? [] : [version]), ...segments].join("/")}${slash === 0 ? "/" : ""}`,
    edits,
  );
}

function targetOf(recipe: QuestionRecipe, drawn: Drawn): string {
  const path = pathOf(recipe, drawn);
  const { target } = recipe;
  return /^[?#]/.test(target) ? path + target : target === "http://h?" ? target : target + path;
}

function headersOf({ credential }: QuestionRecipe, { world }: Drawn, key: string): readonly Header[] {
  const { transports } = world.profile;
  // Now and then one that the profile does not take.
  const all = [...transports, "bearer"];
  const transport = pick(all, credential.transport) ?? "bearer";
  const own = /^header\((.+)\)$/.exec(transport)?.[1];
  const cases = (word: string) => [word, word, word.toLowerCase(), word.toUpperCase()][credential.scheme] ?? word;
  const payload =
    transport === "basic_password" ? Buffer.from(`${credential.user}:${key}`, "utf8").toString("base64") : key;
  const scheme = own === undefined ? `${cases(transport === "bearer" ? "Bearer" : "Basic")} ` : "";
  const [before, after] = credential.around;
  const filler = credential.filler === 0 ? "x".repeat(8_200) : "";
  const value = `${before}${edited(scheme + payload, credential.edits)}${after}${filler}`;
  const first: Header = [own === undefined ? "Authorization" : cases(own), value];
  const headers: Header[] = credential.drop === 0 ? [...credential.more] : [first, ...credential.more];
  // A header is bytes; what is none cannot be sent.
  return headers.map(([name, text]) => [name, [...text].map((each) => (each > "\u00ff" ? "?" : each)).join("")]);
}

function contextOf({ said, isSaid, wrong, client }: QuestionRecipe, { world }: Drawn): Question["context"] {
  const values: { [dimension: string]: Value | readonly Value[] } = {};
  for (const [at, dimension] of world.profile.dimensions.entries()) {
    const { name, kind } = dimension;
    if (kind === "network" || isSaid[at % isSaid.length] === 0) continue;
    const there = wrong === 0 ? VALUES[kind === "text" ? "integer" : "text"] : valuesOf(dimension);
    const list = (said[at % said.length] ?? []).map((number) => pick(there, number) ?? "none");
    const [first] = list;
    values[name] = list.length === 1 && first !== undefined ? first : list;
  }
  return { clientAddress: client, values };
}

/** One of a list, whatever the number; `undefined` if the list is empty. */
function pick<T>(list: readonly T[], number: number): T | undefined {
  return list[number % list.length];
}

/** A text with things done to it. */
export function edited(text: string, edits: readonly Edit[]): string {
  return edits.reduce((before, { what, at: number, text: added }) => {
    const at = number % (before.length + 1);
    const [head, here, rest] = [before.slice(0, at), before.slice(at, at + 1), before.slice(at + 1)];
    const code = here.charCodeAt(0).toString(16).padStart(2, "0");
    switch (what) {
      case "case":
        return head + (here === here.toLowerCase() ? here.toUpperCase() : here.toLowerCase()) + rest;
      case "escape":
        return here === "" ? before : `${head}%${code}${rest}`;
      case "Escape":
        return here === "" ? before : `${head}%${code.toUpperCase()}${rest}`;
      case "delete":
        return head + rest;
      case "double":
        return head + here + here + rest;
      case "cut":
        return head;
      case "replace":
        return head + added + rest;
      case "insert":
        return head + added + here + rest;
      case "append":
        return before + added;
      default:
        return added + before;
    }
  }, text);
}

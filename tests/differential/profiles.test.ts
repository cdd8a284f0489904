/** Which sets of route rules are refused because it would not be clear which rule decides. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import fc from "fast-check";
import { Native } from "./native.js";
import type { Profile, Rule } from "./reading/profile.js";
import { doubtfulRules } from "./reading/routes.js";
import { CASES, SEEDED } from "./runs.js";
import { tomlOf } from "./worlds.js";

const native = new Native();
after(() => native.end());

const rule = fc
  .record({
    method: fc.constantFrom("GET", "POST", "HEAD", "*"),
    parts: fc.array(fc.constantFrom("a", "b", "{p}", "{q}"), { minLength: 1, maxLength: 3 }),
    tail: fc.boolean(),
    scope: fc.nat(1),
    closed: fc.nat(4),
    cost: fc.constantFrom(1, 1, 2),
  })
  .map(({ method, parts, tail, scope, closed, cost }): Rule => ({
    method,
    pattern: [...parts, ...(tail ? ["**"] : [])].map((part) => `/${part}`).join(""),
    access: closed === 0 ? { closed: `Use ${scope}.` } : { scope: ["s", "t"][scope] ?? "s" },
    cost: closed === 0 ? 1 : cost,
    requireFresh: false,
  }));

const profile = fc.array(rule, { maxLength: 5 }).map((rules): Profile => ({
  key: { name: "opaque" },
  transports: ["bearer"],
  basePath: "",
  versionSegment: false,
  scopes: ["s", "t"],
  levels: [{ id: "all", scopes: [], includes: [], everything: true }],
  rules,
  dimensions: [],
}));

test("rules that leave in doubt which one decides are refused, and no others", async (context) => {
  let refused = 0;
  const property = fc.asyncProperty(profile, async (drawn) => {
    const reply = await native.ask({ profile: { toml: tomlOf(drawn) } });
    const isRefused = reply.error !== undefined;
    const why = reply.error === undefined ? "accepted" : reply.message;
    const calls = drawn.rules.map(({ method, pattern, access }) => `${method} ${pattern} ${JSON.stringify(access)}`);
    assert.equal(isRefused, doubtfulRules(drawn.rules), `${why}\n${calls.join("\n")}`);
    refused += isRefused ? 1 : 0;
  });
  const numRuns = Math.ceil(CASES / 20);
  await fc.assert(property, { numRuns, ...SEEDED });
  context.diagnostic(`${refused} refused`);
  assert.ok(refused > numRuns / 20 && refused < numRuns, `${refused} of ${numRuns}`);
});

/** The stand-in for `node:assert/strict` judges as the original does. */
import original from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import standIn from "./launch/assert.mjs";

const error = Object.assign(new TypeError("no such thing"), { code: "gone" });
const VALUES = [
  ...[undefined, null, true, false, 0, -0, 1, Number.NaN, "", "1", 1n],
  ...[[], [1], [1, 2], [2, 1], [undefined], {}, { a: 1 }, { a: undefined }, { a: 1, b: 2 }, { b: 2, a: 1 }],
  ...[{ a: { b: [1] } }, { a: { b: [2] } }, Object.create(null), Object.assign(Object.create(null), { a: 1 })],
  ...[new Date(1), new Date(2), new Set([1]), new Set([2]), new Map([[1, 2]]), new Map([[1, 3]]), error],
  ...[new TypeError("another"), new Uint8Array([1]), new Uint8Array([2]), new Uint8Array(2), new Uint16Array([1])],
];

function verdict(run) {
  try {
    run();
    return "holds";
  } catch (thrown) {
    return thrown.name === "AssertionError" ? "fails" : `throws ${inspect(thrown)}`;
  }
}

for (const name of ["equal", "notEqual", "deepEqual"]) {
  test(name, () => {
    const copy = (value) => (typeof value === "object" ? structuredClone(value) : value);
    for (const one of VALUES) {
      for (const other of [...VALUES, copy(one)]) {
        const expected = verdict(() => original[name](one, other));
        original.equal(
          verdict(() => standIn[name](one, other)),
          expected,
          inspect([one, other]),
        );
      }
    }
  });
}

test("ok, match and doesNotMatch", () => {
  for (const value of VALUES)
    original.equal(
      verdict(() => standIn.ok(value)),
      verdict(() => original.ok(value)),
    );
  for (const text of ["abc", "xyz", 1]) {
    for (const name of ["match", "doesNotMatch"]) {
      original.equal(
        verdict(() => standIn[name](text, /b/)),
        verdict(() => original[name](text, /b/)),
        `${name} ${text}`,
      );
    }
  }
});

const thrower = () => {
  throw error;
};
const EXPECTED = [undefined, /no such/, /other/, (thrown) => thrown.code === "gone", () => false, { code: "gone" }];
EXPECTED.push(TypeError, Error, RangeError, class extends TypeError {});
EXPECTED.push({ code: "here" }, { message: /such/ }, { message: /other/, code: "gone" });

test("throws", () => {
  for (const run of [thrower, () => {}]) {
    for (const expected of EXPECTED) {
      const [ours, theirs] = [standIn, original].map((assert) => verdict(() => assert.throws(run, expected)));
      // The original throws on what was thrown when a pattern does not fit.
      original.equal(ours === "holds", theirs === "holds", String(expected));
    }
  }
});

test("rejects", async () => {
  for (const run of [async () => thrower(), async () => {}]) {
    for (const expected of EXPECTED) {
      const [ours, theirs] = await Promise.all(
        [standIn, original].map((assert) =>
          assert.rejects(run, expected).then(
            () => true,
            () => false,
          ),
        ),
      );
      original.equal(ours, theirs, String(expected));
    }
  }
});

/**
 * The part of `node:assert/strict` that the suite uses, for hosts without it. `assert.test.mjs` holds it against the
 * original.
 */
class AssertionError extends Error {
  name = "AssertionError";
}

function fail(message, otherwise) {
  if (message instanceof Error) throw message;
  throw new AssertionError(message === undefined ? otherwise : `${message}: ${otherwise}`);
}

const assert = {
  ok(value, message) {
    if (!value) fail(message, `${shown(value)} is not truthy`);
  },
  equal(actual, expected, message) {
    if (!Object.is(actual, expected)) fail(message, `${shown(actual)} is not ${shown(expected)}`);
  },
  notEqual(actual, expected, message) {
    if (Object.is(actual, expected)) fail(message, `${shown(actual)} was not expected`);
  },
  deepEqual(actual, expected, message) {
    if (!same(actual, expected)) fail(message, `${shown(actual)} is not as deep as ${shown(expected)}`);
  },
  match(text, pattern, message) {
    if (typeof text !== "string" || !pattern.test(text)) fail(message, `${shown(text)} does not match ${pattern}`);
  },
  doesNotMatch(text, pattern, message) {
    if (typeof text !== "string" || pattern.test(text)) fail(message, `${shown(text)} matches ${pattern}`);
  },
  throws(run, expected, message) {
    try {
      run();
    } catch (error) {
      return held(error, expected, message);
    }
    return fail(message, "nothing was thrown");
  },
  async rejects(promise, expected, message) {
    try {
      await (typeof promise === "function" ? promise() : promise);
    } catch (error) {
      return held(error, expected, message);
    }
    return fail(message, "nothing was thrown");
  },
};

export default assert;

/** Holds what was thrown against a class, a predicate, a pattern, or members. */
function held(error, expected, message) {
  if (expected !== undefined && !fits(error, expected)) fail(message, `something else was thrown: ${shown(error)}`);
}

function fits(error, expected) {
  if (expected instanceof RegExp) return expected.test(String(error));
  if (typeof expected !== "function") {
    return Object.entries(expected).every(([name, value]) =>
      value instanceof RegExp ? value.test(error[name]) : same(error[name], value),
    );
  }
  if (expected === Error || Error.isPrototypeOf(expected)) return error instanceof expected;
  return expected(error) === true;
}

/** Strict deep equality: the same classes, the same own members, numbers by `Object.is`. */
function same(one, other) {
  if (Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false;
  if (className(one) !== className(other)) return false;
  if (one instanceof Date && one.getTime() !== other.getTime()) return false;
  if (one instanceof Set || one instanceof Map) {
    // In order, which is enough for what the suite compares.
    return same([...one], [...other]);
  }
  if (one instanceof Error && one.message !== other.message) return false;
  const keys = Object.keys(one);
  if (Array.isArray(one) && one.length !== other.length) return false;
  if (keys.length !== Object.keys(other).length) return false;
  return keys.every((key) => Object.hasOwn(other, key) && same(one[key], other[key]));
}

/** By name, since in Vercel's runtime the objects of two realms meet. */
function className(value) {
  return Object.getPrototypeOf(value)?.constructor?.name;
}

function shown(value) {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  try {
    return JSON.stringify(value, (_, part) => (part === undefined ? "(undefined)" : part)) ?? String(value);
  } catch {
    return String(value);
  }
}

/**
 * What JavaScript can do by itself: SHA-256 of one block with its 64 rounds written out, every word in a variable of its
 * own, and a comparison without early end. It is written by this file, since nobody would keep it by hand, and decides
 * nothing beyond the digest.
 */

/** A module that exports `matches(key, expected)`: the key is ASCII of 55 characters at most, the digest eight words. */
export function unrolledSource() {
  const words = Array.from({ length: 16 }, (_, at) => `w${at}`);
  const lines = [
    "const block = new Int32Array(16);",
    "export function matches(key, expected) {",
    "const { length } = key;",
    "block.fill(0);",
    "for (let at = 0; at < length; at++) block[at >> 2] |= key.charCodeAt(at) << (24 - ((at & 3) << 3));",
    "block[length >> 2] |= 0x80 << (24 - ((length & 3) << 3));",
    "block[15] = length << 3;",
    `let ${words.map((word, at) => `${word} = block[${at}]`).join(", ")};`,
    `let ${INITIAL.map((value, at) => `${"abcdefgh"[at]} = ${value | 0}`).join(", ")};`,
  ];
  for (let round = 0; round < 64; round++) {
    const [a, b, c, d, e, f, g, h] = Array.from({ length: 8 }, (_, at) => "abcdefgh"[(at - round + 64) % 8]);
    const word = `w${round % 16}`;
    if (round >= 16) {
      const near = `w${(round + 14) % 16}`;
      const far = `w${(round + 1) % 16}`;
      const small = `${rotated(far, 7, 18)} ^ (${far} >>> 3)`;
      const large = `${rotated(near, 17, 19)} ^ (${near} >>> 10)`;
      lines.push(`${word} = (${word} + (${small}) + w${(round + 9) % 16} + (${large})) | 0;`);
    }
    const choice = `(${g} ^ (${e} & (${f} ^ ${g})))`;
    lines.push(`${h} = (${h} + (${rotated(e, 6, 11, 25)}) + ${choice} + ${ROUNDS[round] | 0} + ${word}) | 0;`);
    lines.push(`${d} = (${d} + ${h}) | 0;`);
    lines.push(`${h} = (${h} + (${rotated(a, 2, 13, 22)}) + ((${a} & ${b}) | (${c} & (${a} | ${b})))) | 0;`);
  }
  const differences = INITIAL.map((value, at) => `(((${"abcdefgh"[at]} + ${value | 0}) | 0) ^ expected[${at}])`);
  lines.push(`return (${differences.join(" | ")}) === 0;`, "}");
  return `${lines.join("\n")}\n`;
}

function rotated(word, ...by) {
  return by.map((bits) => `((${word} >>> ${bits}) | (${word} << ${32 - bits}))`).join(" ^ ");
}

const PRIMES = primes(64);
/** The first bits behind the point of square and cube roots of primes (FIPS 180-4, sections 4.2.2 and 5.3.3). */
const INITIAL = PRIMES.slice(0, 8).map((prime) => rootBits(prime, 2));
const ROUNDS = PRIMES.map((prime) => rootBits(prime, 3));

function primes(count) {
  const found = [];
  for (let number = 2; found.length < count; number++) {
    if (found.every((prime) => number % prime !== 0)) found.push(number);
  }
  return found;
}

/** 32 bits behind the point of the `degree`-th root, by bisection in whole numbers. */
function rootBits(number, degree) {
  const wanted = BigInt(number) << BigInt(32 * degree);
  let low = 0n;
  let high = 1n << 40n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** BigInt(degree) <= wanted) low = middle;
    else high = middle;
  }
  return Number(low & 0xffff_ffffn);
}

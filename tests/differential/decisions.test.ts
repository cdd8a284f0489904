/**
 * One question, three answers: the library's, the package's and the reading's. `KEYWARD_CASES` says how many questions are
 * asked (100,000, if it is not set), `KEYWARD_SEED` where the drawing begins.
 */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import fc from "fast-check";
import { decide, overRecords, overSnapshot } from "./edge.js";
import { Native, type NativeWorld } from "./native.js";
import { type Answer, type Question, Reading, type World } from "./reading.js";
import { pathOfTarget } from "./reading/paths.js";
import { makeQuestion, questions } from "./questions.js";
import { CASES, SEEDED } from "./runs.js";
import { writeSnapshot } from "./snapshot.js";
import { type Drawn, worlds } from "./worlds.js";

/** How many of one world, at most. A run draws 35 on average. */
const QUESTIONS = 80;

const native = new Native();
after(() => native.end());

/** A world with its questions; a failure shows them in the form in which they can be asked again. */
class Case {
  readonly drawn: Drawn;
  readonly questions: readonly Question[];

  constructor(drawn: Drawn, asked: readonly Question[]) {
    this.drawn = drawn;
    this.questions = asked;
  }

  [fc.toStringMethod](): string {
    const { source, world } = this.drawn;
    const profile = "toml" in source ? source.toml : source.preset;
    const { records, age } = world;
    return `${profile}\n${JSON.stringify({ records, age }, null, 1)}\n${this.questions.map((each) => JSON.stringify(each)).join("\n")}`;
  }
}

const cases = fc.tuple(worlds, fc.array(questions, { minLength: 1, maxLength: QUESTIONS, size: "max" })).map(
  ([drawn, recipes]) =>
    new Case(
      drawn,
      recipes.map((recipe) => makeQuestion(recipe, drawn)),
    ),
);

test("the library, the package and the reading decide alike", async (context) => {
  const seen = new Map<string, number>();
  const property = fc.asyncProperty(cases, async ({ drawn, questions: asked }) => {
    const { answers, verifier } = await opened(drawn, asked);
    using edge = verifier;
    const reading = new Reading(drawn.world);
    for (const [at, question] of asked.entries()) {
      const place = JSON.stringify(question);
      const expected = reading.decide(question);
      const natively = answers[at];
      const outside = decide(edge, question);
      assert.deepEqual(sorted(natively), sorted(expected), `the library: ${place}`);
      const joined = asJoined(question, drawn.world);
      if (joined === question) assert.deepEqual(outside, natively, `the package: ${place}`);
      else assert.deepEqual(outside, reading.decide(joined), `the package, of joined headers: ${place}`);
      if (expected.allowed) holdsForOthers(question);
      seen.set(outcomeOf(expected), (seen.get(outcomeOf(expected)) ?? 0) + 1);
    }
  });
  await fc.assert(property, { numRuns: Math.ceil(CASES / 35), ...SEEDED });
  const total = [...seen.values()].reduce((sum, count) => sum + count, 0);
  context.diagnostic(`${total} questions: ${[...seen].map(([outcome, count]) => `${count} ${outcome}`).join(", ")}`);
  // Drawn too narrowly, the questions would come to a few answers only.
  assert.ok(seen.size >= 17, [...seen.keys()].join(", "));
});

function outcomeOf(answer: Answer): string {
  if (answer.allowed) return answer.stale ? "allowed, stale" : "allowed";
  return !("note" in answer) || answer.note === null ? answer.reason : `${answer.reason}, closed`;
}

/** The library's answers, and the package's verifier: over records, or where they have an age, over a snapshot of them. */
async function opened({ source, world }: Drawn, asked: readonly Question[]) {
  const { records, peppers, age } = world;
  const said = { profile: source, records, peppers, questions: asked };
  if (age === undefined) {
    const { profile, answers } = await answered(said);
    return { answers, verifier: overRecords(profile, world) };
  }
  const { profile } = await answered({ ...said, questions: [] });
  const snapshot = writeSnapshot(profile, world, age);
  const { answers } = await answered({
    ...said,
    snapshot: { head: base64(snapshot.head), shard: base64(snapshot.shard), root: base64(snapshot.root) },
  });
  return { answers, verifier: overSnapshot(snapshot, world) };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

async function answered(said: NativeWorld) {
  const reply = await native.ask(said);
  if (reply.error !== undefined) assert.fail(`refused: ${reply.message}`);
  return { profile: Buffer.from(reply.profile, "base64"), answers: reply.answers };
}

/** In which order the values of a constraint are told, the document leaves open. */
function sorted(answer: Answer | undefined): Answer | undefined {
  if (!answer?.allowed) return answer;
  const lists = Object.entries(answer.constraints).map(([name, limit]) => [
    name,
    limit === "all" ? limit : [...limit].sort(),
  ]);
  return { ...answer, constraints: Object.fromEntries(lists) };
}

/** The question as a host asks it that joins several values of a header into one; the same one if there are none. */
function asJoined(question: Question, { profile }: World): Question {
  if (question.ask !== "request") return question;
  const names = ["authorization", ...profile.transports.flatMap((text) => /^header\((.+)\)$/.exec(text)?.[1] ?? [])];
  const joined = new Map<string, string>();
  for (const [name, value] of question.headers) {
    const known = name.toLowerCase();
    if (!names.includes(known)) continue;
    const before = joined.get(known);
    joined.set(known, before === undefined ? value : `${before}, ${value}`);
  }
  const several = question.headers.filter(([name]) => names.includes(name.toLowerCase())).length > joined.size;
  return several ? { ...question, headers: [...joined] } : question;
}

/** What was allowed is the same call to whoever reads the URL as the WHATWG has it. */
function holdsForOthers(question: Question): void {
  if (question.ask !== "request" && question.ask !== "call") return;
  const target = question.ask === "request" ? question.target : question.path;
  if (!URL.canParse(target, "https://h")) return; // some hosts are none; nobody calls them
  assert.equal(new URL(target, "https://h").pathname, pathOfTarget(target), target);
}

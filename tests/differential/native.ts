/** The library, in a process of its own that takes a line for each world (decide.rs). */
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Answer, Question } from "./reading.js";
import type { Peppers, ReadKey } from "./reading/keys.js";
import type { Record } from "./reading/profile.js";

/** What a line says. */
export interface NativeWorld {
  readonly profile: { readonly toml: string } | { readonly preset: string };
  readonly records?: readonly Record[];
  readonly peppers?: Peppers;
  readonly snapshot?: { readonly head: string; readonly shard: string; readonly root: string } | undefined;
  readonly questions?: readonly Question[];
  readonly keys?: readonly string[];
}

/** What comes back: the compiled profile and the answers, or why the world was refused. */
export type NativeReply =
  | {
      readonly error?: undefined;
      readonly profile: string;
      readonly answers: readonly Answer[];
      readonly keys: readonly ReadKey[];
    }
  | { readonly error: string; readonly message: string };

/** The process, and the way to ask it. */
export class Native {
  readonly #child;
  readonly #replies;

  constructor() {
    this.#child = spawn(program(), [], { stdio: ["pipe", "pipe", "inherit"] });
    this.#replies = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Asks about one world. */
  async ask({ records = [], peppers = {}, ...world }: NativeWorld): Promise<NativeReply> {
    this.#child.stdin.write(`${JSON.stringify({ records, peppers, ...world })}\n`);
    const { value, done } = await this.#replies.next();
    if (done === true) throw new Error(`${program()} has ended`);
    return JSON.parse(value) as NativeReply;
  }

  /** Ends the process. */
  end(): void {
    this.#child.stdin.end();
  }
}

/** `cargo build --example decide` makes it. */
function program(): string {
  const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
  return process.env.KEYWARD_DECIDE ?? join(root, "target/debug/examples/decide");
}

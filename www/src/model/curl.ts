/**
 * Reads a `curl` command as far as it concerns a decision: method, URL, credential.
 *
 * What curl would send is what counts; what has no bearing on the decision (a body, an output file) is named as such, and
 * what this reader does not understand is said, never silently dropped: a demo that guesses would teach a wrong lesson.
 */
import type { WireRequest } from "../engine";
import { basic, headerName } from "./request";
import { splitShell } from "./shell";

/** Something worth telling about the command. */
export interface Note {
  readonly kind: "read" | "aside" | "unknown";
  readonly text: string;
}

/** What was understood. */
export type CurlReading =
  | { readonly ok: true; readonly request: WireRequest; readonly notes: readonly Note[] }
  | { readonly ok: false; readonly why: string; readonly notes: readonly Note[] };

/** Options that take a value and change nothing about the decision. */
const ASIDE_WITH_VALUE = new Set([
  "-o",
  "--output",
  "-A",
  "--user-agent",
  "-e",
  "--referer",
  "-m",
  "--max-time",
  "--connect-timeout",
  "--retry",
  "-w",
  "--write-out",
  "-b",
  "--cookie",
  "-c",
  "--cookie-jar",
  "--cacert",
  "-x",
  "--proxy",
  "-F",
  "--form",
]);
/** Options without a value that change nothing about the decision. */
const ASIDE = new Set([
  "-s",
  "--silent",
  "-S",
  "--show-error",
  "-i",
  "--include",
  "-v",
  "--verbose",
  "-L",
  "--location",
  "-k",
  "--insecure",
  "-f",
  "--fail",
  "--compressed",
  "--http1.1",
  "--http2",
  "--basic",
  "-N",
  "--no-buffer",
  "-g",
  "--globoff",
  "--path-as-is",
  "-O",
  "--remote-name",
]);
const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
/** Options that give a body: they make the method POST where none is named. */
const DATA = new Set(["-d", "--data", "--data-raw", "--data-ascii", "--data-binary", "--data-urlencode", "--json"]);

/** Reads one command. `headers` are those in which a key may stand, in lower case. */
export function readCurl(text: string, headers: readonly string[]): CurlReading {
  const split = splitShell(text);
  if (!split.ok) return { ok: false, why: split.why, notes: [] };
  const words = [...split.words];
  const notes: Note[] = split.warnings.map((warning) => ({ kind: "unknown", text: warning }));
  if (words.length === 0) return { ok: false, why: "Paste a command that starts with curl.", notes };
  if (words.shift() !== "curl") return { ok: false, why: "The command does not start with curl.", notes };

  const seen = new Command(notes, headers);
  const args = separate(words);
  for (let arg = args.shift(); arg !== undefined; arg = args.shift()) {
    if (!seen.option(arg, args)) return { ok: false, why: `${arg} needs a value after it.`, notes };
  }
  return seen.finish();
}

/** Rewrites `-sSXPOST` as `-s -S -X POST`, as curl itself reads it. */
function separate(words: readonly string[]): string[] {
  const takesValue = (flag: string): boolean =>
    flag === "-X" || flag === "-u" || flag === "-H" || DATA.has(flag) || ASIDE_WITH_VALUE.has(flag);
  const out: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    if (!/^-[A-Za-z]./.test(word)) {
      out.push(word);
      // The word after an option that takes a value is that value, whatever it looks like.
      if (takesValue(word) || /^--(request|user|header|url|oauth2-bearer)$/.test(word)) {
        const value = words[++i];
        if (value !== undefined) out.push(value);
      }
      continue;
    }
    for (let j = 1; j < word.length; j++) {
      const flag = `-${word.charAt(j)}`;
      out.push(flag);
      if (takesValue(flag)) {
        const rest = word.slice(j + 1);
        const value = rest === "" ? words[++i] : rest;
        if (value !== undefined) out.push(value);
        break;
      }
    }
  }
  return out;
}

/** What has been read so far. */
class Command {
  readonly #notes: Note[];
  /** The headers that matter. */
  readonly #names: readonly string[];
  #method: string | undefined;
  #url: string | undefined;
  #body = false;
  #head = false;
  #get = false;
  #user: string | undefined;
  readonly #headers: (readonly [name: string, value: string])[] = [];
  readonly #asides: string[] = [];

  constructor(notes: Note[], names: readonly string[]) {
    this.#notes = notes;
    this.#names = names;
  }

  /** Takes one word of the command, and its value from `rest`; false when that is missing. */
  option(word: string, rest: string[]): boolean {
    const take = (into: (value: string) => void): boolean => {
      const value = rest.shift();
      if (value !== undefined) into(value);
      return value !== undefined;
    };
    if (word === "-X" || word === "--request") return take((value) => (this.#method = value));
    if (word === "-u" || word === "--user") return take((value) => this.#setUser(value));
    if (word === "-H" || word === "--header") return take((value) => this.#addHeader(value));
    if (word === "--oauth2-bearer") return take((value) => this.#headers.push(["Authorization", `Bearer ${value}`]));
    if (word === "--url") return take((value) => this.#setUrl(value));
    if (DATA.has(word)) {
      this.#body = true;
      this.#asides.push(`${word} (the body)`);
      return take(() => undefined);
    }
    if (ASIDE_WITH_VALUE.has(word)) {
      this.#asides.push(word);
      return take(() => undefined);
    }
    if (word === "-I" || word === "--head") this.#head = true;
    else if (word === "-G" || word === "--get") this.#get = true;
    else if (ASIDE.has(word)) this.#asides.push(word);
    else if (word.startsWith("-") && word !== "-") this.#leaveOut(word, rest);
    else this.#setUrl(word);
    return true;
  }

  /** The request, or what is missing for one. */
  finish(): CurlReading {
    const notes = this.#notes;
    if (this.#asides.length > 0) this.#say("aside", `Without a part in the decision: ${this.#asides.join(", ")}.`);
    if (this.#url === undefined) return { ok: false, why: "There is no URL in the command.", notes };
    const method = this.#method ?? (this.#head ? "HEAD" : this.#body && !this.#get ? "POST" : "GET");
    const authorized = this.#headers.some(([name]) => name.toLowerCase() === "authorization");
    if (this.#user !== undefined && authorized) {
      this.#say("unknown", "An Authorization header was given too, so curl does not send -u.");
    }
    const user = this.#user === undefined || authorized ? [] : [["Authorization", this.#user] as const];
    const headers = [...user, ...this.#headers];
    // curl sends every -H it is given; a server sees two lines of one name joined by a comma.
    for (const name of this.#names.filter(
      (each) => headers.filter(([name]) => name.toLowerCase() === each).length > 1,
    )) {
      this.#say("read", `${headerName(name)} is there twice: a runtime joins the two with a comma.`);
    }
    return { ok: true, request: { method, url: this.#url, headers }, notes };
  }

  /** An option that is not known here; a word after it that is no URL is most likely its value. */
  #leaveOut(word: string, rest: string[]): void {
    const next = rest[0];
    const value = next !== undefined && !next.startsWith("-") && !SCHEME.test(next) ? rest.shift() : undefined;
    const whole = value === undefined ? word : `${word} ${value}`;
    this.#say("unknown", `${whole} is not understood here and was left out.`);
  }

  #setUser(value: string): void {
    const colon = value.indexOf(":");
    if (colon < 0) this.#say("unknown", "-u has no colon: curl would ask for the password. An empty one is used here.");
    this.#user = colon < 0 ? basic(value, "") : basic(value.slice(0, colon), value.slice(colon + 1));
  }

  #addHeader(line: string): void {
    const [, name, value] = /^([^:;\s]+)\s*:\s*(.*)$/s.exec(line) ?? [];
    if (name === undefined || value === undefined) {
      this.#say("unknown", `-H "${line}" is not a header line of the form Name: value.`);
    } else if (!this.#names.includes(name.toLowerCase())) this.#asides.push(name);
    else if (value.trim() === "") this.#say("read", `An empty ${headerName(name)} header is not sent by curl.`);
    else this.#headers.push([headerName(name.toLowerCase()), value.trim()]);
  }

  #setUrl(value: string): void {
    if (this.#url !== undefined) this.#say("unknown", `A second URL, ${value}, was left out.`);
    else if (SCHEME.test(value)) this.#url = value;
    else {
      this.#url = `http://${value}`;
      this.#say("read", "The URL has no scheme: curl takes http://.");
    }
  }

  #say(kind: Note["kind"], text: string): void {
    this.#notes.push({ kind, text });
  }
}

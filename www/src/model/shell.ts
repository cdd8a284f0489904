/**
 * Splits a command line into words as a POSIX shell does: quotes, escapes, continued lines.
 *
 * Only what people paste is covered. What a shell would replace (variables, command substitution) is left as it stands and
 * reported, and what would start another command ends the reading with an error.
 */

/** The words, and what could not be taken at face value. */
export type Split =
  | { readonly ok: true; readonly words: readonly string[]; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly why: string };

/** Splits one command. */
export function splitShell(text: string): Split {
  const words: string[] = [];
  const warnings: string[] = [];
  let word: string | undefined;
  let i = 0;
  // A leading prompt is part of many a documentation page, never of the command.
  const line = text.trim().replace(/^\$\s+/, "");

  while (i < line.length) {
    const c = line.charAt(i);
    if (c === "'") {
      const end = line.indexOf("'", i + 1);
      if (end < 0) return { ok: false, why: "A single quote is opened and never closed." };
      word = (word ?? "") + line.slice(i + 1, end);
      i = end + 1;
    } else if (c === '"') {
      const quoted = doubleQuoted(line, i + 1, warnings);
      if (quoted === undefined) return { ok: false, why: "A double quote is opened and never closed." };
      word = (word ?? "") + quoted.text;
      i = quoted.end;
    } else if (c === "\\") {
      const next = line.charAt(i + 1);
      if (next === "\n") i += 2;
      else if (next === "\r" && line.charAt(i + 2) === "\n") i += 3;
      else {
        word = (word ?? "") + next;
        i += 2;
      }
    } else if (/\s/.test(c)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      i += 1;
    } else if (";|<>&".includes(c)) {
      return {
        ok: false,
        why: `An unquoted ${c} would end the command: put the URL in quotes, or paste the curl command alone.`,
      };
    } else {
      if (c === "$" || c === "`") warn(warnings, line.slice(i));
      word = (word ?? "") + c;
      i += 1;
    }
  }
  if (word !== undefined) words.push(word);
  return { ok: true, words, warnings };
}

/** The text of a double-quoted part that starts at `from`, and where the line goes on. */
function doubleQuoted(line: string, from: number, warnings: string[]): { text: string; end: number } | undefined {
  let text = "";
  for (let i = from; i < line.length; i++) {
    const c = line.charAt(i);
    if (c === '"') return { text, end: i + 1 };
    if (c === "\\" && '\\"$`\n'.includes(line.charAt(i + 1))) {
      i += 1;
      if (line.charAt(i) !== "\n") text += line.charAt(i);
      continue;
    }
    if (c === "$" || c === "`") warn(warnings, line.slice(i));
    text += c;
  }
  return undefined;
}

function warn(warnings: string[], rest: string): void {
  const name = /^(\$\{?\w+\}?|\$\(|`|\$')/.exec(rest)?.[0];
  if (name !== undefined) warnings.push(`${name} is not replaced here: a shell would put something else in its place.`);
}

/** A listing with its strings, words and comments told apart. */

interface Props {
  readonly text: string;
  readonly label: string;
}

/** Comments, strings, words of the language; everything else stays as it is. */
const TOKEN =
  /(?<comment>\/\/[^\n]*)|(?<string>"[^"\n]*")|\b(?<word>import|from|let|const|export|default|async|await|if|return|void|unknown)\b/g;

export function Code({ text, label }: Props) {
  return (
    <pre class="code" tabIndex={0} aria-label={label}>
      <code>{pieces(text)}</code>
    </pre>
  );
}

function pieces(text: string) {
  const out = [];
  let from = 0;
  for (const match of text.matchAll(TOKEN)) {
    out.push(text.slice(from, match.index));
    const kind = Object.entries(match.groups ?? {}).find(([, found]) => found !== undefined)?.[0];
    out.push(<span class={`code-${kind ?? "word"}`}>{match[0]}</span>);
    from = match.index + match[0].length;
  }
  out.push(text.slice(from));
  return out;
}

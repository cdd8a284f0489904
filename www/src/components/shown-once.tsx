/** The moment in which a key is handed over: the only one, unless the system keeps keys so that they can be shown again. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Advice } from "./advice";
import { CopyButton } from "./copy";
import { Icon } from "./icon";
import { useProfile } from "./system";

interface Props {
  readonly secret: string;
  readonly onDone: () => void;
}

/** Shows the key whole, says what that means in the system's words, and asks once more if it was not copied. */
export function ShownOnce({ secret, onDone }: Props) {
  const profile = useProfile();
  const { recoverable } = profile.lifecycle;
  const [copied, setCopied] = useState(false);
  const text = useRef<HTMLElement>(null);
  useEffect(() => text.current?.focus(), []);
  return (
    <div class="once">
      <code class="once-key" ref={text} tabIndex={0} aria-label="Your new key">
        {secret}
      </code>
      <p class="once-warning">
        <Icon name={recoverable ? "note" : "warn"} />
        <span>
          {recoverable
            ? "The list can show it again: this system keeps its keys, sealed."
            : (profile.word("shown_once") ??
              "You will not see it again: only its digest and a hint are kept. A lost key is replaced, not recovered.")}
        </span>
      </p>
      <Advice place="key" />
      <div class="dialog-actions">
        <button type="button" class={copied ? "button primary" : "button"} onClick={onDone}>
          {copied || recoverable ? "Done" : "Close without copying"}
        </button>
        <CopyButton text={() => secret} label="Copy key" primary={!copied} onCopied={() => setCopied(true)} />
      </div>
    </div>
  );
}

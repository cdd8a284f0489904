/** The one moment in which a key can be seen. */
import { useEffect, useRef, useState } from "preact/hooks";
import { CopyButton } from "./copy";
import { Icon } from "./icon";

interface Props {
  readonly secret: string;
  readonly onDone: () => void;
}

/** Shows the key whole, says that this does not happen again, and asks once more if it was not copied. */
export function ShownOnce({ secret, onDone }: Props) {
  const [copied, setCopied] = useState(false);
  const text = useRef<HTMLElement>(null);
  useEffect(() => text.current?.focus(), []);
  return (
    <div class="once">
      <code class="once-key" ref={text} tabIndex={0} aria-label="Your new key">
        {secret}
      </code>
      <p class="once-warning">
        <Icon name="warn" />
        <span>
          <strong>You will not see it again.</strong> Only its digest and a hint are kept. A lost key is replaced, not
          recovered.
        </span>
      </p>
      <p class="help">Keep it where you keep passwords. Do not send it by mail or show it in a screenshot.</p>
      <div class="dialog-actions">
        <button type="button" class={copied ? "button primary" : "button"} onClick={onDone}>
          {copied ? "Done" : "Close without copying"}
        </button>
        <CopyButton text={() => secret} label="Copy key" primary={!copied} onCopied={() => setCopied(true)} />
      </div>
    </div>
  );
}

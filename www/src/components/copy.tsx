/** A button that copies a text and says whether that worked. */
import { useState } from "preact/hooks";
import { Icon } from "./icon";

interface Props {
  /** Read at the click, so that a secret need not be in the rendered tree. */
  readonly text: () => string;
  readonly label: string;
  /** Whether copying is the thing to do here. */
  readonly primary?: boolean;
  /** Beside a line of text rather than below one. */
  readonly small?: boolean;
  readonly onCopied?: () => void;
}

/** Copies through the clipboard API; where that is refused (an insecure origin) it says so. */
export function CopyButton({ text, label, primary = false, small = false, onCopied }: Props) {
  const [outcome, setOutcome] = useState<"none" | "copied" | "refused">("none");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text());
      setOutcome("copied");
      onCopied?.();
    } catch {
      setOutcome("refused");
    }
  };
  return (
    <span class="copy">
      <button
        type="button"
        class={["button", primary && "primary", small && "chip"].filter(Boolean).join(" ")}
        onClick={() => void copy()}
      >
        <Icon name={outcome === "copied" ? "check" : "copy"} />
        <span>{outcome === "copied" ? "Copied" : label}</span>
      </button>
      <span role="status" class={outcome === "refused" ? "copy-refused" : "sr"}>
        {outcome === "copied" && "Copied to the clipboard"}
        {outcome === "refused" && "The browser refused: select the text and copy it yourself."}
      </span>
    </span>
  );
}

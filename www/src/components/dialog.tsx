/** A modal window: the platform's own `<dialog>`, which brings focus trap, Escape and an inert page behind it. */
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

interface Props {
  readonly title: string;
  readonly onClose: () => void;
  /** Whether Escape closes it; off while something is shown that cannot be shown again. */
  readonly escapable?: boolean;
  readonly children: ComponentChildren;
}

/** Open for as long as it is rendered; focus goes back to where it was. */
export function Dialog({ title, onClose, escapable = true, children }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    const dialog = ref.current;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      class="dialog"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        if (escapable) onClose();
      }}
      // A browser may close on a second Escape whatever `cancel` answered; the state must follow.
      onClose={onClose}
    >
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}

/** The pop-up that asks before a key is switched or deleted. */
import type { ComponentChildren } from "preact";
import { Dialog } from "./dialog";

interface Props {
  readonly title: string;
  readonly action: string;
  readonly danger: boolean;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** Asks once; the safe answer comes first and has the focus. */
export function Confirm({ title, action, danger, onConfirm, onClose, children }: Props) {
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      <div class="dialog-actions">
        <button type="button" class="button" onClick={onClose}>
          Cancel
        </button>
        <button
          type="button"
          class={danger ? "button danger" : "button primary"}
          onClick={() => {
            onConfirm();
            onClose();
          }}
        >
          {action}
        </button>
      </div>
    </Dialog>
  );
}

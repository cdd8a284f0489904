/** The three dots beside a key: a disclosure, closed by Escape, by a click elsewhere, by leaving it. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "./icon";

interface Props {
  readonly name: string;
  readonly entries: readonly Entry[];
}

interface Entry {
  readonly title: string;
  readonly danger?: boolean;
  readonly onChoose: () => void;
}

export function RowMenu({ name, entries }: Props) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return;
    const outside = (event: Event) => {
      if (event.target instanceof Node && box.current?.contains(event.target) !== true) setOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    document.addEventListener("focusin", outside);
    return () => {
      document.removeEventListener("pointerdown", outside);
      document.removeEventListener("focusin", outside);
    };
  }, [open]);
  return (
    <div
      class="row-menu"
      ref={box}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open) return;
        setOpen(false);
        button.current?.focus();
      }}
    >
      <button
        ref={button}
        type="button"
        class="button quiet square"
        aria-expanded={open}
        aria-label={`More for ${name}`}
        onClick={() => setOpen(!open)}
      >
        <Icon name="dots" />
      </button>
      {open && (
        <div class="row-menu-list">
          {entries.map(({ title, danger, onChoose }) => (
            <button
              key={title}
              type="button"
              class={danger === true ? "danger" : undefined}
              onClick={() => {
                setOpen(false);
                button.current?.focus();
                onChoose();
              }}
            >
              {title}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

/** A new key: first the form, then the key, once. */
import { useState } from "preact/hooks";
import type { Wish } from "../model/issue";
import { AddKeyForm } from "./add-key-form";
import { Dialog } from "./dialog";
import { ShownOnce } from "./shown-once";
import { useProfile } from "./system";

interface Props {
  readonly now: number;
  readonly onCreate: (wish: Wish) => string;
  readonly onClose: () => void;
}

/** The key is held by this component's state only while it is shown. */
export function AddKey({ now, onCreate, onClose }: Props) {
  const profile = useProfile();
  const [key, setKey] = useState<string>();
  return (
    <Dialog
      title={key === undefined ? (profile.word("create") ?? "New key") : "Copy your key now"}
      onClose={onClose}
      escapable={key === undefined}
    >
      {key === undefined ? (
        <AddKeyForm now={now} onSubmit={(wish) => setKey(onCreate(wish))} onCancel={onClose} />
      ) : (
        <ShownOnce secret={key} onDone={onClose} />
      )}
    </Dialog>
  );
}

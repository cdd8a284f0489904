/** Sends the request, so that it counts: as use of the key, and against its rate. The decision beside only looks ahead. */
import { useState } from "preact/hooks";
import type { Sent } from "../model/sending";
import { Icon } from "./icon";

interface Props {
  readonly ready: boolean;
  readonly onSend: (count: number) => Sent | undefined;
}

export function SendBar({ ready, onSend }: Props) {
  const [sent, setSent] = useState<Sent>();
  return (
    <div class="send">
      <div class="send-buttons">
        {[1, 10].map((count) => (
          <button
            key={count}
            type="button"
            class="button chip"
            disabled={!ready}
            onClick={() => setSent(onSend(count))}
          >
            {count === 1 && <Icon name="send" size={16} />}
            <span>{count === 1 ? "Send" : `Send ${count} times`}</span>
          </button>
        ))}
      </div>
      <p class="help" role="status">
        {sent === undefined
          ? "The decision shown only looks ahead. What is sent counts: as use of the key, and against its rate."
          : words(sent)}
      </p>
    </div>
  );
}

/** `10 sent: 3 allowed, 7 refused with 429 rate_limited; try again in 12 s.` */
function words({ count, allowed, refusal }: Sent): string {
  if (refusal === undefined) return `${count} sent, ${count === 1 ? "allowed" : "all of them allowed"}.`;
  const again = refusal.retryAfter === undefined ? "" : `; the next is admitted in ${refusal.retryAfter} s`;
  return `${count} sent: ${allowed} allowed, ${count - allowed} refused with ${refusal.status} ${refusal.reason}${again}.`;
}

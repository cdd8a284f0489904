/** The verdict at the foot of the window while what changes it is in sight and the decision is not, as on a phone. */
import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Outcome } from "../model/decision";
import { phrase } from "../model/words";
import { Icon } from "./icon";

interface Props {
  readonly outcome: Outcome;
  /** The decision's panel, inside the `.workshop` of everything that changes it. */
  readonly panel: RefObject<HTMLElement | null>;
}

export function VerdictBar({ outcome, panel }: Props) {
  const verdictInSight = useInSight(() => panel.current?.querySelector(".verdict") ?? panel.current);
  const workshopInSight = useInSight(() => panel.current?.closest(".workshop"));
  if (verdictInSight || !workshopInSight || !("decided" in outcome)) return null;
  const { ruling } = outcome.decided;
  return (
    <a class={`verdict-bar ${ruling.allowed ? "allow" : "deny"}`} href="#decision">
      <Icon name={ruling.allowed ? "check" : "cross"} />
      <strong>{ruling.allowed ? "Allow" : "Deny"}</strong>
      <span>
        {ruling.status} {phrase(ruling.status)}
      </span>
      {!ruling.allowed && <code>{ruling.reason}</code>}
    </a>
  );
}

/** Whether an element is in the window, but for its last sliver at the edge. */
function useInSight(find: () => Element | null | undefined): boolean {
  const [inSight, setInSight] = useState(true);
  useEffect(() => {
    const target = find();
    if (!target) return;
    const observer = new IntersectionObserver(([entry]) => setInSight(entry?.isIntersecting ?? true), {
      rootMargin: "-48px",
    });
    observer.observe(target);
    return () => observer.disconnect();
  }, []);
  return inSight;
}

/** Which system the page shows, as its address says: `?system=optimove`. */
import { useEffect, useState } from "preact/hooks";
import { SYSTEMS, type SystemId } from "../engine";

/** The address of a system's page, relative to wherever the page is mounted. */
export const addressOf = (id: SystemId): string => `?system=${id}`;

/** The system that is shown, and how to choose another, as a link does: with an entry in the history. */
export function useSystem(): [SystemId, (id: SystemId) => void] {
  const [id, setId] = useState(fromAddress);
  useEffect(() => {
    const follow = () => setId(fromAddress());
    addEventListener("popstate", follow);
    return () => removeEventListener("popstate", follow);
  }, []);
  const choose = (next: SystemId) => {
    if (next === id) return;
    history.pushState(null, "", addressOf(next));
    setId(next);
  };
  return [id, choose];
}

/** The first system, if the address names none that there is. */
function fromAddress(): SystemId {
  const named = new URLSearchParams(location.search).get("system");
  return SYSTEMS.find((id) => id === named) ?? SYSTEMS[0];
}

/** The profile of the system that is shown, for every component below. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Profile } from "../engine";

export const System = createContext<Profile | undefined>(undefined);

/** The profile of the system that is shown. */
export function useProfile(): Profile {
  const profile = useContext(System);
  if (profile === undefined) throw new Error("this component stands below a System");
  return profile;
}

/**
 * The only folder that touches the package `keyward`.
 *
 * The page speaks in its own small shapes (a profile, a stored key, a request on the wire, a ruling), and these files turn
 * them into the package's calls. Whoever wants to know what the page really asks of the engine reads them.
 */
export type { Reason } from "keyward";
export * from "./gate";
export * from "./keys";
export * from "./profile";

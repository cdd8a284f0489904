/** The rules of a profile by the scope they need, those that are asked for. */
import type { Profile, Reach, Route } from "../engine";

/** Which rules to show: all, or those that the caller can or cannot use. */
export type Show = "all" | "open" | "shut";

/** The rules that need one scope, or those that are closed to every key. */
export interface RouteGroup {
  readonly title: string;
  readonly scope: string | undefined;
  readonly rules: readonly { readonly route: Route; readonly reach: Reach }[];
}

/** The rules in the profile's order of scopes; those that are closed come last. `reach` is that of each rule. */
export function groupsOf(profile: Profile, reach: readonly Reach[], show: Show, text: string): readonly RouteGroup[] {
  const rules = profile.routes.map((route, rule) => ({ route, reach: reach[rule] ?? "shut" }) as const);
  const words = text.toLowerCase().split(/\s+/);
  const scopes = [...profile.scopes, { id: undefined, title: "Closed to every key" }];
  return scopes
    .map(({ id, title }): RouteGroup => {
      const matches = ({ method, pattern }: Route): boolean => {
        const about = `${method} ${pattern} ${id ?? ""} ${title}`.toLowerCase();
        return words.every((word) => about.includes(word));
      };
      const members = rules
        .filter(({ route }) => route.scope === id && matches(route))
        .filter(({ reach }) => show === "all" || (show === "shut") === (reach === "shut"));
      return { title, scope: id, rules: members };
    })
    .filter(({ rules }) => rules.length > 0);
}

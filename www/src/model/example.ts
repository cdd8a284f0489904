/** What a system is best shown with at first: one of its levels, and a call that this level is for. */
import type { Call, Level, Profile } from "../engine";

/** The first level that does not open everything, else the first one. */
export function exampleLevel({ levels }: Profile): Level {
  const level = levels.find(({ everything }) => !everything) ?? levels[0];
  if (level === undefined) throw new Error("a profile has at least one level");
  return level;
}

/** A call for which the example level was made: one that limits speak of, else the one that it lists last. */
export function exampleCall(profile: Profile): Call {
  const { scopes } = exampleLevel(profile);
  const limited = scopes.find((id) => profile.constraints.some(({ appliesTo }) => appliesTo?.includes(id) === true));
  const scope = limited ?? scopes.at(-1);
  const route = profile.routes.find((each) => each.scope === scope) ?? profile.routes.find(({ closed }) => !closed);
  return route?.sample ?? { method: "GET", path: "/" };
}

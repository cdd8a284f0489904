/**
 * The columns of a system's list. Which there are and what they are called is the profile's to say, by its words
 * `column_…`; their order is the page's: what names the key, what it may do, what has happened to it, how it stands.
 */
import type { Constraint, Field, Profile } from "../engine";

/** A column, with what its cells show. */
export type Column = { readonly id: string; readonly title: string } & (
  | { readonly shows: "id" | "key" | "level" | "created_by" | "status" }
  | { readonly shows: "field"; readonly field: Field }
  | { readonly shows: "constraint"; readonly constraint: Constraint }
  | { readonly shows: "time"; readonly time: "createdAt" | "updatedAt" | "lastUsedAt" | "expiresAt" }
);

/** The columns of a profile's list. A list without a state would leave nothing to switch, so that one is always there. */
export function columnsOf(profile: Profile): readonly Column[] {
  const named = (id: string, shown: (id: string, title: string) => Column): Column[] => {
    const title = profile.word(`column_${id}`);
    return title === undefined ? [] : [shown(id, title)];
  };
  const own = (id: "id" | "key" | "level" | "created_by"): Column[] =>
    named(id, (id_, title) => ({ id: id_, title, shows: id }));
  const times = (["created_at", "updated_at", "last_used_at", "expires_at"] as const).flatMap((name) =>
    named(name, (id, title) => ({ id, title, shows: "time", time: TIMES[name] })),
  );
  return [
    ...own("id"),
    ...own("key"),
    ...profile.fields.flatMap((field) => named(field.name, (id, title) => ({ id, title, shows: "field", field }))),
    ...own("level"),
    ...profile.constraints.flatMap((constraint) =>
      named(constraint.name, (id, title) => ({ id, title, shows: "constraint", constraint })),
    ),
    ...own("created_by"),
    ...times,
    { id: "status", title: profile.word("column_status") ?? "Status", shows: "status" },
  ];
}

const TIMES = {
  created_at: "createdAt",
  updated_at: "updatedAt",
  last_used_at: "lastUsedAt",
  expires_at: "expiresAt",
} as const;

/** The dimensions that have no column of their own: what they say stands below the level. */
export function unlisted(profile: Profile): readonly Constraint[] {
  return profile.constraints.filter(({ name }) => profile.word(`column_${name}`) === undefined);
}

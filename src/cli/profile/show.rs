//! `keyward profile show`: all that a profile says, for people.

use std::fmt::Write as _;

use clap::Args;

use super::Source;
use super::view::{View, level_ids, openable, opened, opens, scope_ids};
use crate::access::RouteAccess;
use crate::cli::Failure;
use crate::cli::output::{BOLD, DIM, Table, plain, print, print_json, styled};
use crate::profile::{Field, Lifecycle, Profile, Uniqueness};

/// Show what a profile says: levels, scopes, calls and who may make them, constraints, fields, lifecycle, privileges
#[derive(Args)]
pub(super) struct Show {
    /// The name of a preset, or a file of TOML
    profile: String,
    /// Print JSON
    #[arg(long, conflicts_with = "source")]
    json: bool,
    /// Print the TOML itself: a place to start one's own from
    #[arg(long = "toml")]
    source: bool,
}

impl Show {
    pub(super) fn run(self) -> Result<(), Failure> {
        let source = Source::open(&self.profile)?;
        if self.json {
            return print_json(&View::of(&source.profile));
        }
        if self.source {
            return print(&source.text);
        }
        print(&page(&source))
    }
}

/// What the keys look like, in a few words.
pub(super) fn key_format(profile: &Profile) -> String {
    let format = profile.key_format();
    match format.prefix() {
        Some(prefix) => format!("{}, {prefix}_…", format.as_str()),
        None => format.as_str().to_owned(),
    }
}

fn page(source: &Source) -> String {
    let profile = &source.profile;
    let mut page = format!(
        "{} ({})\n",
        styled(BOLD, plain(profile.title())),
        profile.id()
    );
    if !profile.description().is_empty() {
        page.push_str(&plain(profile.description()));
        page.push('\n');
    }
    page.push('\n');
    page += &facts(profile).to_string();
    let mut section = |title: &str, table: &Table, is_empty: bool| {
        if !is_empty {
            let _ = write!(page, "\n{}\n{table}", styled(BOLD, title));
        }
    };
    section("Levels", &levels(profile), false);
    section("Scopes", &scopes(profile), profile.scopes().is_empty());
    section(
        "Calls",
        &calls(profile),
        profile.routes().rules().is_empty(),
    );
    section(
        "Constraints",
        &constraints(profile),
        profile.dimensions().is_empty(),
    );
    section("Fields", &fields(profile), profile.fields().is_empty());
    section(
        "Privileges",
        &privileges(profile),
        profile.privileges().is_empty(),
    );
    let notes = notes(&source.text);
    if !notes.is_empty() {
        let _ = write!(
            page,
            "\n{}\n{}\n",
            styled(BOLD, "Notes"),
            styled(DIM, notes)
        );
    }
    page
}

fn facts(profile: &Profile) -> Table {
    let transports: Vec<_> = profile
        .transports()
        .iter()
        .map(ToString::to_string)
        .collect();
    let mut base = profile.base_path().to_owned();
    if base.is_empty() {
        base.push('/');
    }
    if profile.has_version_segment() {
        base += ", then a version such as /v1 or none";
    }
    let lifecycle = profile.lifecycle();
    let off = if lifecycle.reversible {
        "can be switched off and on again"
    } else {
        "is switched off for good"
    };
    let shown = if lifecycle.recoverable {
        "can be shown again"
    } else {
        "is shown once"
    };
    let mut table = Table::without_headings();
    for (what, value) in [
        ("Keys", key_format(profile)),
        ("Sent as", transports.join(", ")),
        ("Paths below", base),
        ("A key ends", ends(lifecycle)),
        ("A key", format!("{off}, {shown}")),
        ("Rotation", rotation(lifecycle)),
        ("Columns", profile.columns().join(", ")),
        (
            "Dialect",
            profile.dialect().map_or_else(String::new, |dialect| {
                format!("{}, beside Keyward's own", dialect.as_str())
            }),
        ),
    ] {
        if !value.is_empty() {
            table.row([what.to_owned(), value]);
        }
    }
    table
}

fn ends(lifecycle: &Lifecycle) -> String {
    let mut ends = Vec::new();
    if !lifecycle.expires_in_days.is_empty() {
        let days: Vec<_> = lifecycle
            .expires_in_days
            .iter()
            .map(ToString::to_string)
            .collect();
        ends.push(format!("after {} days, as chosen", days.join(", ")));
    } else if let Some(days) = lifecycle.max_expires_in_days {
        ends.push(format!("after {days} days at most"));
    }
    if let Some(days) = lifecycle.notice_days {
        ends.push(format!("announced {days} days before"));
    }
    if let Some(days) = lifecycle.idle_disable_days {
        ends.push(format!("switched off when unused for {days} days"));
    }
    if ends.is_empty() {
        "when it is deleted, or at an end that it was made with".to_owned()
    } else {
        ends.join("; ")
    }
}

fn rotation(lifecycle: &Lifecycle) -> String {
    match lifecycle.rotation_grace_days {
        0 => "the secret before ends at once".to_owned(),
        days => format!("the secret before may count for {days} more days"),
    }
}

fn levels(profile: &Profile) -> Table {
    let mut table = Table::new(&["LEVEL", "TITLE", "CALLS", "RATE", "SCOPES"]);
    let of = openable(profile);
    for level in profile.levels() {
        let calls = match (of, level.everything) {
            (0, true) => "everything".to_owned(),
            (_, true) => format!("{of} of {of} calls, and what is not listed"),
            (_, false) => format!("{} of {of} calls", opened(profile, level)),
        };
        let rate = level
            .rate
            .map(|rate| format!("{} in {} s", rate.limit(), rate.window_seconds()));
        table.row([
            level.id.to_string(),
            level.title.to_string(),
            calls,
            rate.unwrap_or_else(|| "–".into()),
            scope_ids(profile, level.scopes).join(", "),
        ]);
    }
    table
}

fn scopes(profile: &Profile) -> Table {
    let mut table = Table::new(&["SCOPE", "TITLE", "CALLS"]);
    for (index, scope) in (0..).zip(profile.scopes()) {
        let needs = |access: &RouteAccess| *access == RouteAccess::Scope(index);
        let rules = profile.routes().rules().iter();
        let calls = rules.filter(|rule| needs(&rule.access)).count();
        table.row([
            scope.id.to_string(),
            scope.title.to_string(),
            calls.to_string(),
        ]);
    }
    table
}

fn calls(profile: &Profile) -> Table {
    let mut table = Table::new(&["METHOD", "PATH", "SCOPE", "LEVELS", ""]);
    for rule in profile.routes().rules() {
        let mut remarks = Vec::new();
        if rule.cost != 1 {
            remarks.push(format!("costs {}", rule.cost));
        }
        if rule.require_fresh {
            remarks.push("requires a fresh snapshot".into());
        }
        let scope = match &rule.access {
            RouteAccess::Scope(scope) => profile
                .scopes()
                .get(usize::from(*scope))
                .map(|scope| scope.id.to_string()),
            RouteAccess::Closed(text) => {
                remarks.push(text.to_string());
                None
            }
        };
        let levels = profile.levels().iter().filter(|level| opens(level, rule));
        let levels: Vec<_> = levels.map(|level| &*level.id).collect();
        let closed = scope.is_none();
        table.row([
            rule.method.to_string(),
            format!("{}{}", profile.base_path(), rule.pattern),
            scope.unwrap_or_else(|| "closed".into()),
            if closed {
                "no key".into()
            } else {
                levels.join(", ")
            },
            remarks.join("; "),
        ]);
    }
    table
}

fn constraints(profile: &Profile) -> Table {
    let mut table = Table::new(&["CONSTRAINT", "KIND", "CALLS", "LEVELS", "VALUES"]);
    for dimension in profile.dimensions() {
        let or_all = |ids: Vec<&str>| {
            if ids.is_empty() {
                "all".to_owned()
            } else {
                ids.join(", ")
            }
        };
        let calls = dimension
            .applies_to
            .map(|scopes| scope_ids(profile, scopes));
        let values = if dimension.values.is_empty() {
            format!("at most {}", dimension.max_values)
        } else {
            format!(
                "at most {} of {}",
                dimension.max_values,
                dimension.values.join(", ")
            )
        };
        table.row([
            dimension.name.to_string(),
            dimension.kind.as_str().to_owned(),
            or_all(calls.unwrap_or_default()),
            or_all(level_ids(profile, &dimension.levels)),
            values,
        ]);
    }
    table
}

fn fields(profile: &Profile) -> Table {
    let mut table = Table::new(&["FIELD", "LABEL", "KIND", "AT MOST", ""]);
    for field in profile.fields() {
        table.row([
            field.name.to_string(),
            field.label.to_string(),
            field.kind.as_str().to_owned(),
            field.max_length.to_string(),
            remarks(field).join("; "),
        ]);
    }
    table
}

fn remarks(field: &Field) -> Vec<String> {
    let mut remarks = Vec::new();
    if field.required {
        remarks.push("required".to_owned());
    }
    match field.unique {
        Some(Uniqueness::Account) => {
            remarks.push("no two keys of an account have the same".to_owned());
        }
        Some(Uniqueness::AccountAndLevel) => {
            remarks.push("no two active keys of an account and level have the same".to_owned());
        }
        None => {}
    }
    if let Some(characters) = field.shown_characters {
        remarks.push(format!("lists show {characters}"));
    }
    remarks
}

fn privileges(profile: &Profile) -> Table {
    let mut table = Table::new(&["PRIVILEGE", "STANDS FOR"]);
    for (name, rights) in profile.privileges() {
        table.row([name.to_string(), rights.join(", ")]);
    }
    table
}

/// The comment that a profile begins with: where it comes from, and what its author made up.
fn notes(text: &str) -> String {
    let lines = text.lines().map_while(|line| line.strip_prefix('#'));
    lines
        .map(|line| plain(line.trim()))
        .collect::<Vec<_>>()
        .join("\n")
}

//! What differs between the rules that hold and those that are wanted, a line each.

use std::collections::BTreeSet;

use crate::access::RouteAccess;
use crate::cli::output::{BAD, GOOD, plain, styled};
use crate::profile::Profile;

/// What goes, with a minus, and what comes, with a plus, each in the order of its profile.
pub(super) fn page(known: &Profile, wanted: &Profile) -> String {
    let (before, after) = (facts(known), facts(wanted));
    let only = |here: &[String], there: &[String]| {
        let there: BTreeSet<_> = there.iter().collect();
        let own = here.iter().filter(|fact| !there.contains(fact));
        own.map(|fact| plain(fact)).collect::<Vec<_>>()
    };
    let gone = only(&before, &after);
    let gone = gone
        .iter()
        .map(|fact| format!("{} {fact}\n", styled(BAD, "-")));
    let come = only(&after, &before);
    let come = come
        .iter()
        .map(|fact| format!("{} {fact}\n", styled(GOOD, "+")));
    let page = gone.chain(come).collect::<String>();
    if page.is_empty() {
        "the profile says the same\n".to_owned()
    } else {
        page
    }
}

/// All that a profile says, each fact in one line that says the whole of it.
fn facts(profile: &Profile) -> Vec<String> {
    let scope = |index: u16| {
        let scope = profile.scopes().get(usize::from(index));
        scope.map_or("", |scope| &*scope.id)
    };
    let mut facts = vec![
        format!("profile {}", profile.id()),
        format!("title {:?}", profile.title()),
        format!("description {:?}", profile.description()),
        format!("keys {:?}", profile.key_format()),
        format!("base path /{}", profile.base_path().trim_start_matches('/')),
        format!("version segment: {}", profile.has_version_segment()),
        format!("realm {:?}", profile.realm()),
        format!("columns: {}", profile.columns().join(", ")),
        format!(
            "dialect: {}",
            profile.dialect().map_or("none", |dialect| dialect.as_str())
        ),
        format!("{:?}", profile.lifecycle()),
    ];
    facts.extend(
        (1..)
            .zip(profile.transports())
            .map(|(place, transport)| format!("transport {place}: {transport}")),
    );
    facts.extend(
        profile
            .scopes()
            .iter()
            .map(|scope| format!("scope {}: {:?}", scope.id, scope.title)),
    );
    facts.extend(profile.levels().iter().map(|level| {
        let opened: Vec<_> = level.scopes.iter().map(scope).collect();
        let opened = if level.everything {
            "everything".to_owned()
        } else {
            opened.join(", ")
        };
        let rate = level.rate.map_or_else(String::new, |rate| {
            format!(", {} in {} s", rate.limit(), rate.window_seconds())
        });
        format!("level {} {:?}: {opened}{rate}", level.id, level.title)
    }));
    facts.extend(profile.routes().rules().iter().map(|rule| {
        let access = match &rule.access {
            RouteAccess::Scope(index) => scope(*index).to_owned(),
            RouteAccess::Closed(why) => format!("closed, {why:?}"),
        };
        let fresh = if rule.require_fresh {
            ", only fresh"
        } else {
            ""
        };
        format!(
            "call {} {}: {access}, costs {}{fresh}",
            rule.method, rule.pattern, rule.cost
        )
    }));
    facts.extend(profile.dimensions().iter().map(|dimension| {
        let levels: Vec<_> = dimension
            .levels
            .iter()
            .filter_map(|&level| Some(&*profile.levels().get(usize::from(level))?.id))
            .collect();
        let applies = dimension
            .applies_to
            .map(|scopes| scopes.iter().map(scope).collect::<Vec<_>>().join(", "));
        format!(
            "constraint {} {:?}: {}, at most {} of {:?}, for {}, levels {}",
            dimension.name,
            dimension.title,
            dimension.kind.as_str(),
            dimension.max_values,
            dimension.values,
            applies.as_deref().unwrap_or("every call"),
            if levels.is_empty() {
                "all".to_owned()
            } else {
                levels.join(", ")
            },
        )
    }));
    facts.extend(
        profile
            .fields()
            .iter()
            .map(|field| format!("field {field:?}")),
    );
    facts.extend(
        profile
            .privileges()
            .iter()
            .map(|(name, rights)| format!("privilege {name:?}: {}", rights.join(", "))),
    );
    facts.extend(
        profile
            .vocabulary()
            .iter()
            .map(|(word, text)| format!("word {word}: {text:?}")),
    );
    facts
}

//! From the groups of calls to the compiled table, with each mistake at the call that makes it.

use super::document::{At, Document, Routes};
use super::limits::{MAX_COST, MAX_HELP, MAX_METHOD, MAX_PATTERN};
use super::mistakes::Mistakes;
use super::{check, declared};
use crate::access::{RouteAccess, RouteRule, RouteTable};
use crate::error::Error;

/// After tables of so many calls in all were made to find one that contradicts others, no further one is looked for.
const MAX_TRIED: usize = 5_000;

/// The table; none where something is wrong.
pub(super) fn compile(document: &Document, mistakes: &mut Mistakes<'_>) -> Option<RouteTable> {
    let before = mistakes.count();
    let mut rules = Vec::new();
    let mut places = Vec::new();
    for group in &document.routes {
        let access = access(document, group, mistakes);
        let cost = group.get().cost.as_ref().map_or(1, |cost| {
            if *cost.get() > MAX_COST {
                let message = format!("cost {}; a call costs at most {MAX_COST} units", cost.get());
                mistakes.add(cost.place(), message);
            }
            *cost.get()
        });
        let calls = &group.get().calls;
        if calls.get().is_empty() {
            mistakes.add(
                calls.place(),
                "no calls; list some, or take these routes out",
            );
        }
        for call in calls.get() {
            let Some((method, pattern)) = call.get().split_once(' ') else {
                let message = format!(
                    "call {:?}: write a method, a space and a path pattern, such as \"GET /contacts/{{id}}\"",
                    call.get()
                );
                mistakes.add(call.place(), message);
                continue;
            };
            let pattern = pattern.trim_start_matches(' ');
            if method.len() > MAX_METHOD || pattern.len() > MAX_PATTERN {
                let message = format!(
                    "a call of {} bytes; a method has at most {MAX_METHOD}, a pattern at most {MAX_PATTERN}",
                    call.get().len()
                );
                mistakes.add(call.place(), message);
                continue;
            }
            if let Some(access) = &access {
                rules.push(RouteRule {
                    method: method.into(),
                    pattern: pattern.into(),
                    access: access.clone(),
                    cost,
                    require_fresh: group.get().require_fresh,
                });
                places.push(call.place());
            }
        }
    }
    let base = document.request.base_path.as_ref();
    if let Some(base) = base
        && base.get().len() > MAX_PATTERN
    {
        let message = format!("a base path has at most {MAX_PATTERN} bytes");
        mistakes.add(base.place(), message);
    }
    if mistakes.count() > before {
        // What could not be read may be what another call lacks or crosses.
        return None;
    }
    let table = |rules: &[RouteRule]| {
        RouteTable::compile(
            base.map_or("", |base| base.get()),
            document.request.version_segment,
            rules.to_vec(),
        )
    };
    if let Err(error) = table(&[]) {
        mistakes.add(base.map_or(0, At::place), error.message());
        return None;
    }
    for (rule, place) in rules.iter().zip(&places) {
        if let Err(error) = table(std::slice::from_ref(rule)) {
            mistakes.add(*place, error.message());
        }
    }
    if mistakes.count() > before {
        return None;
    }
    together(rules, places, table, mistakes)
}

/// The table of rules each of which is good by itself.
fn together(
    mut rules: Vec<RouteRule>,
    mut places: Vec<usize>,
    table: impl Fn(&[RouteRule]) -> Result<RouteTable, Error>,
    mistakes: &mut Mistakes<'_>,
) -> Option<RouteTable> {
    let mut error = match table(&rules) {
        Ok(table) => return Some(table),
        Err(error) => error,
    };
    let mut tried = 0;
    loop {
        let guilty = guilty(&rules, |rules| {
            tried += rules.len();
            table(rules).is_err_and(|other| other == error)
        });
        mistakes.add(places[guilty], error.message());
        rules.remove(guilty);
        places.remove(guilty);
        if tried > MAX_TRIED {
            return None;
        }
        error = table(&rules).err()?;
    }
}

/// The last rule of the shortest beginning that gives the error: without it, the error would not be there. All rules
/// together give it, and none at all does not.
fn guilty(rules: &[RouteRule], mut gives: impl FnMut(&[RouteRule]) -> bool) -> usize {
    let (mut innocent, mut enough) = (0, rules.len());
    while enough - innocent > 1 {
        let middle = innocent.midpoint(enough);
        if gives(&rules[..middle]) {
            enough = middle;
        } else {
            innocent = middle;
        }
    }
    innocent
}

fn access(
    document: &Document,
    group: &At<Routes>,
    mistakes: &mut Mistakes<'_>,
) -> Option<RouteAccess> {
    let routes = group.get();
    match (&routes.scope, &routes.closed) {
        (Some(scope), None) => declared(document, scope, mistakes).map(RouteAccess::Scope),
        (None, Some(closed)) => {
            check::text(closed, "the text of closed routes", MAX_HELP, mistakes);
            if closed.get().is_empty() {
                let message = "closed: say what to use instead of these calls; callers are told";
                mistakes.add(closed.place(), message);
            }
            if routes.require_fresh || routes.cost.is_some() {
                let message = "closed routes are refused always; take require_fresh and cost out";
                mistakes.add(group.place(), message);
            }
            Some(RouteAccess::Closed(closed.get().clone()))
        }
        (Some(_), Some(closed)) => {
            let message = "routes have a scope or are closed, not both; take one of the two out";
            mistakes.add(closed.place(), message);
            None
        }
        (None, None) => {
            let message =
                "routes need `scope = \"…\"`, or `closed = \"…\"` for calls that no key may make";
            mistakes.add(group.place(), message);
            None
        }
    }
}

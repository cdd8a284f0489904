//! What a reader of the compiled form does not take on trust.

use crate::access::{
    Dimension, Level, MAX_DIMENSIONS, Node, RouteAccess, RouteRule, RouteTable, ScopeSet, is_method,
};
use crate::profile::{MAX_OWN_HEADERS, Profile};
use crate::request::Transport;

/// Whether all that deciding relies on is so: every number names something, every list is as the schema allows it, and
/// the tree is sorted as matching needs it.
pub(super) fn is_sound(profile: &Profile) -> bool {
    let known = |scopes: ScopeSet| {
        let mut scopes = scopes.iter();
        scopes.all(|scope| usize::from(scope) < profile.scopes.len())
    };
    let level_holds = |level: &Level| known(level.scopes);
    let dimension_holds = |(index, dimension): (usize, &Dimension)| {
        let mut levels = dimension.levels.iter();
        levels.all(|&level| usize::from(level) < profile.levels.len())
            // Scopes that are none would be those of no call, and the dimension never checked.
            && dimension
                .applies_to
                .is_none_or(|scopes| known(scopes) && !scopes.is_empty())
            && profile.dimension_index(&dimension.name).map(usize::from) == Some(index)
    };
    realm_holds(&profile.realm)
        && transports_hold(&profile.transports)
        && profile.levels.iter().all(level_holds)
        && routes_hold(&profile.routes, profile.scopes.len())
        && profile.dimensions.len() <= MAX_DIMENSIONS
        && profile.dimensions.iter().enumerate().all(dimension_holds)
        && profile
            .lifecycle
            .expires_in_days
            .is_sorted_by(|one, next| one < next)
}

/// No two that read the same place, and not more headers than are handed over.
fn transports_hold(transports: &[Transport]) -> bool {
    let own = |transport: &&Transport| matches!(transport, Transport::Header(_));
    let same_place = |one: &Transport, other: &Transport| {
        one.header() == other.header() && one.scheme() == other.scheme()
    };
    let alone = transports.iter().enumerate().all(|(index, one)| {
        !transports[..index]
            .iter()
            .any(|other| same_place(one, other))
    });
    alone && transports.iter().filter(own).count() <= MAX_OWN_HEADERS
}

fn routes_hold(routes: &RouteTable, scopes: usize) -> bool {
    let node_holds = |node: &Node| {
        let mut children = node
            .literals
            .iter()
            .map(|&(_, child)| child)
            .chain(node.parameter);
        let sorted = node
            .literals
            .is_sorted_by(|(a, _), (b, _)| (a.len(), a) < (b.len(), b));
        sorted
            && children.all(|child| (child as usize) < routes.nodes.len())
            && node
                .rules
                .iter()
                .all(|&rule| usize::from(rule) < routes.rules.len())
    };
    let access_holds = |rule: &RouteRule| match &rule.access {
        RouteAccess::Scope(scope) => usize::from(*scope) < scopes,
        RouteAccess::Closed(text) => !text.is_empty(),
    };
    let rule_holds = |rule: &RouteRule| {
        access_holds(rule) && (&*rule.method == "*" || is_method(rule.method.as_bytes()))
    };
    // Without its tree, a strict rule would not bind who spells its path in another way.
    let strict_holds = match routes.strict {
        Some(root) => (root as usize) < routes.nodes.len(),
        None => !routes.rules.iter().any(RouteRule::is_strict),
    };
    strict_holds && routes.nodes.iter().all(node_holds) && routes.rules.iter().all(rule_holds)
}

/// Whether a realm can stand between quotes in a header.
pub(in crate::profile) fn realm_holds(realm: &str) -> bool {
    realm
        .bytes()
        .all(|byte| (b' '..=b'~').contains(&byte) && !b"\"\\".contains(&byte))
}

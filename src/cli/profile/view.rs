//! A profile as JSON: in the words of the npm package's `profileInfo`, and then what stays at the server.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::access::{Level, RouteAccess, RouteRule, ScopeSet};
use crate::profile::{Dialect, Profile, Uniqueness};

/// How many of a profile's rules a level opens. Rules that no key may use are not counted.
pub(super) fn opened(profile: &Profile, level: &Level) -> usize {
    let rules = profile.routes().rules().iter();
    rules.filter(|rule| opens(level, rule)).count()
}

/// How many of a profile's rules some key could use.
pub(super) fn openable(profile: &Profile) -> usize {
    let rules = profile.routes().rules().iter();
    rules
        .filter(|rule| matches!(rule.access, RouteAccess::Scope(_)))
        .count()
}

/// Whether a level opens what a rule lists.
pub(super) fn opens(level: &Level, rule: &RouteRule) -> bool {
    match rule.access {
        RouteAccess::Scope(scope) => level.everything || level.scopes.contains(scope),
        RouteAccess::Closed(_) => false,
    }
}

/// The ids of scopes.
pub(super) fn scope_ids(profile: &Profile, scopes: ScopeSet) -> Vec<&str> {
    let known = profile.scopes();
    scopes
        .iter()
        .filter_map(|scope| Some(&*known.get(usize::from(scope))?.id))
        .collect()
}

/// The ids of levels.
pub(super) fn level_ids<'a>(profile: &'a Profile, levels: &[u16]) -> Vec<&'a str> {
    let known = profile.levels();
    levels
        .iter()
        .filter_map(|&level| Some(&*known.get(usize::from(level))?.id))
        .collect()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct View<'a> {
    id: &'a str,
    title: &'a str,
    description: &'a str,
    key_format: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    prefix: Option<&'a str>,
    transports: Vec<String>,
    headers: Vec<&'a str>,
    realm: &'a str,
    base_path: &'a str,
    version_segment: bool,
    scopes: Vec<ScopeView<'a>>,
    levels: Vec<LevelView<'a>>,
    routes: Vec<RouteView<'a>>,
    constraints: Vec<DimensionView<'a>>,
    fields: Vec<FieldView<'a>>,
    vocabulary: BTreeMap<&'a str, &'a str>,
    lifecycle: LifecycleView<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dialect: Option<&'a str>,
    columns: &'a [Box<str>],
    privileges: Vec<PrivilegeView<'a>>,
}

#[derive(Serialize)]
struct ScopeView<'a> {
    id: &'a str,
    title: &'a str,
}

#[derive(Serialize)]
struct LevelView<'a> {
    id: &'a str,
    title: &'a str,
    help: &'a str,
    everything: bool,
    scopes: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate: Option<RateView>,
    /// How many of the listed calls it opens, and out of how many.
    calls: usize,
    of: usize,
}

#[derive(Serialize)]
struct RateView {
    limit: u32,
    window: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RouteView<'a> {
    method: &'a str,
    pattern: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed: Option<&'a str>,
    cost: u32,
    require_fresh: bool,
    levels: Vec<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DimensionView<'a> {
    name: &'a str,
    title: &'a str,
    help: &'a str,
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    levels: Option<Vec<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    applies_to: Option<Vec<&'a str>>,
    max_values: u16,
    values: &'a [Box<str>],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FieldView<'a> {
    name: &'a str,
    label: &'a str,
    help: &'a str,
    required: bool,
    max_length: u16,
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    unique: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shown_characters: Option<u16>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LifecycleView<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    idle_disable_days: Option<u16>,
    expires_in_days: &'a [u16],
    #[serde(skip_serializing_if = "Option::is_none")]
    max_expires_in_days: Option<u16>,
    rotation_grace_days: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    notice_days: Option<u16>,
    reversible: bool,
    recoverable: bool,
}

#[derive(Serialize)]
struct PrivilegeView<'a> {
    name: &'a str,
    rights: &'a [Box<str>],
}

impl<'a> View<'a> {
    pub(super) fn of(profile: &'a Profile) -> Self {
        let vocabulary = profile.vocabulary().iter();
        let lifecycle = profile.lifecycle();
        Self {
            id: profile.id(),
            title: profile.title(),
            description: profile.description(),
            key_format: profile.key_format().as_str(),
            prefix: profile.key_format().prefix(),
            transports: profile
                .transports()
                .iter()
                .map(ToString::to_string)
                .collect(),
            headers: profile.credential_headers().collect(),
            realm: profile.realm(),
            base_path: profile.base_path(),
            version_segment: profile.has_version_segment(),
            scopes: profile
                .scopes()
                .iter()
                .map(|scope| ScopeView {
                    id: &scope.id,
                    title: &scope.title,
                })
                .collect(),
            levels: levels(profile),
            routes: routes(profile),
            constraints: constraints(profile),
            fields: profile
                .fields()
                .iter()
                .map(|field| FieldView {
                    name: &field.name,
                    label: &field.label,
                    help: &field.help,
                    required: field.required,
                    max_length: field.max_length,
                    kind: field.kind.as_str(),
                    unique: field.unique.map(Uniqueness::as_str),
                    shown_characters: field.shown_characters,
                })
                .collect(),
            vocabulary: vocabulary.map(|(word, text)| (&**word, &**text)).collect(),
            lifecycle: LifecycleView {
                idle_disable_days: lifecycle.idle_disable_days,
                expires_in_days: &lifecycle.expires_in_days,
                max_expires_in_days: lifecycle.max_expires_in_days,
                rotation_grace_days: lifecycle.rotation_grace_days,
                notice_days: lifecycle.notice_days,
                reversible: lifecycle.reversible,
                recoverable: lifecycle.recoverable,
            },
            dialect: profile.dialect().map(Dialect::as_str),
            columns: profile.columns(),
            privileges: profile
                .privileges()
                .iter()
                .map(|(name, rights)| PrivilegeView { name, rights })
                .collect(),
        }
    }
}

fn levels<'a>(profile: &'a Profile) -> Vec<LevelView<'a>> {
    let of = openable(profile);
    let view = |level: &'a Level| LevelView {
        id: &level.id,
        title: &level.title,
        help: &level.help,
        everything: level.everything,
        scopes: scope_ids(profile, level.scopes),
        rate: level.rate.map(|rate| RateView {
            limit: rate.limit(),
            window: rate.window_seconds(),
        }),
        calls: opened(profile, level),
        of,
    };
    profile.levels().iter().map(view).collect()
}

fn routes(profile: &Profile) -> Vec<RouteView<'_>> {
    let rules = profile.routes().rules().iter();
    rules.map(|rule| route(profile, rule)).collect()
}

fn route<'a>(profile: &'a Profile, rule: &'a RouteRule) -> RouteView<'a> {
    let (scope, closed) = match &rule.access {
        RouteAccess::Scope(scope) => (profile.scopes().get(usize::from(*scope)), None),
        RouteAccess::Closed(text) => (None, Some(&**text)),
    };
    let levels = profile.levels().iter().filter(|level| opens(level, rule));
    RouteView {
        method: &rule.method,
        pattern: &rule.pattern,
        scope: scope.map(|scope| &*scope.id),
        closed,
        cost: rule.cost,
        require_fresh: rule.require_fresh,
        levels: levels.map(|level| &*level.id).collect(),
    }
}

fn constraints(profile: &Profile) -> Vec<DimensionView<'_>> {
    let dimensions = profile.dimensions().iter();
    let views = dimensions.map(|dimension| DimensionView {
        name: &dimension.name,
        title: &dimension.title,
        help: &dimension.help,
        kind: dimension.kind.as_str(),
        levels: Some(level_ids(profile, &dimension.levels)).filter(|levels| !levels.is_empty()),
        applies_to: dimension
            .applies_to
            .map(|scopes| scope_ids(profile, scopes)),
        max_values: dimension.max_values,
        values: &dimension.values,
    });
    views.collect()
}

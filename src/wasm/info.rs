//! What JavaScript decodes once when a verifier is made: everything that decisions refer to by number.

use serde::Serialize;
use wasm_bindgen::JsValue;

use super::functions::{HeadInfo, head_info};
use super::to_js;
use crate::snapshot::Head;
use crate::verify::Verifier;

pub(super) fn info(verifier: &Verifier, methods: &[Box<str>], head: Option<&Head>) -> JsValue {
    let profile = verifier.profile();
    let scope = |scope: u16| {
        profile
            .scopes()
            .get(usize::from(scope))
            .map_or("", |scope| &*scope.id)
    };
    let policies = verifier.table().policies().iter().map(|policy| PolicyInfo {
        level: policy
            .level
            .and_then(|level| profile.levels().get(usize::from(level)))
            .map(|level| &*level.id),
        everything: policy.everything,
        scopes: policy.scopes.iter().map(scope).collect(),
    });
    to_js(&Info {
        snapshot: head.map(head_info),
        size: verifier.table().len(),
        challenges: profile.challenges().collect(),
        policies: policies.collect(),
        methods,
        scopes: profile.scopes().iter().map(|scope| &*scope.id).collect(),
    })
}

#[derive(Serialize)]
struct Info<'a> {
    snapshot: Option<HeadInfo<'a>>,
    size: u32,
    challenges: Vec<String>,
    policies: Vec<PolicyInfo<'a>>,
    methods: &'a [Box<str>],
    scopes: Vec<&'a str>,
}

#[derive(Serialize)]
struct PolicyInfo<'a> {
    level: Option<&'a str>,
    everything: bool,
    scopes: Vec<&'a str>,
}

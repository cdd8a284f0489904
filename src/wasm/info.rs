//! What JavaScript decodes once when a verifier is made: everything that decisions refer to by number.

use wasm_bindgen::JsValue;

use super::json::Json;
use crate::access::{LimitValue, RouteAccess};
use crate::key::Digest;
use crate::snapshot::Head;
use crate::verify::Verifier;

pub(super) fn info(verifier: &Verifier, methods: &[Box<str>], head: Option<&Head>) -> JsValue {
    let profile = verifier.profile();
    Json::to_js(|json| {
        json.key("snapshot");
        match head {
            Some(head) => json.object(|json| write_head(json, head)),
            None => json.null(),
        }
        json.key("size").number(verifier.table().len().into());
        json.key("challenges")
            .list(profile.challenges(), |json, challenge| {
                json.text(&challenge);
            });
        json.key("policies")
            .list(verifier.table().policies(), |json, policy| {
                json.object(|json| {
                    let level = policy
                        .level
                        .and_then(|level| profile.levels().get(usize::from(level)));
                    json.key("level");
                    match level {
                        Some(level) => json.text(&level.id),
                        None => json.null(),
                    }
                    json.key("everything").flag(policy.everything);
                    let scopes = policy.scopes.iter();
                    json.key("scopes").texts(
                        scopes.filter_map(|scope| {
                            Some(&*profile.scopes().get(usize::from(scope))?.id)
                        }),
                    );
                    if let Some(rate) = policy.rate {
                        json.key("rate").object(|json| {
                            json.key("limit").number(rate.limit().into());
                            json.key("window").number(rate.window_seconds().into());
                        });
                    }
                });
            });
        json.key("methods")
            .texts(methods.iter().map(|method| &**method));
        json.key("scopes")
            .texts(profile.scopes().iter().map(|scope| &*scope.id));
        json.key("headers").texts(profile.credential_headers());
        json.key("dimensions")
            .list(profile.dimensions(), |json, dimension| {
                json.object(|json| {
                    json.key("name").text(&dimension.name);
                    json.key("kind").text(dimension.kind.as_str());
                });
            });
        // What closed routes say, by the route's position.
        json.key("notes").object(|json| {
            for (route, rule) in profile.routes().rules().iter().enumerate() {
                if let RouteAccess::Closed(note) = &rule.access {
                    json.key(&route.to_string()).text(note);
                }
            }
        });
    })
}

/// A head's content.
pub(super) fn head_info(head: &Head) -> JsValue {
    Json::to_js(|json| write_head(json, head))
}

fn write_head(json: &mut Json, head: &Head) {
    json.key("keyspace").text(&head.keyspace);
    json.key("era").number(head.era.into());
    json.key("epoch").number(head.epoch.cast_signed());
    json.key("issuedAt").number(head.issued_at.as_millis());
    json.key("freshFor").number(head.fresh_for_seconds.into());
    json.key("validUntil").number(head.valid_until.as_millis());
    json.key("shards").list(&head.shards, |json, shard| {
        json.object(|json| {
            json.key("digest")
                .text(&Digest::from_sha256(shard.digest).to_string());
            json.key("length").number(shard.length.into());
        });
    });
}

/// What a record may use of every dimension of the profile.
pub(super) fn constraints(verifier: &Verifier, record: u32) -> JsValue {
    Json::to_js(|json| {
        for (at, dimension) in (0..).zip(verifier.profile().dimensions()) {
            json.key(&dimension.name);
            match verifier.only(record, at) {
                None => json.text("all"),
                Some(values) => json.list(values, |json, value| match value {
                    LimitValue::Integer(number) => json.number(number),
                    LimitValue::Text(text) => json.text(text),
                    LimitValue::Network(network) => json.text(&network.to_string()),
                }),
            }
        }
    })
}

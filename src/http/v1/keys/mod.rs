//! `/v1/keyspaces/{keyspace}/accounts/{account}/keys`, and the search for keys across accounts.

mod create;
mod deactivate;
mod delete;
mod disable;
mod enable;
mod filters;
mod list;
mod restrictions;
mod reveal;
mod rotate;
mod search;
mod show;
mod update;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) use self::restrictions::{ConstraintBody, ConstraintValueBody, RateBody, bodies};
use super::Shown;
use crate::http::App;
use crate::http::precondition::Tagged;
use crate::key::Secret;
use crate::service::{AccountPath, KeyRecord, Retiring, key_status, rfc3339};
use crate::time::Timestamp;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create::create_key, list::list_keys))
        .routes(routes!(
            show::show_key,
            update::update_key,
            delete::delete_key
        ))
        .routes(routes!(rotate::rotate_key))
        .routes(routes!(reveal::reveal_key))
        .routes(routes!(disable::disable_key))
        .routes(routes!(enable::enable_key))
        .routes(routes!(deactivate::deactivate_key))
        .routes(routes!(search::search_keys))
}

/// The path of an account's keys.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct AccountSegments {
    /// The keyspace's id.
    #[param(example = "shop")]
    keyspace: String,
    /// The account's id.
    #[param(example = "acme")]
    account: String,
}

impl From<AccountSegments> for AccountPath {
    fn from(segments: AccountSegments) -> Self {
        Self {
            keyspace: segments.keyspace,
            account: segments.account,
        }
    }
}

/// The path of a key.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct KeySegments {
    /// The keyspace's id.
    #[param(example = "shop")]
    keyspace: String,
    /// The account's id.
    #[param(example = "acme")]
    account: String,
    /// The key's id.
    #[param(example = "key_0FkLm2x9Q")]
    id: String,
}

impl KeySegments {
    fn split(self) -> (AccountPath, String) {
        (
            AccountPath {
                keyspace: self.keyspace,
                account: self.account,
            },
            self.id,
        )
    }
}

/// What is known of a key. The profile's fields that were filled in stand beside the other members.
#[derive(Serialize, ToSchema)]
pub(super) struct KeyBody {
    #[schema(example = "key_0FkLm2x9Q")]
    id: String,
    #[schema(example = "acme")]
    account: String,
    /// The id of its access level.
    #[schema(example = "events")]
    level: String,
    /// Whether it may be used, now.
    #[schema(value_type = KeyStatus, example = "active")]
    status: &'static str,
    /// What may be shown of it.
    #[schema(example = "es_0Fk…x9Q")]
    hint: String,
    #[serde(flatten)]
    fields: BTreeMap<String, String>,
    /// What it may use, by dimension of the profile; those that are not named are free.
    constraints: BTreeMap<String, ConstraintBody>,
    /// How often it may be used, where that is not left to its level.
    #[schema(required)]
    rate: Option<RateBody>,
    /// The API owner's id for whom it stands for.
    #[schema(required, example = "user-7")]
    subject: Option<String>,
    /// The API owner's JSON object.
    #[schema(required, value_type = Option<Object>)]
    meta: Option<Box<RawValue>>,
    #[schema(format = DateTime)]
    created_at: String,
    /// The operator, portal link or key that created it.
    #[schema(example = "op_0FkLm2x9Q")]
    created_by: String,
    /// When it was last changed.
    #[schema(format = DateTime)]
    updated_at: String,
    /// From when on it is refused.
    #[schema(required, format = DateTime)]
    expires_at: Option<String>,
    /// When it was last used, as far as is known.
    #[schema(required, format = DateTime)]
    last_used_at: Option<String>,
    /// When it was last switched on, where it was off before.
    #[schema(required, format = DateTime)]
    enabled_at: Option<String>,
    /// When it last got a new secret.
    #[schema(required, format = DateTime)]
    rotated_at: Option<String>,
    /// The secret before that, while it still counts.
    #[schema(required)]
    retiring: Option<RetiringBody>,
    /// Whether it can be shown again.
    recoverable: bool,
    /// Rises with every change; its entity tag.
    revision: u64,
}

/// Whether a key may be used.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[expect(dead_code, reason = "the shape for the document")]
pub(super) enum KeyStatus {
    /// It may.
    Active,
    /// Switched off, and can be switched on again.
    Disabled,
    /// Taken out of use for good.
    Deactivated,
    /// Past its end.
    Expired,
}

/// The secret before a rotation, while it still counts.
#[derive(Serialize, ToSchema)]
pub(super) struct RetiringBody {
    /// What may be shown of it.
    hint: String,
    /// From when on it is refused, whatever happens.
    #[schema(format = DateTime)]
    ends_at: String,
    /// It is refused so many seconds after the new secret was first used, if that is earlier.
    #[schema(required)]
    ends_after_use_seconds: Option<i64>,
}

impl KeyBody {
    /// The record as it is told at `now`.
    fn new(key: KeyRecord, now: Timestamp) -> Self {
        Self {
            id: key.id.to_string(),
            status: key_status(&key, now),
            account: key.account,
            level: key.content.level,
            hint: key.hint,
            fields: key.content.fields,
            constraints: bodies(&key.content.constraints),
            rate: key.content.rate.map(Into::into),
            subject: key.content.subject,
            meta: key
                .content
                .meta
                .and_then(|meta| RawValue::from_string(meta).ok()),
            created_at: rfc3339(key.created_at),
            created_by: key.created_by,
            updated_at: rfc3339(key.updated_at),
            expires_at: key.content.expires_at.map(rfc3339),
            last_used_at: key.last_used_at.map(rfc3339),
            enabled_at: key.enabled_at.map(rfc3339),
            rotated_at: key.rotated_at.map(rfc3339),
            retiring: key
                .retiring
                .filter(|retiring| retiring.ends_at > now)
                .map(Into::into),
            recoverable: key.is_sealed,
            revision: key.revision,
        }
    }

    /// The record with its entity tag.
    fn tagged(key: KeyRecord, now: Timestamp) -> Tagged<Self> {
        let revision = key.revision;
        Tagged::new(revision, Self::new(key, now))
    }
}

impl From<Retiring> for RetiringBody {
    fn from(retiring: Retiring) -> Self {
        Self {
            hint: retiring.hint,
            ends_at: rfc3339(retiring.ends_at),
            ends_after_use_seconds: retiring.ends_after_use.map(|millis| millis / 1000),
        }
    }
}

/// A key in an answer that shows it.
#[derive(Serialize, ToSchema)]
pub(super) struct ShownKeyBody {
    /// The whole key: keep it now. Null only where an answer is given again to a session that may not see it twice.
    #[schema(required, value_type = Option<String>, example = "es_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17")]
    key: Option<Shown>,
    record: KeyBody,
}

impl ShownKeyBody {
    /// A key that was just made. The status is that of then, so that an answer that is given again is the same to the
    /// byte.
    fn made(secret: Option<Secret>, key: KeyRecord) -> Tagged<Self> {
        let then = key.updated_at;
        Self::tagged(secret, key, then)
    }

    fn tagged(secret: Option<Secret>, key: KeyRecord, now: Timestamp) -> Tagged<Self> {
        let revision = key.revision;
        let body = Self {
            key: secret.map(Shown),
            record: KeyBody::new(key, now),
        };
        Tagged::new(revision, body)
    }
}

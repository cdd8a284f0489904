//! `/v1/keyspaces/{keyspace}/accounts/{account}/keys`.

mod create;
mod deactivate;
mod delete;
mod disable;
mod enable;
mod list;
mod show;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::App;
use crate::service::{AccountPath, KeyRecord, rfc3339};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create::create_key, list::list_keys))
        .routes(routes!(show::show_key, delete::delete_key))
        .routes(routes!(disable::disable_key))
        .routes(routes!(enable::enable_key))
        .routes(routes!(deactivate::deactivate_key))
}

/// The path of an account's keys.
#[derive(Deserialize)]
struct AccountSegments {
    keyspace: String,
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
#[derive(Deserialize)]
struct KeySegments {
    keyspace: String,
    account: String,
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
    account: String,
    /// The id of its access level.
    #[schema(example = "events")]
    level: String,
    /// `active`, `disabled` or `deactivated`; whether it has expired is told by `expires_at`.
    #[schema(example = "active")]
    status: &'static str,
    /// What may be shown of it.
    #[schema(example = "es_0Fk…x9Q")]
    hint: String,
    #[serde(flatten)]
    fields: BTreeMap<String, String>,
    /// The API owner's id for whom it stands for.
    #[schema(required)]
    subject: Option<String>,
    /// The API owner's JSON object.
    #[schema(required, value_type = Option<Object>)]
    meta: Option<Box<RawValue>>,
    #[schema(format = DateTime)]
    created_at: String,
    /// The operator who created it.
    created_by: String,
    #[schema(format = DateTime)]
    updated_at: String,
    /// From when on it is refused.
    #[schema(required, format = DateTime)]
    expires_at: Option<String>,
    /// When it was last used, as far as is known.
    #[schema(required, format = DateTime)]
    last_used_at: Option<String>,
}

impl From<KeyRecord> for KeyBody {
    fn from(key: KeyRecord) -> Self {
        Self {
            id: key.id.to_string(),
            account: key.account,
            level: key.level,
            status: key.state.as_str(),
            hint: key.hint,
            fields: key.fields,
            subject: key.subject,
            meta: key.meta.and_then(|meta| RawValue::from_string(meta).ok()),
            created_at: rfc3339(key.created_at),
            created_by: key.created_by,
            updated_at: rfc3339(key.updated_at),
            expires_at: key.expires_at.map(rfc3339),
            last_used_at: key.last_used_at.map(rfc3339),
        }
    }
}

//! `/v1/keyspaces`.

mod create;
mod list;
mod show;
mod update;

use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::App;
use crate::http::precondition::Tagged;
use crate::service::{Keyspace, rfc3339};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create::create_keyspace, list::list_keyspaces))
        .routes(routes!(show::show_keyspace, update::update_keyspace))
}

/// One published API.
#[derive(Serialize, ToSchema)]
pub(super) struct KeyspaceBody {
    #[schema(example = "shop")]
    id: String,
    /// The id of its profile.
    #[schema(example = "esputnik")]
    profile: String,
    /// Whether the profile is a preset. Otherwise it is the keyspace's own, whatever its id.
    preset: bool,
    /// Rises with every restore and every change of the root key.
    era: u32,
    /// Counts the keyspace's changes within the era.
    epoch: u64,
    /// What an edge pins.
    public_keys: Vec<String>,
    /// For how many seconds a head counts as fresh.
    fresh_for_seconds: u32,
    /// After how many seconds a head is refused.
    valid_for_seconds: u32,
    #[schema(format = DateTime)]
    created_at: String,
    /// Counts the changes of its rules.
    #[schema(minimum = 1)]
    revision: u64,
}

impl From<Keyspace> for KeyspaceBody {
    fn from(keyspace: Keyspace) -> Self {
        Self {
            id: keyspace.id,
            profile: keyspace.profile,
            preset: keyspace.profile_toml.is_none(),
            era: keyspace.edition.era,
            epoch: keyspace.edition.epoch,
            public_keys: vec![keyspace.root_public],
            fresh_for_seconds: keyspace.fresh_for_seconds,
            valid_for_seconds: keyspace.valid_for_seconds,
            created_at: rfc3339(keyspace.created_at),
            revision: keyspace.revision,
        }
    }
}

/// A keyspace with the rules that it has.
#[derive(Serialize, ToSchema)]
pub(super) struct ShownKeyspaceBody {
    #[serde(flatten)]
    keyspace: KeyspaceBody,
    /// The TOML of its own profile; null where it has a preset.
    #[schema(required)]
    profile_toml: Option<String>,
}

impl From<Keyspace> for ShownKeyspaceBody {
    fn from(keyspace: Keyspace) -> Self {
        let profile_toml = keyspace.profile_toml.clone();
        Self {
            keyspace: keyspace.into(),
            profile_toml,
        }
    }
}

impl From<Keyspace> for Tagged<ShownKeyspaceBody> {
    fn from(keyspace: Keyspace) -> Self {
        Self::new(keyspace.revision, keyspace.into())
    }
}

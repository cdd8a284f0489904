//! The management API, version 1. A file an endpoint.

mod accounts;
mod audit;
mod explain;
mod head;
mod keys;
mod keyspaces;
mod maintain;
mod me;
mod operators;
mod portal_links;
mod published;
mod snapshot;
mod tokens;
mod usage;
mod verify;

use serde::{Serialize, Serializer};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::App;
use crate::key::Secret;

/// The endpoints and their documentation.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(keyspaces::routes())
        .merge(accounts::routes())
        .merge(keys::routes())
        .merge(tokens::routes())
        .routes(routes!(head::get_head))
        .routes(routes!(snapshot::get_snapshot))
        .merge(operators::routes())
        .merge(portal_links::routes())
        .merge(audit::routes())
        .routes(routes!(me::show_me))
        .routes(routes!(verify::verify_key))
        .routes(routes!(explain::explain_key))
        .merge(usage::routes())
        .routes(routes!(maintain::maintain))
}

/// A whole key or token in the one answer that shows it.
struct Shown(Secret);

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        output.serialize_str(self.0.expose())
    }
}

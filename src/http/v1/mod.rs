//! The management API, version 1. A file an endpoint.

mod accounts;
mod audit;
mod head;
mod keys;
mod keyspaces;
mod published;
mod snapshot;
mod tokens;

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
        .routes(routes!(audit::list_audit))
}

/// A whole key or token in the one answer that shows it.
struct Shown(Secret);

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        output.serialize_str(self.0.expose())
    }
}

//! `/v1/keyspaces/{keyspace}/accounts`.

mod create;
mod list;

use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::App;
use crate::service::{Account, rfc3339};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(create::create_account, list::list_accounts))
}

/// One tenant inside a keyspace.
#[derive(Serialize, ToSchema)]
pub(super) struct AccountBody {
    #[schema(example = "acme")]
    id: String,
    /// A name for people.
    #[schema(required)]
    name: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
}

impl From<Account> for AccountBody {
    fn from(account: Account) -> Self {
        Self {
            id: account.id,
            name: account.name,
            created_at: rfc3339(account.created_at),
        }
    }
}

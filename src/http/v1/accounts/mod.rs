//! `/v1/keyspaces/{keyspace}/accounts`.

mod create;
mod list;
mod profile;
mod show;
mod update;

use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::App;
use crate::http::precondition::Tagged;
use crate::service::{Account, MeteredAccount, rfc3339};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create::create_account, list::list_accounts))
        .routes(routes!(show::show_account, update::update_account))
        .routes(routes!(profile::show_account_profile))
}

/// One tenant inside a keyspace.
#[derive(Serialize, ToSchema)]
pub(super) struct AccountBody {
    #[schema(example = "acme")]
    id: String,
    /// A name for people.
    #[schema(required, example = "Acme Ltd")]
    name: Option<String>,
    /// Whether keys may be made for it.
    keys_enabled: bool,
    /// How many uses a calendar month (UTC) are agreed. More are flagged, never refused.
    #[schema(required, example = 100_000)]
    monthly_uses: Option<u64>,
    #[schema(format = DateTime)]
    created_at: String,
    /// Rises with every change.
    #[schema(example = 1)]
    revision: u64,
}

/// An account, and what it has used.
#[derive(Serialize, ToSchema)]
pub(super) struct MeteredAccountBody {
    #[serde(flatten)]
    account: AccountBody,
    /// How often its keys were used this calendar month (UTC), as far as edges have reported.
    #[schema(example = 1204)]
    used_this_month: u64,
    /// Whether that is more than is agreed.
    over_agreed: bool,
}

impl From<Account> for AccountBody {
    fn from(account: Account) -> Self {
        Self {
            id: account.id,
            name: account.name,
            keys_enabled: account.keys_enabled,
            monthly_uses: account.monthly_uses,
            created_at: rfc3339(account.created_at),
            revision: account.revision,
        }
    }
}

impl From<MeteredAccount> for Tagged<MeteredAccountBody> {
    fn from(metered: MeteredAccount) -> Self {
        let over_agreed = metered.is_over_agreed();
        let account = AccountBody::from(metered.account);
        Self::new(
            account.revision,
            MeteredAccountBody {
                account,
                used_this_month: metered.used_this_month,
                over_agreed,
            },
        )
    }
}

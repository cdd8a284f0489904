//! Operators over the server, a keyspace or an account: `/v1/operators`, `/v1/keyspaces/{keyspace}/operators` and
//! `/v1/keyspaces/{keyspace}/accounts/{account}/operators`. Each file has an endpoint at all three.

mod create;
mod delete;
mod list;
mod rotate;
mod show;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Shown;
use crate::http::App;
use crate::service::{AccountPath, Issued, Operator, OperatorKind, Reach, Right, rfc3339};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create::create_operator, list::list_operators))
        .routes(routes!(show::show_operator, delete::delete_operator))
        .routes(routes!(rotate::rotate_operator))
        .routes(routes!(
            create::create_keyspace_operator,
            list::list_keyspace_operators
        ))
        .routes(routes!(
            show::show_keyspace_operator,
            delete::delete_keyspace_operator
        ))
        .routes(routes!(rotate::rotate_keyspace_operator))
        .routes(routes!(
            create::create_account_operator,
            list::list_account_operators
        ))
        .routes(routes!(
            show::show_account_operator,
            delete::delete_account_operator
        ))
        .routes(routes!(rotate::rotate_account_operator))
}

/// The path of an operator over the server.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct OperatorSegments {
    /// The operator's id.
    #[param(example = "op_0FkLm2x9Q")]
    id: String,
}

impl OperatorSegments {
    fn split(self) -> (Reach, String) {
        (Reach::Server, self.id)
    }
}

/// The path of an operator over a keyspace.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct KeyspaceOperatorSegments {
    /// The keyspace's id.
    #[param(example = "shop")]
    keyspace: String,
    /// The operator's id.
    #[param(example = "op_0FkLm2x9Q")]
    id: String,
}

impl KeyspaceOperatorSegments {
    fn split(self) -> (Reach, String) {
        (Reach::Keyspace(self.keyspace), self.id)
    }
}

/// The path of an operator over an account.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct AccountOperatorSegments {
    /// The keyspace's id.
    #[param(example = "shop")]
    keyspace: String,
    /// The account's id.
    #[param(example = "acme")]
    account: String,
    /// The operator's id.
    #[param(example = "op_0FkLm2x9Q")]
    id: String,
}

impl AccountOperatorSegments {
    fn split(self) -> (Reach, String) {
        let path = AccountPath {
            keyspace: self.keyspace,
            account: self.account,
        };
        (Reach::Account(path), self.id)
    }
}

/// Who manages: an operator, or whoever opened a portal link.
#[derive(Serialize, ToSchema)]
pub(super) struct OperatorBody {
    #[schema(example = "op_0FkLm2x9Q")]
    id: String,
    /// `operator` or `portal_link`.
    #[schema(example = "operator")]
    kind: &'static str,
    /// A name for people.
    #[schema(example = "Ada at acme")]
    name: String,
    /// What may be shown of its key.
    #[schema(example = "kw_op_0Fk…x9Q")]
    hint: String,
    reach: ReachBody,
    /// What it may do there.
    #[schema(example = json!(["keys.read", "keys.write"]))]
    rights: Vec<&'static str>,
    /// The levels that keys may have which it makes; null: all of them.
    #[schema(required, example = json!(["events"]))]
    levels: Option<Vec<String>>,
    /// From when on it is refused.
    #[schema(required, format = DateTime)]
    expires_at: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    /// The operator who made it, or `system`.
    created_by: String,
}

/// What rights are over: the whole server, where neither is named; a keyspace; or an account.
#[derive(Serialize, ToSchema)]
pub(super) struct ReachBody {
    /// The keyspace.
    #[schema(required, example = "shop")]
    keyspace: Option<String>,
    /// The account in it.
    #[schema(required, example = "acme")]
    account: Option<String>,
}

/// An operator together with its key.
#[derive(Serialize, ToSchema)]
pub(super) struct ShownOperatorBody {
    /// The whole operator key. It is shown in this answer only; keep it now.
    #[schema(value_type = String)]
    key: Shown,
    operator: OperatorBody,
}

impl From<Reach> for ReachBody {
    fn from(reach: Reach) -> Self {
        let (keyspace, account) = match reach {
            Reach::Keyspace(keyspace) => (Some(keyspace), None),
            Reach::Account(path) => (Some(path.keyspace), Some(path.account)),
            Reach::Server => (None, None),
        };
        Self { keyspace, account }
    }
}

impl From<Operator> for OperatorBody {
    fn from(operator: Operator) -> Self {
        Self {
            id: operator.id,
            kind: kind(operator.kind),
            name: operator.name,
            hint: operator.hint,
            reach: operator.reach.into(),
            rights: operator.rights.into_iter().map(Right::as_str).collect(),
            levels: operator.levels.map(|levels| levels.into_iter().collect()),
            expires_at: operator.expires_at.map(rfc3339),
            created_at: rfc3339(operator.created_at),
            created_by: operator.created_by,
        }
    }
}

impl From<Issued<Operator>> for ShownOperatorBody {
    fn from(issued: Issued<Operator>) -> Self {
        Self {
            key: Shown(issued.secret),
            operator: issued.record.into(),
        }
    }
}

/// The word for a kind of operator.
pub(super) const fn kind(kind: OperatorKind) -> &'static str {
    match kind {
        OperatorKind::PortalLink => "portal_link",
        OperatorKind::Operator => "operator",
    }
}

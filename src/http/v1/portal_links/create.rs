//! `POST …/portal-links`: let a customer's administrator manage an account's keys for a while.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize, Serializer};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::http::App;
use crate::http::body::Body;
use crate::http::caller::Caller;
use crate::http::openapi::Refusals;
use crate::http::parameters::Segments;
use crate::http::problem::{Problem, Table};
use crate::http::v1::Shown;
use crate::http::v1::keys::AccountSegments;
use crate::http::v1::operators::OperatorBody;
use crate::service::{AccountPath, Code, CreatePortalLink};

const STATUS: Table = Table(&[
    (Code::InvalidField, StatusCode::BAD_REQUEST),
    (Code::StrongerThanMaker, StatusCode::FORBIDDEN),
    (Code::NotFound, StatusCode::NOT_FOUND),
]);

/// A portal link to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Ada at acme", "expires_in_seconds": 3600 }))]
pub(super) struct CreatePortalLinkBody {
    /// A name for people: whom it is for.
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// Names of rights over an account, never `operators.write`, and of privileges of the profile. Where it is left
    /// out: `accounts.read`, `keys.read`, `keys.write` and `usage.read`, as far as the caller has them.
    rights: Option<Vec<String>>,
    /// The levels that keys may have which are made with it; those that the caller may give, where it is left out.
    levels: Option<Vec<String>>,
    /// For how many seconds it works; 900, where it is left out.
    #[schema(minimum = 60, maximum = 86400)]
    expires_in_seconds: Option<u32>,
}

/// A new portal link.
#[derive(Serialize, ToSchema)]
pub(super) struct CreatedPortalLinkBody {
    /// The whole token, a Bearer credential. It is shown in this answer only.
    #[schema(value_type = String)]
    token: Shown,
    /// Where to send the administrator; null where the server was not told by which address people reach it.
    #[schema(required, value_type = Option<String>, example = "https://keys.example.com/console#link=kw_portal_…")]
    url: Option<Url>,
    record: OperatorBody,
}

/// An address that holds the token.
struct Url(Zeroizing<String>);

impl Serialize for Url {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        output.serialize_str(&self.0)
    }
}

#[utoipa::path(post, path = "/v1/keyspaces/{keyspace}/accounts/{account}/portal-links", tag = "portal links",
    summary = "Make a portal link",
    description = "Whoever has it manages this account's keys until it ends, and nothing else. Needs `portal_links.write`; the link can do nothing that the caller cannot.",
    params(AccountSegments),
    request_body = CreatePortalLinkBody,
    responses(
        Refusals,
        (status = 201, description = "The link, shown this once, and its record", body = CreatedPortalLinkBody),
        (status = 403, description = "The caller may not do this: `missing_right`, or has less than it would give: `stronger_than_maker`",
            body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
    ))]
pub(super) async fn create_portal_link(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(segments): Segments<AccountSegments>,
    Body(body): Body<CreatePortalLinkBody>,
) -> Result<(StatusCode, Json<CreatedPortalLinkBody>), Problem> {
    let account = AccountPath::from(segments);
    let create = CreatePortalLink {
        name: body.name,
        rights: body.rights,
        levels: body.levels,
        expires_in_seconds: body.expires_in_seconds,
    };
    let (link, url) = app
        .change(STATUS, move |service| {
            let link = service.create_portal_link(&caller, &account, &create)?;
            let url = service.portal_url(&link);
            Ok((link, url))
        })
        .await?;
    let body = CreatedPortalLinkBody {
        token: Shown(link.secret),
        url: url.map(Url),
        record: link.record.into(),
    };
    Ok((StatusCode::CREATED, Json(body)))
}

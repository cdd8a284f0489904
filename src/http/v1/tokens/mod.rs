//! `/v1/keyspaces/{keyspace}/tokens`.

mod create;
mod delete;
mod list;

use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::App;
use crate::service::{Token, rfc3339};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create::create_token, list::list_tokens))
        .routes(routes!(delete::delete_token))
}

/// What is known of an edge token.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenBody {
    #[schema(example = "tok_0FkLm2x9Q")]
    id: String,
    /// What it may do, and nothing else.
    #[schema(example = json!(["snapshot.read"]))]
    rights: Vec<&'static str>,
    /// A name for people.
    #[schema(required)]
    name: Option<String>,
    /// What may be shown of it.
    hint: String,
    /// When it last read a head or snapshot; to the minute.
    #[schema(required, format = DateTime)]
    last_read_at: Option<String>,
    /// When it last reported usage; to the minute.
    #[schema(required, format = DateTime)]
    last_reported_at: Option<String>,
    /// From when on it is refused; null for never.
    #[schema(required, format = DateTime)]
    expires_at: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    /// The operator who created it.
    created_by: String,
}

impl From<Token> for TokenBody {
    fn from(token: Token) -> Self {
        Self {
            id: token.id,
            rights: token
                .rights
                .into_iter()
                .map(crate::service::Right::as_str)
                .collect(),
            name: token.name,
            hint: token.hint,
            last_read_at: token.last_read_at.map(rfc3339),
            last_reported_at: token.last_reported_at.map(rfc3339),
            expires_at: token.expires_at.map(rfc3339),
            created_at: rfc3339(token.created_at),
            created_by: token.created_by,
        }
    }
}

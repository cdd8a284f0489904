//! What stands in the path and in the query.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use super::problem::Problem;
use super::query::Members;
use crate::service::{PageRequest, ServiceError};

/// The variable segments of a path, unescaped. What is no text is the id of nothing.
pub(super) struct Segments<T>(pub(super) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Segments<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(segments)) => Ok(Self(segments)),
            Err(_) => Err(Problem::no_such_thing()),
        }
    }
}

/// Which part of a list is wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PageQuery {
    /// The most items to answer with, from 1 to 100; 50 by default.
    #[param(nullable = false, minimum = 1, maximum = 100, example = 50)]
    limit: Option<u32>,
    /// `next_cursor` of the part before, asked for with the same other members.
    #[param(nullable = false)]
    cursor: Option<String>,
}

impl TryFrom<PageQuery> for PageRequest {
    type Error = ServiceError;

    fn try_from(query: PageQuery) -> Result<Self, ServiceError> {
        Self::new(query.limit, query.cursor)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PageQuery {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Members(query) = Members::from_request_parts(parts, state).await?;
        Ok(query)
    }
}

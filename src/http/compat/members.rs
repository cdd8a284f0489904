//! How members of bodies and queries are read, and whole keys written.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::http::problem::Problem;
use crate::key::Secret;

/// For members that may be left out and are no `null` where they stand: a `null` in the place of a level would ask for
/// the strongest.
pub(super) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    input: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(input).map(Some)
}

/// A whole key. It is shown as `null` where it cannot be shown, and may come back so, which asks for nothing.
pub(super) fn given_key<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Secret>, D::Error> {
    Option::<String>::deserialize(input).map(|key| key.map(Secret::new))
}

/// A whole key, in an answer.
pub(super) struct WholeKey(pub(super) Secret);

impl Serialize for WholeKey {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        output.serialize_str(self.0.expose())
    }
}

/// The members of a query, all of them known and each there once.
pub(super) struct Asked<T>(pub(super) T);

/// A query that says nothing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(members)) => Ok(Self(members)),
            // Says nothing of what was sent: it may be a key in the wrong place.
            Err(_) => Err(Problem::invalid_query(
                "the query has a member that this endpoint does not take, or one twice, or a value out of range",
            )),
        }
    }
}

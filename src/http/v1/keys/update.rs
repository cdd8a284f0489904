//! `PATCH /v1/keyspaces/{keyspace}/accounts/{account}/keys/{id}`: change what can be chosen of a key.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::restrictions::Constraints;
use super::{ConstraintBody, KeyBody, KeySegments, RateBody};
use crate::http::App;
use crate::http::body::Body;
use crate::http::caller::Caller;
use crate::http::openapi::Refusals;
use crate::http::parameters::Segments;
use crate::http::precondition::{IfMatch, Tagged};
use crate::http::problem::{Problem, Table};
use crate::service::{Code, UpdateKey};

const STATUS: Table = Table(&[
    (Code::InvalidField, StatusCode::BAD_REQUEST),
    (Code::UnknownLevel, StatusCode::BAD_REQUEST),
    (Code::StrongerThanMaker, StatusCode::FORBIDDEN),
    (Code::KeysNotEnabled, StatusCode::FORBIDDEN),
    (Code::NotFound, StatusCode::NOT_FOUND),
    (Code::AlreadyExists, StatusCode::CONFLICT),
    (Code::Deactivated, StatusCode::CONFLICT),
    (Code::Expired, StatusCode::CONFLICT),
    (Code::PreconditionFailed, StatusCode::PRECONDITION_FAILED),
]);

/// What is to be changed of a key. Members that are left out stay as they are; null takes away what may be missing. The
/// profile's own fields stand beside the other members, by name.
//
// The shape for the document; what is read is `Members`.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "description": "CRM of the Berlin office", "subject": null }))]
pub(super) struct UpdateKeyBody {
    /// The id of an access level of the profile.
    #[schema(nullable = false, example = "events")]
    level: Option<String>,
    /// All its constraints anew: those of dimensions that are not named are taken away.
    #[schema(nullable = false)]
    constraints: Option<BTreeMap<String, ConstraintBody>>,
    /// How often it may be used; null leaves that to its level.
    rate: Option<RateBody>,
    /// From when on it is refused; RFC 3339, in the future. Null: never.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    /// The API owner's id for whom it stands for.
    #[schema(max_length = 256)]
    subject: Option<String>,
    /// A JSON object of the API owner's; at most 1 KiB.
    #[schema(value_type = Option<Object>)]
    meta: Option<Box<RawValue>>,
    /// The fields of the profile.
    #[serde(flatten)]
    fields: BTreeMap<String, Option<String>>,
}

/// The body as it is read.
#[derive(Default)]
#[expect(
    clippy::option_option,
    reason = "left out, null and a value are three things"
)]
pub(super) struct Members {
    update: UpdateKey,
    constraints: Option<Constraints>,
    rate: Option<Option<RateBody>>,
}

impl Members {
    fn read(self) -> Result<UpdateKey, Problem> {
        let rate = match self.rate {
            Some(Some(rate)) => Some(Some(rate.read()?)),
            Some(None) => Some(None),
            None => None,
        };
        Ok(UpdateKey {
            constraints: self.constraints.map(Constraints::read).transpose()?,
            rate,
            ..self.update
        })
    }
}

#[utoipa::path(patch, path = "/v1/keyspaces/{keyspace}/accounts/{account}/keys/{id}", tag = "keys",
    summary = "Change a key",
    description = "Needs `keys.write` and `keys.read`; what comes out is never stronger than the caller. An operator of an account, or a portal link, loosens nothing: constraints are narrowed, a rate is lowered, `subject` and `meta` stay; of a key that they could not make, the level stays and the end comes no later. With `If-Match` the change is made only while the record has this entity tag.",
    params(
        KeySegments,
        ("If-Match" = Option<String>, Header, description = "The entity tag of the record as the caller saw it, such as \"7\", or `*`"),
    ),
    request_body = UpdateKeyBody,
    responses(
        Refusals,
        (status = 200, description = "The changed record", body = KeyBody,
            headers(("ETag" = String, description = "The record's entity tag"))),
        (status = 400, description = "There is no such level: `unknown_level`",
            body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "The caller may not do this: `missing_right`, `stronger_than_maker`; they speak for an account that may not have keys made, and the change is more than a narrowing: `keys_not_enabled`",
            body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The key is out of use for good: `deactivated`; it has expired, and is not the caller's to bring back: `expired`; another key of the account holds a value that only one may have: `already_exists`",
            body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
    ))]
pub(super) async fn update_key(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(segments): Segments<KeySegments>,
    IfMatch(revision): IfMatch,
    Body(members): Body<Members>,
) -> Result<Tagged<KeyBody>, Problem> {
    let (account, id) = segments.split();
    let update = members.read()?;
    let (key, now) = app
        .change(STATUS, move |service| {
            let key = service.update_key(&caller, &account, &id, &update, revision)?;
            Ok((key, service.now()))
        })
        .await?;
    Ok(KeyBody::tagged(key, now))
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object with the members of a key that change")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Members::default();
        let update = &mut members.update;
        let mut seen = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if seen.contains(&name) {
                return Err(A::Error::custom(format!("duplicate field `{name}`")));
            }
            // Where null would have to mean something, it is refused: a key has a level, and no constraints are `{}`.
            match &*name {
                "level" => update.level = Some(map.next_value()?),
                "constraints" => members.constraints = Some(map.next_value()?),
                "rate" => members.rate = Some(map.next_value()?),
                "expires_at" => update.expires_at = Some(map.next_value()?),
                "subject" => update.subject = Some(map.next_value()?),
                "meta" => {
                    let meta = map.next_value::<Box<RawValue>>()?;
                    update.meta = Some(Some(meta.get().to_owned()).filter(|meta| meta != "null"));
                }
                _ => {
                    update.fields.insert(name.clone(), map.next_value()?);
                }
            }
            seen.insert(name);
        }
        Ok(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<UpdateKey, String> {
        let members = serde_json::from_str::<Members>(text).map_err(|error| error.to_string())?;
        members.read().map_err(|problem| format!("{problem:?}"))
    }

    #[test]
    fn left_out_null_and_given_are_three_things() {
        let nothing = read("{}").expect("well formed");
        assert!(nothing.fields.is_empty() && nothing.level.is_none() && nothing.meta.is_none());
        assert!(nothing.constraints.is_none() && nothing.rate.is_none());
        let cleared =
            read(r#"{"rate":null,"expires_at":null,"subject":null,"meta":null,"note":null}"#)
                .expect("well formed");
        assert_eq!(
            (cleared.expires_at, cleared.subject, cleared.meta),
            (Some(None), Some(None), Some(None))
        );
        assert!(cleared.rate == Some(None) && cleared.fields["note"].is_none());
        let given = read(r#"{"subject":"a","meta":{},"constraints":{}}"#).expect("well formed");
        assert_eq!(given.subject, Some(Some("a".to_owned())));
        assert_eq!(given.meta, Some(Some("{}".to_owned())));
        assert!(given.constraints.is_some_and(|all| all.is_empty()));
    }

    #[test]
    fn what_cannot_be_missing_is_not_cleared() {
        for text in [
            r#"{"level":null}"#,
            r#"{"constraints":null}"#,
            r#"{"constraints":{"channel":[]}}"#,
            r#"{"subject":1}"#,
            r#"{"subject":"a","subject":"b"}"#,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}

//! `POST /v1/keyspaces/{keyspace}/accounts/{account}/keys`: make a key and show it, this once.

use std::collections::BTreeMap;
use std::fmt;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::{AccountSegments, KeyBody};
use crate::http::App;
use crate::http::body::Body;
use crate::http::caller::Operator;
use crate::http::openapi::Refusals;
use crate::http::parameters::Segments;
use crate::http::problem::{Problem, Table};
use crate::http::v1::Shown;
use crate::service::{AccountPath, Code, CreateKey};

const STATUS: Table = Table(&[
    (Code::InvalidField, StatusCode::BAD_REQUEST),
    (Code::UnknownLevel, StatusCode::BAD_REQUEST),
    (Code::NotFound, StatusCode::NOT_FOUND),
]);

/// A key to be made. The profile's own fields stand beside the other members, by name.
//
// The shape for the document; what is read is `Members`.
#[derive(Serialize, ToSchema)]
pub(super) struct CreateKeyBody {
    /// The id of an access level of the profile.
    #[schema(example = "events")]
    level: String,
    /// From when on it is refused; RFC 3339, in the future.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    /// After how many days it is refused; instead of `expires_at`.
    #[schema(minimum = 1, maximum = 36500)]
    expires_in_days: Option<u32>,
    /// The API owner's id for whom it stands for; at most 256 characters.
    subject: Option<String>,
    /// A JSON object of the API owner's; at most 1 KiB.
    #[schema(value_type = Option<Object>)]
    meta: Option<Box<RawValue>>,
    /// The fields of the profile.
    #[serde(flatten)]
    fields: BTreeMap<String, String>,
}

/// The body as it is read: which members the profile adds is known only later, duplicates are refused at once.
pub(super) struct Members(CreateKey);

/// A new key.
#[derive(Serialize, ToSchema)]
pub(super) struct CreatedKeyBody {
    /// The whole key. It is shown in this answer only; keep it now.
    #[schema(value_type = String)]
    key: Shown,
    record: KeyBody,
}

#[utoipa::path(post, path = "/v1/keyspaces/{keyspace}/accounts/{account}/keys", tag = "keys", params(
    ("keyspace" = String, Path, description = "The keyspace's id"),
    ("account" = String, Path, description = "The account's id"),
), request_body = CreateKeyBody, responses(
    (status = 201, description = "The key, shown this once, and its record", body = CreatedKeyBody),
    Refusals,
))]
pub(super) async fn create_key(
    State(app): State<App>,
    Operator(operator): Operator,
    Segments(segments): Segments<AccountSegments>,
    Body(Members(create)): Body<Members>,
) -> Result<(StatusCode, Json<CreatedKeyBody>), Problem> {
    let account = AccountPath::from(segments);
    let created = app
        .change(STATUS, move |service| {
            service.create_key(&operator, &account, &create)
        })
        .await?;
    let body = CreatedKeyBody {
        key: Shown(created.secret),
        record: created.record.into(),
    };
    Ok((StatusCode::CREATED, Json(body)))
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
        f.write_str("a JSON object with the members of a key")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut create = CreateKey::default();
        let mut seen = std::collections::HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if seen.contains(&name) {
                return Err(A::Error::custom(format!("duplicate field `{name}`")));
            }
            match &*name {
                "level" => create.level = map.next_value()?,
                "expires_at" => create.expires_at = map.next_value()?,
                "expires_in_days" => create.expires_in_days = map.next_value()?,
                "subject" => create.subject = map.next_value()?,
                "meta" => {
                    let meta = map.next_value::<Box<RawValue>>()?;
                    create.meta = Some(meta.get().to_owned()).filter(|meta| meta != "null");
                }
                _ => {
                    create.fields.insert(name.clone(), map.next_value()?);
                }
            }
            seen.insert(name);
        }
        Ok(Members(create))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_read_once_each() {
        let Members(create) = serde_json::from_str(
            r#"{"description":"CRM","level":"events","expires_in_days":90,"subject":null,"note":null,"meta":{"a":[1]}}"#,
        )
        .expect("well formed");
        assert_eq!(
            create.fields,
            BTreeMap::from([
                ("description".to_owned(), Some("CRM".to_owned())),
                ("note".to_owned(), None)
            ])
        );
        assert_eq!(
            (create.level.as_deref(), create.expires_in_days),
            (Some("events"), Some(90))
        );
        assert_eq!(
            (create.subject, create.meta.as_deref()),
            (None, Some(r#"{"a":[1]}"#))
        );

        for text in [
            r#"{"level":"a","level":"a"}"#,
            r#"{"description":"a","description":"b"}"#,
            r#"{"level":1}"#,
            r#"{"description":1}"#,
            r#"{"expires_in_days":-1}"#,
            r#"{"expires_in_days":1.5}"#,
            "[]",
        ] {
            assert!(serde_json::from_str::<Members>(text).is_err(), "{text}");
        }
    }
}

//! `POST /v1/keyspaces/{keyspace}/accounts/{account}/keys`: make a key and show it, this once.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::restrictions::Constraints;
use super::{AccountSegments, ConstraintBody, RateBody, ShownKeyBody};
use crate::http::App;
use crate::http::body::Marked;
use crate::http::caller::Caller;
use crate::http::idempotency::{Idempotency, replayed};
use crate::http::openapi::Refusals;
use crate::http::parameters::Segments;
use crate::http::precondition::Tagged;
use crate::http::problem::{Problem, Table};
use crate::service::{AccountPath, Code, CreateKey};

const STATUS: Table = Table(&[
    (Code::InvalidField, StatusCode::BAD_REQUEST),
    (Code::UnknownLevel, StatusCode::BAD_REQUEST),
    (Code::StrongerThanMaker, StatusCode::FORBIDDEN),
    (Code::KeysNotEnabled, StatusCode::FORBIDDEN),
    (Code::NotFound, StatusCode::NOT_FOUND),
    (Code::AlreadyExists, StatusCode::CONFLICT),
    (Code::MasterKeyMissing, StatusCode::CONFLICT),
    (Code::IdempotencyMismatch, StatusCode::UNPROCESSABLE_ENTITY),
]);

/// A key to be made. The profile's own fields stand beside the other members, by name.
//
// The shape for the document; what is read is `Members`.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "description": "CRM of the Berlin office", "level": "events", "expires_in_days": 90,
    "subject": "user-7", "meta": { "plan": "pro" },
}))]
pub(super) struct CreateKeyBody {
    /// The id of an access level of the profile.
    #[schema(example = "events")]
    level: String,
    /// What it may use, by dimension of the profile; those that are not named are free.
    constraints: Option<BTreeMap<String, ConstraintBody>>,
    /// How often it may be used, instead of what its level says.
    rate: Option<RateBody>,
    /// From when on it is refused; RFC 3339, in the future. Not where the profile gives lifetimes to choose from.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    /// After how many days it is refused; instead of `expires_at`.
    #[schema(minimum = 1, maximum = 36500)]
    expires_in_days: Option<u32>,
    /// The API owner's id for whom it stands for.
    #[schema(max_length = 256, example = "user-7")]
    subject: Option<String>,
    /// A JSON object of the API owner's; at most 1 KiB.
    #[schema(value_type = Option<Object>)]
    meta: Option<Box<RawValue>>,
    /// The fields of the profile.
    #[serde(flatten)]
    fields: BTreeMap<String, String>,
}

/// The body as it is read: which members the profile adds is known only later, duplicates are refused at once.
#[derive(Default)]
pub(super) struct Members {
    create: CreateKey,
    constraints: Option<Constraints>,
    rate: Option<RateBody>,
}

impl Members {
    fn read(self) -> Result<CreateKey, Problem> {
        Ok(CreateKey {
            constraints: self.constraints.unwrap_or_default().read()?,
            rate: self.rate.map(RateBody::read).transpose()?,
            ..self.create
        })
    }
}

#[utoipa::path(post, path = "/v1/keyspaces/{keyspace}/accounts/{account}/keys", tag = "keys",
    summary = "Make a key",
    description = "The answer shows the key, this once. Needs `keys.write` and `keys.read`; the key is never stronger than its maker. An operator of an account, or a portal link, says neither `subject` nor `meta`, and no `rate` above the level's own. With `Idempotency-Key`, a request that is sent again within 24 hours by the same caller makes no second key and gets the first answer.",
    params(
        AccountSegments,
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 visible ASCII characters, new for each key"),
    ),
    request_body = CreateKeyBody,
    responses(
        Refusals,
        (status = 201, description = "The key, shown this once, and its record", body = ShownKeyBody, headers(
            ("ETag" = String, description = "The record's entity tag"),
            ("Location" = String, description = "The path of the record"),
            ("Idempotency-Replayed" = Option<String>, description = "`true` where this answer was given before"),
        )),
        (status = 400, description = "There is no such level: `unknown_level`",
            body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 403, description = "The caller may not do this: `missing_right`, `stronger_than_maker`; the account may have no keys: `keys_not_enabled`",
            body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "Another key of the account holds a value that only one may have: `already_exists`; keys that can be shown again need a master key: `master_key_missing`",
            body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
    ))]
pub(super) async fn create_key(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(segments): Segments<AccountSegments>,
    idempotency: Idempotency,
    Marked(members, fingerprint): Marked<Members>,
) -> Result<(StatusCode, HeaderMap, Tagged<ShownKeyBody>), Problem> {
    let account = AccountPath::from(segments);
    let create = members.read()?;
    let path = format!(
        "/v1/keyspaces/{}/accounts/{}/keys",
        account.keyspace, account.account
    );
    let once = idempotency.once(format!("POST {path}"), fingerprint);
    let keyspace = account.keyspace.clone();
    let created = app
        .change(STATUS, move |service| {
            service.create_key(&caller, &account, &create, once.as_ref())
        })
        .await?;
    let mut headers = replayed(created.replayed);
    // Ids of keyspaces and accounts are path segments as they are.
    if let Ok(location) = HeaderValue::try_from(format!("{path}/{}", created.record.id)) {
        headers.insert(header::LOCATION, location);
    }
    if !created.replayed {
        app.metrics.key_made(keyspace, "created");
    }
    let body = ShownKeyBody::made(created.secret, created.record);
    Ok((StatusCode::CREATED, headers, body))
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
        let mut members = Members::default();
        let create = &mut members.create;
        let mut seen = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if seen.contains(&name) {
                return Err(A::Error::custom(format!("duplicate field `{name}`")));
            }
            match &*name {
                "level" => create.level = map.next_value()?,
                "constraints" => members.constraints = map.next_value()?,
                "rate" => members.rate = map.next_value()?,
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
        Ok(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_read_once_each() {
        let members = serde_json::from_str::<Members>(
            r#"{"description":"CRM","level":"events","expires_in_days":90,"subject":null,"note":null,"meta":{"a":[1]},
                "constraints":{"channel":"all"},"rate":{"limit":1,"window_seconds":1}}"#,
        );
        let create = members.expect("well formed").read().expect("sound");
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
        assert!(create.rate.is_some() && create.constraints.contains_key("channel"));

        for text in [
            r#"{"level":"a","level":"a"}"#,
            r#"{"description":"a","description":"b"}"#,
            r#"{"constraints":{},"constraints":{}}"#,
            r#"{"constraints":[]}"#,
            r#"{"rate":60}"#,
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

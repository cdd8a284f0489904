//! `POST /v1/keyspaces/{keyspace}/verify`: a decision by the engine that edges have, for whoever has no edge.

use std::collections::BTreeMap;
use std::fmt;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;
use utoipa::openapi::{Object, ObjectBuilder, Type};
use zeroize::Zeroizing;

use super::keys::{ConstraintBody, ConstraintValueBody, bodies};
use crate::access::ConstraintValue;
use crate::http::App;
use crate::http::body::{Body, Unique};
use crate::http::caller::Caller;
use crate::http::openapi::Refusals;
use crate::http::parameters::Segments;
use crate::http::problem::{Problem, Table};
use crate::service::{Allowed, Code, RateStanding, Verified, VerifyAsk, rfc3339};

const STATUS: Table = Table(&[
    (Code::InvalidField, StatusCode::BAD_REQUEST),
    (Code::NotFound, StatusCode::NOT_FOUND),
]);

/// A key, and what it is wanted for: a call (`method` and `path`), a `scope`, or, without either, whether it is alive.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "key": "es_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17", "method": "POST", "path": "/api/v1/event",
    "client_address": "192.0.2.7",
}))]
pub(super) struct VerifyBody {
    /// The whole key, as it was presented.
    #[schema(value_type = String)]
    key: Presented,
    /// The method of the call, as sent.
    #[schema(example = "POST")]
    method: Option<String>,
    /// The path of the call, as sent, without query.
    #[schema(example = "/api/v1/event")]
    path: Option<String>,
    /// A scope of the profile, instead of a call.
    #[schema(example = "contacts.read")]
    scope: Option<String>,
    /// What the call is about: dimensions by name, with one value or a list of values.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, ContextBody>)]
    context: Unique<ContextBody>,
    /// Where the client calls from: an IP address.
    #[schema(example = "192.0.2.7")]
    client_address: Option<String>,
    /// How many units the call takes from the key's rate; what its route says, where it is left out.
    cost: Option<u32>,
}

/// A key that somebody presented.
struct Presented(Zeroizing<Vec<u8>>);

/// What a call uses of one dimension.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
enum ContextBody {
    /// One value.
    One(ConstraintValueBody),
    /// Several, all of which have to be allowed; none is within no limit.
    Several(Vec<ConstraintValueBody>),
}

/// A decision.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum VerifiedBody {
    /// The key is genuine and alive, and may do this.
    Allowed(Box<AllowedBody>),
    /// It is not, or may not.
    Denied(DeniedBody),
}

/// What an allowed key is and may do.
#[derive(Serialize, ToSchema)]
pub(super) struct AllowedBody {
    #[schema(schema_with = always)]
    allowed: bool,
    #[schema(example = "key_0FkLm2x9Q")]
    key_id: String,
    #[schema(example = "acme")]
    account: String,
    /// The API owner's id for whom it stands for.
    #[schema(required)]
    subject: Option<String>,
    /// The API owner's JSON object.
    #[schema(required, value_type = Option<Object>)]
    meta: Option<Box<RawValue>>,
    /// The id of its access level.
    #[schema(example = "events")]
    level: String,
    /// What it may do.
    #[schema(example = json!(["basics", "events"]))]
    scopes: Vec<String>,
    /// What it may use, by dimension of the profile; those that are not named are free.
    constraints: BTreeMap<String, ConstraintBody>,
    /// From when on it is refused.
    #[schema(required, format = DateTime)]
    expires_at: Option<String>,
    /// How its rate stands, where it has one.
    #[schema(required)]
    rate: Option<RateStandingBody>,
}

/// Why a key is refused. For the API's owner: callers are told the status and no more.
#[derive(Serialize, ToSchema)]
pub(super) struct DeniedBody {
    #[schema(schema_with = never)]
    allowed: bool,
    /// The precise reason.
    #[schema(example = "insufficient_scope")]
    reason: &'static str,
    /// The HTTP status that the caller of the API gets.
    #[schema(example = 403)]
    status: u16,
    /// What the profile says of a call that no key may make.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    note: Option<String>,
    /// How its rate stands, where that decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    rate: Option<RateStandingBody>,
}

/// How a key's rate stands, as this server has counted.
#[derive(Serialize, ToSchema)]
pub(super) struct RateStandingBody {
    /// So many units at once, and so many more in each window.
    limit: u32,
    window_seconds: u32,
    /// How many units are left now.
    remaining: u32,
    /// In how many milliseconds all of them are there again.
    reset_ms: u64,
    /// In how many milliseconds the call would be admitted; 0 where it was.
    retry_after_ms: u64,
}

#[utoipa::path(post, path = "/v1/keyspaces/{keyspace}/verify", tag = "verification",
    summary = "Verify a key",
    description = "Decides with the engine that edges have. A denial is an answer with status 200 as well. Counts as a use of the key. Needs `keys.verify`, which edge tokens can have.",
    params(("keyspace" = String, Path, description = "The keyspace's id", example = "shop")),
    request_body = VerifyBody,
    responses((status = 200, description = "The decision", body = VerifiedBody), Refusals))]
pub(super) async fn verify_key(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(keyspace): Segments<String>,
    Body(body): Body<VerifyBody>,
) -> Result<Json<VerifiedBody>, Problem> {
    let ask = VerifyAsk::from(body);
    let label = keyspace.clone();
    let verified = match app.service.verify_at_hand(&caller, &keyspace, &ask) {
        Some(verified) => verified,
        None => {
            app.read(STATUS, move |service| {
                service.verify(&caller, &keyspace, &ask)
            })
            .await?
        }
    };
    let outcome = match &verified {
        Verified::Allowed(_) => "allowed",
        Verified::Denied { reason, .. } => reason.as_str(),
    };
    app.metrics.verified(label, outcome);
    Ok(Json(verified.into()))
}

impl From<VerifyBody> for VerifyAsk {
    fn from(body: VerifyBody) -> Self {
        let context = body.context.0.into_iter();
        Self {
            key: body.key.0,
            method: body.method,
            path: body.path,
            scope: body.scope,
            context: context.map(|(name, value)| (name, value.into())).collect(),
            client_address: body.client_address,
            cost: body.cost,
        }
    }
}

impl From<ContextBody> for Vec<ConstraintValue> {
    fn from(body: ContextBody) -> Self {
        match body {
            ContextBody::One(value) => vec![value.into()],
            ContextBody::Several(values) => values.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Verified> for VerifiedBody {
    fn from(verified: Verified) -> Self {
        match verified {
            Verified::Allowed(allowed) => Self::Allowed(Box::new((*allowed).into())),
            Verified::Denied { reason, note, rate } => Self::Denied(DeniedBody {
                allowed: false,
                reason: reason.as_str(),
                status: reason.status(),
                note,
                rate: rate.map(Into::into),
            }),
        }
    }
}

impl From<Allowed> for AllowedBody {
    fn from(allowed: Allowed) -> Self {
        Self {
            allowed: true,
            key_id: allowed.key_id,
            account: allowed.account,
            subject: allowed.subject,
            meta: allowed
                .meta
                .and_then(|meta| RawValue::from_string(meta).ok()),
            level: allowed.level,
            scopes: allowed.scopes,
            constraints: bodies(&allowed.constraints),
            expires_at: allowed.expires_at.map(rfc3339),
            rate: allowed.rate.map(Into::into),
        }
    }
}

impl From<RateStanding> for RateStandingBody {
    fn from(standing: RateStanding) -> Self {
        Self {
            limit: standing.limit,
            window_seconds: standing.window_seconds,
            remaining: standing.remaining,
            reset_ms: standing.reset_millis,
            retry_after_ms: standing.retry_after_millis,
        }
    }
}

fn always() -> Object {
    only(true)
}

fn never() -> Object {
    only(false)
}

fn only(value: bool) -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Boolean)
        .enum_values(Some([value]))
        .build()
}

impl<'de> Deserialize<'de> for Presented {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(input)?);
        Ok(Self(Zeroizing::new(text.as_bytes().to_vec())))
    }
}

impl<'de> Deserialize<'de> for ContextBody {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(OneOrSeveral)
    }
}

struct OneOrSeveral;

impl<'de> Visitor<'de> for OneOrSeveral {
    type Value = ContextBody;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number, a text, or a list of these")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<ContextBody, E> {
        Ok(ContextBody::One(ConstraintValueBody::Integer(number)))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<ContextBody, E> {
        let number = i64::try_from(number).map_err(|_| E::custom("the number is too large"))?;
        self.visit_i64(number)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<ContextBody, E> {
        Ok(ContextBody::One(ConstraintValueBody::Text(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<ContextBody, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(ContextBody::Several(values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_is_one_value_or_several() {
        let body = serde_json::from_str::<VerifyBody>(
            r#"{"key":"k","context":{"channel":["email","sms"],"sending_domain_id":7,"none":[]}}"#,
        );
        let ask = VerifyAsk::from(body.expect("well formed"));
        assert_eq!(*ask.key, b"k");
        assert_eq!(ask.context["channel"], ["email".into(), "sms".into()]);
        assert_eq!(ask.context["sending_domain_id"], [7.into()]);
        assert!(ask.context["none"].is_empty());
    }

    #[test]
    fn what_could_be_misread_is_refused() {
        for text in [
            "{}",
            r#"{"key":7}"#,
            r#"{"key":"k","key":"k"}"#,
            r#"{"key":"k","account":"acme"}"#,
            r#"{"key":"k","context":{"channel":"a","channel":"b"}}"#,
            r#"{"key":"k","context":{"channel":null}}"#,
            r#"{"key":"k","context":{"channel":true}}"#,
            r#"{"key":"k","context":{"channel":1.5}}"#,
            r#"{"key":"k","context":{"channel":[["a"]]}}"#,
            r#"{"key":"k","context":["channel"]}"#,
            r#"{"key":"k","cost":-1}"#,
        ] {
            assert!(serde_json::from_str::<VerifyBody>(text).is_err(), "{text}");
        }
    }
}

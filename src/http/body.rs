//! Strict JSON bodies: the right media type, at most 64 KiB, an object, no member twice, none that the endpoint does
//! not know.
//!
//! Who calls is known before the body is read, which may take its time. Where it does, that is asked once more: a
//! credential that was revoked meanwhile reads nothing by it, and learns nothing of what else is wrong.

use std::collections::BTreeMap;
use std::fmt;
use std::future::{Future as _, poll_fn};
use std::marker::PhantomData;
use std::pin::pin;
use std::task::Poll;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse as _;
use serde::de::{DeserializeOwned, Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use sha2::{Digest as _, Sha256};

use super::caller::Admitted;
use super::problem::Problem;
use super::{App, MAX_BODY};
use crate::service::json;

/// The body of a request. `T` refuses unknown and duplicate members: every derived struct with `deny_unknown_fields`
/// does.
pub(super) struct Body<T>(pub(super) T);

/// A body, and what tells it from others.
pub(super) struct Marked<T>(pub(super) T, pub(super) Fingerprint);

/// A body that may be left out, which then says nothing; otherwise as [`Marked`].
pub(super) struct Optional<T>(pub(super) T, pub(super) Fingerprint);

/// The digest of a body's bytes.
pub(super) struct Fingerprint(pub(super) [u8; 32]);

/// What an endpoint takes that has nothing to be told: no body, or an empty object.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// An object whose members the endpoint does not know by name; a member that stands there twice is refused, where a map
/// would keep the last.
#[derive(Debug)]
pub(super) struct Unique<V>(pub(super) BTreeMap<String, V>);

impl<V> Default for Unique<V> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Unique<V> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_map(UniqueVisitor(PhantomData))
    }
}

struct UniqueVisitor<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for UniqueVisitor<V> {
    type Value = Unique<V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Unique<V>, A::Error> {
        let mut members = BTreeMap::new();
        while let Some((name, value)) = map.next_entry::<String, V>()? {
            if members.contains_key(&name) {
                return Err(A::Error::custom(format!("duplicate field `{name}`")));
            }
            members.insert(name, value);
        }
        Ok(Unique(members))
    }
}

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        Ok(Self(parse(&read_json(request, app).await?)?))
    }
}

impl<T: DeserializeOwned> FromRequest<App> for Marked<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let bytes = read_json(request, app).await?;
        Ok(Self(parse(&bytes)?, Fingerprint::of(&bytes)))
    }
}

impl<T: Default + DeserializeOwned> FromRequest<App> for Optional<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let is_json = is_json(request.headers());
        let bytes = read(request, app).await?;
        let body = if bytes.is_empty() {
            T::default()
        } else if is_json {
            parse(&bytes)?
        } else {
            return Err(Problem::unsupported_media_type());
        };
        Ok(Self(body, Fingerprint::of(&bytes)))
    }
}

impl Fingerprint {
    fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

async fn read_json(request: Request, app: &App) -> Result<Bytes, Problem> {
    if !is_json(request.headers()) {
        return Err(Problem::unsupported_media_type());
    }
    read(request, app).await
}

async fn read(mut request: Request, app: &App) -> Result<Bytes, Problem> {
    if announced_length(request.headers()).is_some_and(|length| length > MAX_BODY) {
        return Err(Problem::body_too_large());
    }
    let admitted = request.extensions_mut().remove::<Admitted>();
    let mut body = pin!(Bytes::from_request(request, app));
    let at_once = poll_fn(|context| Poll::Ready(body.as_mut().poll(context))).await;
    let (body, admitted) = match at_once {
        // It came with the head: no time has passed.
        Poll::Ready(body) => (body, None),
        Poll::Pending => (body.await, admitted),
    };
    if let Some(admitted) = admitted {
        admitted.confirm(app).await?;
    }
    body.map_err(|rejection| {
        if rejection.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE {
            Problem::body_too_large()
        } else {
            Problem::incomplete_body()
        }
    })
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // Derived structs would also read an array, its members by their order.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(Problem::invalid_json("the body must be a JSON object"));
    }
    serde_json::from_slice(bytes).map_err(|error| Problem::invalid_json(json::mistake(&error)))
}

/// `application/json`, with no parameter but `charset=utf-8` (which RFC 8259 makes superfluous and clients send).
fn is_json(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(Ok(value)), None) = (values.next().map(|value| value.to_str()), values.next()) else {
        return false;
    };
    let (essence, parameters) = value.split_once(';').unwrap_or((value, ""));
    let parameters = parameters.trim();
    essence.trim().eq_ignore_ascii_case("application/json")
        && (parameters.is_empty()
            || parameters
                .replace('"', "")
                .eq_ignore_ascii_case("charset=utf-8"))
}

/// Asked before anything is read: there is no reason to wait for a body that is too large anyway.
fn announced_length(headers: &HeaderMap) -> Option<usize> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_member_stands_there_twice() {
        let read = |text: &str| serde_json::from_str::<Unique<u8>>(text);
        assert_eq!(read(r#"{"a":1,"b":2}"#).expect("once each").0.len(), 2);
        for text in [r#"{"a":1,"a":1}"#, r#"{"a":1,"\u0061":2}"#, "[]", "null"] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_json_is_json() {
        let judge = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(
                    header::CONTENT_TYPE,
                    header::HeaderValue::from_static(value),
                );
            }
            is_json(&headers)
        };
        for good in [
            "application/json",
            "Application/JSON; charset=UTF-8",
            "application/json;charset=\"utf-8\"",
        ] {
            assert!(judge(&[good]), "{good}");
        }
        for bad in [
            "",
            "text/plain",
            "application/jsonp",
            "application/json; charset=utf-16",
            "application/x-www-form-urlencoded",
        ] {
            assert!(!judge(&[bad]), "{bad}");
        }
        assert!(!judge(&[]) && !judge(&["application/json", "text/plain"]));
    }
}

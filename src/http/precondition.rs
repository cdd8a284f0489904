//! Entity tags of single records, and changes on the condition that the record is still what the caller saw (RFC 9110,
//! sections 8.8.3 and 13.1.1). A record's tag is its revision.

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::problem::Problem;

const RULE: &str =
    "`If-Match` takes one entity tag as `ETag` gave it, such as \"7\", or `*` for any";

/// The revision that the record must have; `None` where any will do.
pub(super) struct IfMatch(pub(super) Option<u64>);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let mut values = parts.headers.get_all(header::IF_MATCH).iter();
        match (values.next(), values.next()) {
            (None, _) => Ok(Self(None)),
            (Some(value), None) => {
                read(value.as_bytes()).ok_or_else(|| Problem::invalid_header(RULE))
            }
            (Some(_), Some(_)) => Err(Problem::invalid_header(RULE)),
        }
    }
}

/// One strong tag of digits, or `*`. Lists and weak tags are none that we gave out; to take one for another is worse
/// than to refuse it.
fn read(value: &[u8]) -> Option<IfMatch> {
    match value {
        b"*" => Some(IfMatch(None)),
        [b'"', digits @ .., b'"'] => {
            let text = std::str::from_utf8(digits).ok()?;
            let revision = text.parse::<u64>().ok()?;
            // `+7` and `007` are numbers, and no tags of ours.
            (revision.to_string() == text).then_some(IfMatch(Some(revision)))
        }
        _ => None,
    }
}

/// One record, with its tag.
pub(super) struct Tagged<T> {
    revision: u64,
    body: T,
}

impl<T> Tagged<T> {
    pub(super) const fn new(revision: u64, body: T) -> Self {
        Self { revision, body }
    }
}

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        ([(header::ETAG, tag(self.revision))], Json(self.body)).into_response()
    }
}

fn tag(revision: u64) -> HeaderValue {
    HeaderValue::try_from(format!("\"{revision}\""))
        .expect("digits between quotes are the value of a header")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_strong_tag_of_digits_or_any() {
        let read = |value: &[u8]| read(value).map(|IfMatch(revision)| revision);
        assert_eq!(read(b"*"), Some(None));
        for revision in [0, 7, u64::MAX] {
            let value = tag(revision);
            assert_eq!(read(value.as_bytes()), Some(Some(revision)));
        }
        for other in [
            "",
            "7",
            "\"\"",
            "\"",
            "W/\"7\"",
            "\"7\", \"8\"",
            "\"7\",*",
            "\"007\"",
            "\"+7\"",
            "\"-1\"",
            "\" 7\"",
            "\"7a\"",
            "\"18446744073709551616\"",
            "\"\u{0667}\"",
        ] {
            assert_eq!(read(other.as_bytes()), None, "{other}");
        }
    }
}

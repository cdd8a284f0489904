//! Strict JSON bodies: the right media type, at most 64 KiB, an object, no member twice, none that the endpoint does not know.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse as _;
use serde::de::DeserializeOwned;

use super::MAX_BODY;
use super::problem::Problem;

/// The body of a request. `T` refuses unknown and duplicate members: every derived struct with `deny_unknown_fields` does.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::unsupported_media_type());
        }
        if announced_length(request.headers()).is_some_and(|length| length > MAX_BODY) {
            return Err(Problem::body_too_large());
        }
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| {
                if rejection.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE {
                    Problem::body_too_large()
                } else {
                    Problem::incomplete_body()
                }
            })?;
        // Derived structs would also read an array, its members by their order.
        if bytes.trim_ascii_start().first() != Some(&b'{') {
            return Err(Problem::invalid_json("the body must be a JSON object"));
        }
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|error| Problem::invalid_json(error.to_string()))
    }
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

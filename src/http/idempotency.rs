//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a request that may be sent twice and happens once.
//!
//! What was answered the first time is kept sealed under the idempotency key and the credential, so that only whoever
//! has both can have it again.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::App;
use super::body::Fingerprint;
use super::caller::Credential;
use super::problem::Problem;
use crate::service::Once;

const NAME: HeaderName = HeaderName::from_static("idempotency-key");

/// Says that the answer is that of an earlier request.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The most characters of an idempotency key.
const MAX_LENGTH: usize = 255;

/// Whether the request may come twice, and as whose.
pub(super) struct Idempotency(Option<Presented>);

struct Presented {
    key: Zeroizing<Vec<u8>>,
    credential: Zeroizing<Vec<u8>>,
    /// On which condition: the same change of another revision is another request.
    condition: Option<HeaderValue>,
}

impl FromRequestParts<App> for Idempotency {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let Some(key) = read(&parts.headers)? else {
            return Ok(Self(None));
        };
        let Credential(credential) = Credential::from_request_parts(parts, app).await?;
        let condition = parts.headers.get(header::IF_MATCH).cloned();
        Ok(Self(Some(Presented {
            key,
            credential,
            condition,
        })))
    }
}

impl Idempotency {
    /// What the service needs to do it once. `endpoint` names operation and place.
    pub(super) fn once(
        self,
        endpoint: String,
        Fingerprint(fingerprint): Fingerprint,
    ) -> Option<Once> {
        let Presented {
            key,
            credential,
            condition,
        } = self.0?;
        let fingerprint = match condition {
            Some(condition) => Sha256::new()
                .chain_update(b"keyward conditional request 1")
                .chain_update(fingerprint)
                .chain_update(condition.as_bytes())
                .finalize()
                .into(),
            None => fingerprint,
        };
        Some(Once {
            key,
            credential,
            endpoint,
            fingerprint,
            show_secret: true,
        })
    }
}

/// The header of an answer that was given before.
pub(super) fn replayed(is_replayed: bool) -> HeaderMap {
    let header = is_replayed.then_some((REPLAYED, HeaderValue::from_static("true")));
    header.into_iter().collect()
}

/// Any visible ASCII is one opaque value, quotes included: with them, and without, as clients send it.
fn read(headers: &HeaderMap) -> Result<Option<Zeroizing<Vec<u8>>>, Problem> {
    let mut values = headers.get_all(NAME).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) if is_key(value.as_bytes()) => {
            Ok(Some(Zeroizing::new(value.as_bytes().to_vec())))
        }
        _ => Err(Problem::invalid_header(
            "`Idempotency-Key` takes one value of 1 to 255 visible ASCII characters, such as a random UUID",
        )),
    }
}

fn is_key(value: &[u8]) -> bool {
    (1..=MAX_LENGTH).contains(&value.len()) && value.iter().all(u8::is_ascii_graphic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_of_visible_characters() {
        let judge = |values: &[&str]| {
            let values = values
                .iter()
                .map(|value| HeaderValue::from_bytes(value.as_bytes()));
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(NAME, value.expect("a value"));
            }
            read(&headers).map(|key| key.is_some()).ok()
        };
        assert_eq!(judge(&[]), Some(false));
        let longest = "k".repeat(MAX_LENGTH);
        for good in ["k", "\"8e03978e-40d5-43e8-bc93-6894a57f9324\"", &longest] {
            assert_eq!(judge(&[good]), Some(true), "{good}");
        }
        let longer = "k".repeat(MAX_LENGTH + 1);
        for bad in ["", "a b", "a\tb", "schlüssel", &longer] {
            assert_eq!(judge(&[bad]), None, "{bad}");
        }
        assert_eq!(judge(&["k", "k"]), None);
    }
}

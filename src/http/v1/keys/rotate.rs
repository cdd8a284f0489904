//! `POST /v1/keyspaces/{keyspace}/accounts/{account}/keys/{id}/rotate`: another secret under the same id, shown this
//! once.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{KeySegments, ShownKeyBody};
use crate::http::App;
use crate::http::body::Optional;
use crate::http::caller::Caller;
use crate::http::idempotency::{Idempotency, replayed};
use crate::http::openapi::Refusals;
use crate::http::parameters::Segments;
use crate::http::precondition::{IfMatch, Tagged};
use crate::http::problem::{Problem, Table};
use crate::service::{Code, RotateKey};

const STATUS: Table = Table(&[
    (Code::InvalidField, StatusCode::BAD_REQUEST),
    (Code::StrongerThanMaker, StatusCode::FORBIDDEN),
    (Code::KeysNotEnabled, StatusCode::FORBIDDEN),
    (Code::NotFound, StatusCode::NOT_FOUND),
    (Code::Deactivated, StatusCode::CONFLICT),
    (Code::Expired, StatusCode::CONFLICT),
    (Code::MasterKeyMissing, StatusCode::CONFLICT),
    (Code::PreconditionFailed, StatusCode::PRECONDITION_FAILED),
    (Code::IdempotencyMismatch, StatusCode::UNPROCESSABLE_ENTITY),
]);

/// How long the secret before still counts.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "grace_seconds": 3600 }))]
pub(super) struct RotateKeyBody {
    /// For so many seconds; not at all, where it is left out. At most what the profile allows.
    grace_seconds: Option<u32>,
    /// Whether these seconds count from the first use of the new secret. If that never comes, the secret before ends
    /// when the longest time is over that the profile allows.
    #[serde(default)]
    after_first_use: bool,
}

#[utoipa::path(post, path = "/v1/keyspaces/{keyspace}/accounts/{account}/keys/{id}/rotate", tag = "keys",
    summary = "Give a key another secret",
    description = "The answer shows the new key, this once; its id stays. Needs `keys.write` and `keys.read`. With `Idempotency-Key`, a request that is sent again within 24 hours by the same caller makes no second secret and gets the first answer.",
    params(
        KeySegments,
        ("If-Match" = Option<String>, Header, description = "The entity tag of the record as the caller saw it, such as \"7\", or `*`"),
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 visible ASCII characters, new for each rotation"),
    ),
    request_body(content = Option<RotateKeyBody>),
    responses(
        Refusals,
        (status = 200, description = "The key with its new secret, shown this once, and its record", body = ShownKeyBody, headers(
            ("ETag" = String, description = "The record's entity tag"),
            ("Idempotency-Replayed" = Option<String>, description = "`true` where this answer was given before"),
        )),
        (status = 403, description = "The caller may not do this: `missing_right`, `stronger_than_maker`; the account may not have keys made: `keys_not_enabled`",
            body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 409, description = "The key is out of use for good: `deactivated`; it has expired: `expired`; keys that can be shown again need a master key: `master_key_missing`",
            body = crate::http::problem::ProblemBody, content_type = "application/problem+json"),
    ))]
pub(super) async fn rotate_key(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(segments): Segments<KeySegments>,
    IfMatch(revision): IfMatch,
    idempotency: Idempotency,
    Optional(body, fingerprint): Optional<RotateKeyBody>,
) -> Result<(HeaderMap, Tagged<ShownKeyBody>), Problem> {
    let (account, id) = segments.split();
    let rotate = RotateKey {
        grace_seconds: body.grace_seconds,
        after_first_use: body.after_first_use,
    };
    let endpoint = format!(
        "POST /v1/keyspaces/{}/accounts/{}/keys/{id}/rotate",
        account.keyspace, account.account
    );
    let once = idempotency.once(endpoint, fingerprint);
    let keyspace = account.keyspace.clone();
    let rotated = app
        .change(STATUS, move |service| {
            service.rotate_key(&caller, &account, &id, &rotate, revision, once.as_ref())
        })
        .await?;
    if !rotated.replayed {
        app.metrics.key_made(keyspace, "rotated");
    }
    let headers = replayed(rotated.replayed);
    Ok((headers, ShownKeyBody::made(rotated.secret, rotated.record)))
}

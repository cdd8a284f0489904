//! Dialects: the documented APIs of other systems, at their documented paths, for keyspaces whose profile speaks them.
//!
//! A dialect is called with the keyspace's own keys. Whatever refuses a call, an endpoint, the router, a limit in time
//! or a panic, says so in the dialect's own envelope ([`Spoken`]): programs that were written for the documented API
//! understand nothing else.

mod calling;
mod emailit;
mod inboxfirst;
mod members;
mod origin;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::any;

use self::calling::Challenge;
use super::App;
use super::problem::{Problem, Said, Table};
use crate::key::KeyId;
use crate::profile::Dialect;
use crate::service::{Code, rfc3339};
use crate::time::Timestamp;

/// What the service may refuse at these endpoints.
const STATUS: Table = Table(&[
    (Code::InvalidField, StatusCode::BAD_REQUEST),
    (Code::UnknownLevel, StatusCode::BAD_REQUEST),
    (Code::InvalidCursor, StatusCode::BAD_REQUEST),
    (Code::StrongerThanMaker, StatusCode::FORBIDDEN),
    (Code::KeysNotEnabled, StatusCode::FORBIDDEN),
    (Code::NotFound, StatusCode::NOT_FOUND),
    (Code::AlreadyExists, StatusCode::CONFLICT),
    (Code::Deactivated, StatusCode::CONFLICT),
    (Code::Expired, StatusCode::CONFLICT),
    (Code::Irreversible, StatusCode::CONFLICT),
    (Code::PreconditionFailed, StatusCode::CONFLICT),
    (Code::MasterKeyMissing, StatusCode::SERVICE_UNAVAILABLE),
]);

/// What was wrong and what would be right, where a dialect's body has no room for it.
const DETAIL: HeaderName = HeaderName::from_static("keyward-detail");

/// The most characters of it.
const MAX_DETAIL: usize = 500;

/// The paths of dialects: each of these, and all below it; and how much of it stands for the profile's base path.
const PREFIXES: [(&str, &str, Dialect); 3] = [
    (emailit::BASE, emailit::BASE, Dialect::Emailit),
    (emailit::KEYS, "", Dialect::Emailit),
    (inboxfirst::BASE, inboxfirst::BASE, Dialect::Inboxfirst),
];

/// All endpoints of all dialects. Whether one answers depends on the keyspaces.
pub(super) fn routes() -> Router<App> {
    let routes = emailit::routes().merge(inboxfirst::routes());
    let nothing = [emailit::BASE, inboxfirst::BASE]
        .into_iter()
        .flat_map(|base| {
            [
                base.to_owned(),
                format!("{base}/"),
                format!("{base}/{{*rest}}"),
            ]
        })
        .chain(["/", "/{id}/", "/{id}/{*rest}"].map(|rest| format!("{}{rest}", emailit::KEYS)));
    nothing.fold(routes, |routes, path| {
        routes.route(&path, any(no_such_endpoint))
    })
}

async fn no_such_endpoint() -> Problem {
    Problem::no_such_call()
}

/// The dialect of a path, and what stands behind the dialect's own base path.
fn dialect_of(path: &str) -> Option<(Dialect, &str)> {
    PREFIXES.into_iter().find_map(|(prefix, base, dialect)| {
        let rest = path.strip_prefix(prefix)?;
        let is_below = rest.is_empty() || rest.starts_with('/');
        is_below.then(|| (dialect, &path[base.len()..]))
    })
}

/// The dialect that a request is spoken to in.
pub(super) struct Spoken {
    dialect: Dialect,
    challenge: Challenge,
}

impl Spoken {
    /// That of the request's path, if it is one of a dialect's.
    pub(super) fn of(request: &mut Request) -> Option<Self> {
        let (dialect, _) = dialect_of(request.uri().path())?;
        let challenge = Challenge::default();
        request.extensions_mut().insert(challenge.clone());
        Some(Self { dialect, challenge })
    }

    /// Puts a refusal into the dialect's envelope, and keeps every answer out of caches.
    pub(super) fn put(self, mut response: Response) -> Response {
        if let Some(said) = response.extensions_mut().remove::<Said>() {
            let said = as_a_stranger(&mut response, said, &self.challenge);
            response = in_its_words(self.dialect, response, &said);
        }
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::VARY, HeaderValue::from_static("authorization"));
        response
    }
}

/// A key that was let in and has ended since is answered as one that never was.
fn as_a_stranger(response: &mut Response, said: Said, Challenge(challenge): &Challenge) -> Said {
    if said.code != Code::InvalidCredential.as_str() {
        return said;
    }
    let challenge = challenge.get().map(|text| HeaderValue::from_str(text));
    match challenge {
        Some(Ok(challenge)) => {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, challenge);
        }
        _ => drop(response.headers_mut().remove(header::WWW_AUTHENTICATE)),
    }
    let (code, detail) = calling::UNAUTHORIZED;
    Said {
        code,
        detail: detail.to_owned(),
        existing: None,
    }
}

fn in_its_words(dialect: Dialect, response: Response, said: &Said) -> Response {
    let (mut parts, _) = response.into_parts();
    let body = match dialect {
        Dialect::Inboxfirst => inboxfirst::refusal(said),
        Dialect::Emailit => {
            parts.headers.insert(DETAIL, detail(&said.detail));
            emailit::refusal(parts.status, said)
        }
    };
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    if parts.status != StatusCode::UNAUTHORIZED {
        // Speaks of Keyward's own credentials.
        parts.headers.remove(header::WWW_AUTHENTICATE);
    }
    Response::from_parts(parts, Body::from(body))
}

/// As far as a header can hold it.
fn detail(detail: &str) -> HeaderValue {
    let plain = |character: char| match character {
        ' '..='~' => character,
        _ => '?',
    };
    let detail: String = detail.chars().take(MAX_DETAIL).map(plain).collect();
    HeaderValue::from_str(&detail).unwrap_or(HeaderValue::from_static("?"))
}

/// The id in a path: the number in its one spelling. What is none is the id of nothing.
fn key_id(text: &str) -> Result<KeyId, Problem> {
    let number = text.parse::<u64>().ok();
    number
        .filter(|number| number.to_string() == text)
        .and_then(KeyId::from_u64)
        .ok_or_else(Problem::no_such_thing)
}

/// RFC 3339 in UTC to the second, as the documents write it (M28).
fn to_the_second(instant: Timestamp) -> String {
    let text = rfc3339(instant);
    match text.split_once('.') {
        Some((second, _)) => format!("{second}Z"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hyper::service::Service as _;
    use hyper_util::service::TowerToHyperService;

    use super::*;
    use crate::env::SystemClock;
    use crate::http::metrics::Metrics;
    use crate::http::observe::{Observer, observe};

    #[test]
    fn a_path_belongs_to_one_dialect_or_none() {
        let judge = |path| dialect_of(path).map(|(dialect, rest)| (dialect.as_str(), rest));
        for (path, dialect, rest) in [
            ("/v2", "emailit", ""),
            ("/v2/api-keys", "emailit", "/api-keys"),
            ("/v2/api-keys/7", "emailit", "/api-keys/7"),
            ("/api-keys", "emailit", "/api-keys"),
            ("/api-keys/7", "emailit", "/api-keys/7"),
            ("/ga/api/v2/api_keys", "inboxfirst", "/api_keys"),
        ] {
            assert_eq!(judge(path), Some((dialect, rest)), "{path}");
        }
        for path in ["/", "/v1/keyspaces", "/v22/api-keys", "/api-keysx", "/ga"] {
            assert_eq!(judge(path), None, "{path}");
        }
    }

    /// Whoever refuses: what lies around all endpoints speaks for itself, and is put into other words all the same.
    #[test]
    fn also_a_timeout_and_a_panic_come_in_the_envelope() {
        async fn slow() -> Problem {
            Problem::timeout()
        }
        async fn panicking() -> Problem {
            panic!("on purpose")
        }
        let mut router: Router = Router::new();
        for base in ["/v2", "/ga/api/v2", "/v1"] {
            router = router
                .route(&format!("{base}/slow"), any(slow))
                .route(&format!("{base}/panics"), any(panicking));
        }
        let observer = Observer::new(Arc::new(SystemClock), Arc::new(Metrics::new()));
        let observer = Arc::new(observer);
        let router = router.layer(axum::middleware::from_fn_with_state(observer, observe));
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().build();
        let runtime = runtime.expect("a runtime");
        let ask = |path: &str| {
            let request = Request::get(path).body(Body::empty()).expect("a request");
            let service = TowerToHyperService::new(router.clone());
            runtime.block_on(async {
                let Ok(answer) = service.call(request).await;
                let (parts, body) = answer.into_parts();
                let body = axum::body::to_bytes(body, 10_000).await.expect("a body");
                let text = String::from_utf8_lossy(&body).into_owned();
                (parts.status.as_u16(), parts.headers, text)
            })
        };
        for (path, status, expected) in [
            ("/v2/slow", 503, r#"{"error":{"code":503,"message":"#),
            ("/v2/panics", 500, r#"{"error":{"code":500,"message":"#),
            (
                "/ga/api/v2/slow",
                503,
                r#"{"success":false,"data":null,"error_code":"timeout","error_message":"#,
            ),
            (
                "/ga/api/v2/panics",
                500,
                r#"{"success":false,"data":null,"error_code":"internal","error_message":"#,
            ),
            ("/v1/slow", 503, r#"{"type":"about:blank","#),
        ] {
            let (answered, headers, text) = ask(path);
            assert_eq!(answered, status, "{path}");
            assert!(text.starts_with(expected), "{path}: {text}");
            assert_eq!(headers.contains_key(header::RETRY_AFTER), status == 503);
            assert_eq!(headers[header::CACHE_CONTROL], "no-store", "{path}");
        }
    }

    #[test]
    fn ids_have_one_spelling() {
        assert_eq!(key_id("7").map(KeyId::get).ok(), Some(7));
        assert!(key_id("9007199254740991").is_ok());
        for text in [
            "",
            "0x7",
            "+7",
            "07",
            "-7",
            "7.0",
            "9007199254740992",
            "key_000000007",
        ] {
            assert!(key_id(text).is_err(), "{text}");
        }
    }

    #[test]
    fn times_end_with_their_second() {
        let instant = Timestamp::from_millis(1_795_292_040_999).expect("positive");
        assert_eq!(to_the_second(instant), "2026-11-21T20:14:00Z");
    }
}

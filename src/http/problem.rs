//! Refusals as RFC 9457 problem details, each with a stable `code`.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::service::{Code, FieldError, ServiceError};

const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/problem+json");
const CHALLENGE: HeaderValue = HeaderValue::from_static("Bearer realm=\"Keyward\"");
const CHALLENGE_INVALID: HeaderValue =
    HeaderValue::from_static("Bearer realm=\"Keyward\", error=\"invalid_token\"");
const CHALLENGE_RIGHT: HeaderValue =
    HeaderValue::from_static("Bearer realm=\"Keyward\", error=\"insufficient_scope\"");

/// When to try again after a 503, in seconds.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("2");

/// Which refusal of the service becomes which status at an endpoint. What stands in no table is a fault of ours.
#[derive(Clone, Copy)]
pub(super) struct Table(pub(super) &'static [(Code, StatusCode)]);

impl Table {
    /// The answer to `error` at this endpoint.
    pub(super) fn problem(self, error: &ServiceError) -> Problem {
        if let Some(cause) = error.cause() {
            tracing::error!(code = error.code().as_str(), cause, "a request failed");
        }
        let status = match error.code() {
            Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            // Every use case asks for a right first.
            Code::MissingRight => StatusCode::FORBIDDEN,
            // And every change asks once more for whom.
            Code::InvalidCredential => StatusCode::UNAUTHORIZED,
            code => match self.0.iter().find(|(listed, _)| *listed == code) {
                Some((_, status)) => *status,
                None if code == Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
                None => {
                    tracing::error!(code = code.as_str(), %error, "an endpoint has no status for this refusal");
                    return Problem::internal();
                }
            },
        };
        Problem {
            errors: error.fields().to_vec(),
            existing: error
                .existing()
                .map(|(id, name)| Box::new((id.to_string(), name.clone()))),
            ..Problem::new(status, error.code().as_str(), error.to_string())
        }
    }
}

/// A refusal on its way to the caller.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    errors: Vec<FieldError>,
    // Boxed, so that results with a problem in them stay small.
    existing: Option<Box<(String, String)>>,
    header: Option<Box<(HeaderName, HeaderValue)>>,
}

/// Why a request was refused (RFC 9457).
#[derive(Serialize, ToSchema)]
pub(super) struct ProblemBody<'a> {
    /// Always `about:blank`: what is special about a problem is its `code`.
    #[schema(example = "about:blank")]
    r#type: &'static str,
    /// The status in words.
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// A stable word for programs.
    #[schema(example = "not_found")]
    code: &'a str,
    /// What was wrong and what would be right, for people.
    detail: &'a str,
    /// The members at fault, where members are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<MemberBody<'a>>,
    /// The key that is in the way, where one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    existing: Option<ExistingBody<'a>>,
}

/// A key of the same account that holds what another one cannot have as well.
#[derive(Serialize, ToSchema)]
pub(super) struct ExistingBody<'a> {
    /// Its id.
    #[schema(example = "key_0FkLm2x9Q")]
    id: &'a str,
    /// What people know it by.
    name: &'a str,
}

/// A member of a request that breaks a rule.
#[derive(Serialize, ToSchema)]
pub(super) struct MemberBody<'a> {
    /// Its name.
    field: &'a str,
    /// What was wrong with it and what would be right.
    detail: &'a str,
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        let header = match (status, code) {
            (StatusCode::UNAUTHORIZED, "missing_credential") => {
                Some((header::WWW_AUTHENTICATE, CHALLENGE))
            }
            (StatusCode::UNAUTHORIZED, _) => Some((header::WWW_AUTHENTICATE, CHALLENGE_INVALID)),
            (StatusCode::FORBIDDEN, _) => Some((header::WWW_AUTHENTICATE, CHALLENGE_RIGHT)),
            (StatusCode::SERVICE_UNAVAILABLE, _) => Some((header::RETRY_AFTER, RETRY_AFTER)),
            _ => None,
        };
        Self {
            status,
            code,
            detail: detail.into(),
            errors: Vec::new(),
            existing: None,
            header: header.map(Box::new),
        }
    }

    /// No credential.
    pub(super) fn missing_credential() -> Self {
        let detail = "send an operator key, portal link or edge token as `Authorization: Bearer …`";
        Self::new(StatusCode::UNAUTHORIZED, "missing_credential", detail)
    }

    /// A credential that RFC 6750 does not allow, or more than one.
    pub(super) fn bad_credential(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// A body that is no JSON, or not the JSON that the endpoint takes.
    pub(super) fn invalid_json(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_json", detail)
    }

    /// A query that the endpoint does not take.
    pub(super) fn invalid_query(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_query", detail)
    }

    /// A header that the endpoint reads and cannot.
    pub(super) fn invalid_header(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_header", detail)
    }

    /// A member whose value is none of its kind.
    pub(super) fn invalid_field(field: &str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let errors = vec![FieldError {
            field: field.to_owned(),
            message: detail.clone(),
        }];
        let code = Code::InvalidField.as_str();
        Self {
            errors,
            ..Self::new(StatusCode::BAD_REQUEST, code, format!("{field}: {detail}"))
        }
    }

    /// A body of another kind than JSON.
    pub(super) fn unsupported_media_type() -> Self {
        let detail = "send the body as `Content-Type: application/json`";
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            detail,
        )
    }

    /// A body beyond the limit.
    pub(super) fn body_too_large() -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body_too_large",
            "a request body has at most 64 KiB",
        )
    }

    /// A body that broke off.
    pub(super) fn incomplete_body() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "incomplete_body",
            "the request body broke off",
        )
    }

    /// A path that leads to no endpoint.
    pub(super) fn no_such_endpoint() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "there is no such endpoint; /openapi.json lists them",
        )
    }

    /// A path segment that cannot be the id of anything.
    pub(super) fn no_such_thing() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "there is no such thing here",
        )
    }

    /// A path of a dialect that leads to no endpoint, or a dialect that no keyspace speaks.
    pub(super) fn no_such_call() -> Self {
        let detail = "there is no such endpoint";
        Self::new(StatusCode::NOT_FOUND, "no_such_endpoint", detail)
    }

    /// The denial of a call of a dialect.
    pub(super) fn denied(status: StatusCode, code: &'static str, detail: &str) -> Self {
        Self::new(status, code, detail)
    }

    /// A method that the endpoint does not have; `Allow` lists those it has.
    pub(super) fn method_not_allowed() -> Self {
        let detail = "this endpoint has other methods; see `Allow`";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)
    }

    /// More at once than the disk keeps up with.
    pub(super) fn overloaded() -> Self {
        let detail = "the server has too much to do; nothing was changed; try again shortly";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail)
    }

    /// No answer within the time that a request may take.
    pub(super) fn timeout() -> Self {
        let detail = "the request took too long; what it asked for may or may not have happened";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "timeout", detail)
    }

    /// A fault of the server.
    pub(super) fn internal() -> Self {
        let detail = "the server failed to do this; its log says why";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }

    /// With this header alone. A value that none can hold is left out.
    pub(super) fn with_header(self, name: HeaderName, value: &str) -> Self {
        let value = HeaderValue::from_str(value).ok();
        Self {
            header: value.map(|value| Box::new((name, value))),
            ..self
        }
    }

    /// Without the key that is in the way.
    pub(super) fn without_existing(self) -> Self {
        Self {
            existing: None,
            ..self
        }
    }
}

/// What a problem says, in its response's extensions: for those who put it in other words.
#[derive(Clone, Debug)]
pub(super) struct Said {
    /// The stable word.
    pub(super) code: &'static str,
    /// What was wrong and what would be right.
    pub(super) detail: String,
    /// Id and name of the key that is in the way, where one is.
    pub(super) existing: Option<(String, String)>,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = ProblemBody {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or_default(),
            status: self.status.as_u16(),
            code: self.code,
            detail: &self.detail,
            errors: self
                .errors
                .iter()
                .map(|error| MemberBody {
                    field: &error.field,
                    detail: &error.message,
                })
                .collect(),
            existing: self
                .existing
                .as_deref()
                .map(|(id, name)| ExistingBody { id, name }),
        };
        let mut response = (self.status, axum::Json(body)).into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, MEDIA_TYPE);
        if let Some((name, value)) = self.header.map(|header| *header) {
            response.headers_mut().insert(name, value);
        }
        response.extensions_mut().insert(Said {
            code: self.code,
            detail: self.detail,
            existing: self.existing.map(|existing| *existing),
        });
        response
    }
}

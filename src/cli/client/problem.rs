//! Why a request did not succeed, as people and programs are told of it.

use std::io;
use std::time::Duration;

use serde::Deserialize;
use ureq::Error;
use ureq::http::{HeaderMap, StatusCode, header};

use super::{Call, is_passing, is_refused_connection};
use crate::cli::Failure;
use crate::cli::output::plain;

/// No wait that a server asks for is longer.
const MAX_WAIT: u64 = 10;

/// Why a request did not succeed.
pub(super) enum Refusal {
    /// The server did not answer, or not to the end.
    Unreachable(Box<Error>),
    /// It answered no.
    Answered(Box<Answered>),
}

/// An answer that is no success.
pub(super) struct Answered {
    status: StatusCode,
    retry_after: Option<Duration>,
    location: Option<String>,
    /// `None` where the answer is no problem document, and so hardly Keyward's.
    problem: Option<Problem>,
    body: String,
}

/// The members of a problem document (RFC 9457) that are shown.
#[derive(Deserialize)]
struct Problem {
    code: String,
    detail: String,
    #[serde(default)]
    errors: Vec<Member>,
    /// What holds the place that was wanted.
    existing: Option<Existing>,
}

#[derive(Deserialize)]
struct Existing {
    id: String,
    name: String,
}

#[derive(Deserialize)]
struct Member {
    field: String,
    detail: String,
}

impl Refusal {
    pub(super) fn unreachable(error: Error) -> Self {
        Self::Unreachable(Box::new(error))
    }

    pub(super) fn answered(status: StatusCode, headers: &HeaderMap, body: &str) -> Self {
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let seconds = header(header::RETRY_AFTER).and_then(|value| value.parse::<u64>().ok());
        Self::Answered(Box::new(Answered {
            status,
            retry_after: seconds.map(|seconds| Duration::from_secs(seconds.min(MAX_WAIT))),
            location: header(header::LOCATION).map(str::to_owned),
            problem: serde_json::from_str(body).ok(),
            body: body.to_owned(),
        }))
    }

    /// Whether nothing reached the server.
    pub(super) fn is_untouched(&self) -> bool {
        matches!(self, Self::Unreachable(error) if is_refused_connection(error))
    }

    /// Whether it may go better in a moment.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable(error) => match &**error {
                Error::Io(_) => !is_distrust(error),
                Error::Timeout(_) | Error::ConnectionFailed | Error::Protocol(_) => true,
                _ => false,
            },
            Self::Answered(answered) => is_passing(answered.status),
        }
    }

    /// How long the server asks to wait.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unreachable(_) => None,
            Self::Answered(answered) => answered.retry_after,
        }
    }

    /// The failure of the command.
    pub(super) fn into_failure(self, base: &str, call: &Call) -> Failure {
        match self {
            Self::Unreachable(error) => unreachable(&error, base, call),
            Self::Answered(answered) => answered.into_failure(base, call),
        }
    }
}

fn unreachable(error: &Error, base: &str, call: &Call) -> Failure {
    if is_refused_connection(error) {
        return Failure::unreachable(format!(
            "nobody listens at {base}; start the server with `keyward serve`, or give its address by --url"
        ));
    }
    if base.starts_with("https:") && is_distrust(error) {
        return Failure::unreachable(format!(
            "{base} is not trusted: {error}\n  --ca-file names the authority that vouches for it, if that is none of Mozilla's."
        ));
    }
    let mut message = format!("{base} cannot be reached: {error}");
    match &call.idempotency_key {
        _ if call.method == "GET" => {}
        Some(key) => message.push_str(&again(key)),
        None => message.push_str(
            "\n  What was asked for may or may not have happened: look before you repeat it.",
        ),
    }
    Failure::unreachable(message)
}

/// Whether the TLS connection was refused here: rustls tells so by this kind.
fn is_distrust(error: &Error) -> bool {
    matches!(error, Error::Rustls(_) | Error::Tls(_))
        || matches!(error, Error::Io(error) if error.kind() == io::ErrorKind::InvalidData)
}

/// How a lost answer is had again.
fn again(idempotency_key: &str) -> String {
    format!(
        "\n  Whether it happened is not known. The same command with --idempotency-key {idempotency_key} does it once at most, \
         and shows the answer."
    )
}

impl Answered {
    fn into_failure(self, base: &str, call: &Call) -> Failure {
        let status = self.status;
        let fail = |message: String| {
            if status.is_server_error() {
                Failure::unreachable(message)
            } else if status == StatusCode::PRECONDITION_FAILED {
                Failure::changed(message)
            } else {
                Failure::refused(message)
            }
        };
        let Some(problem) = self.problem else {
            let what = match self.location {
                Some(location) if status.is_redirection() => {
                    format!("sends to {}; give that address by --url", plain(&location))
                }
                _ => {
                    format!("answered {status}, and not as a Keyward server does; is --url right?")
                }
            };
            return fail(format!("{base} {what}"));
        };
        let mut message = problem.message();
        if is_passing(status)
            && let Some(key) = &call.idempotency_key
        {
            message.push_str(&again(key));
        } else if let Some(mend) = mend(&problem.code) {
            message.extend(["\n  ", mend]);
        }
        fail(message).with_problem(self.body)
    }
}

impl Problem {
    /// One line, and a line for each member at fault unless the first says the same.
    fn message(&self) -> String {
        let code = plain(&self.code);
        let (lead, members) = match &*self.errors {
            [] => (&*self.detail, &[][..]),
            [one] if one.detail == self.detail => (&*self.detail, &[][..]),
            all if self.code == "invalid_field" => ("these members break rules", all),
            all => (&*self.detail, all),
        };
        let mut message = format!("{} ({code})", plain(lead));
        for member in members {
            let (field, detail) = (plain(&member.field), plain(&member.detail));
            message.extend(["\n  ", &field, ": ", &detail]);
        }
        if let Some(Existing { id, name }) = &self.existing {
            message.extend(["\n  It is ", &plain(id), " (", &plain(name), ")."]);
        }
        message
    }
}

/// What to do, where the server's own words do not say.
fn mend(code: &str) -> Option<&'static str> {
    Some(match code {
        "invalid_credential" | "missing_credential" | "malformed_credential" => {
            "Check KEYWARD_OPERATOR_KEY or --operator-key-file: it must hold the key of an operator of this server."
        }
        "missing_right" => {
            "`keyward operator whoami` shows what your operator key may do, and where."
        }
        "not_found" => {
            "What lies beyond your operator key's reach is not found either: `keyward operator whoami` shows it."
        }
        "precondition_failed" => "Look at it again, and repeat with the revision that it has now.",
        "invalid_cursor" => "The list changed its ways meanwhile: run the command again.",
        "internal" => "The server's log says what happened, under the time of this request.",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: u16, body: &str) -> (Failure, String) {
        let status = StatusCode::from_u16(status).expect("a status");
        let refusal = Refusal::answered(status, &HeaderMap::new(), body);
        let call = Call::get(super::super::Target::v1());
        let failure = refusal.into_failure("http://127.0.0.1:8787", &call);
        let message = failure.to_string();
        (failure, message)
    }

    #[test]
    fn a_problem_is_one_line_its_members_and_a_way_out() {
        let (_, message) = told(
            400,
            r#"{"code":"invalid_field","detail":"a: b; c: d","errors":[{"field":"a","detail":"b"},{"field":"c","detail":"d\n\u001b"}]}"#,
        );
        assert_eq!(
            message,
            "these members break rules (invalid_field)\n  a: b\n  c: d \u{fffd}"
        );
        let (_, message) = told(
            409,
            r#"{"code":"already_exists","detail":"taken","errors":[{"field":"id","detail":"taken"}]}"#,
        );
        assert_eq!(message, "taken (already_exists)");
        let (_, message) = told(403, r#"{"code":"missing_right","detail":"no"}"#);
        assert!(
            message.starts_with("no (missing_right)\n  `keyward operator whoami`"),
            "{message}"
        );
        let (_, message) = told(502, "<html>");
        assert!(message.contains("is --url right?"), "{message}");
    }
}

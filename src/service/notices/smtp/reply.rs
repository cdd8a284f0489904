//! What a server's answers come to, in words of ours: its own often hold the address.

use std::error::Error as _;
use std::fmt;
use std::io::{self, ErrorKind};

use lettre::transport::smtp::Error;

use crate::service::notices::postman::Undelivered;

/// What a reply to one letter says. Refusals by policy (enhanced codes 5.7, and those that ask for a login) are mostly
/// the server's settings and no fault of the address: the letter is tried again.
pub(super) fn of_reply(error: &Error) -> Undelivered {
    let Some(reply) = Reply::of(error) else {
        return Undelivered::Later(kind(error).to_owned());
    };
    match (reply.code, reply.enhanced.as_deref()) {
        (530 | 535 | 538, _) => Undelivered::Later(reply.to_string()),
        (_, Some(enhanced)) if enhanced.starts_with("5.7.") => {
            Undelivered::Later(reply.to_string())
        }
        (500.., _) => Undelivered::Refused(reply.to_string()),
        _ => Undelivered::Later(reply.to_string()),
    }
}

pub(super) fn closed(error: &Error) -> Undelivered {
    Undelivered::Closed(match Reply::of(error) {
        Some(reply) => reply.to_string(),
        None => kind(error).to_owned(),
    })
}

/// A failure without a reply code, in a word of ours: the error may hold what the server said.
pub(super) fn kind(error: &Error) -> &'static str {
    if is_timeout(error) {
        "timeout"
    } else if error.is_tls() {
        "tls"
    } else if error.is_response() {
        "response"
    } else if error.is_client() {
        "no way to encrypt or to log in"
    } else {
        "connection"
    }
}

pub(super) fn is_timeout(error: &Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock);
        }
        cause = error.source();
    }
    false
}

/// A refusal without the server's words.
pub(super) struct Reply {
    pub(super) code: u16,
    enhanced: Option<String>,
}

impl Reply {
    pub(super) fn of(error: &Error) -> Option<Self> {
        let code = error.status()?.into();
        let said = error.source().map(ToString::to_string).unwrap_or_default();
        let first = said.split_whitespace().next().unwrap_or_default();
        let is_enhanced = first.split('.').count() == 3
            && first.len() <= 9
            && first
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'.');
        Some(Self {
            code,
            enhanced: is_enhanced.then(|| first.to_owned()),
        })
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        match &self.enhanced {
            Some(enhanced) => write!(f, " {enhanced}"),
            None => Ok(()),
        }
    }
}

//! Why a command did not do what it was asked: an exit code for scripts, words for people, JSON for programs.

use std::fmt;
use std::process::ExitCode;

use serde_json::json;

use super::output::{indented, tell};
use crate::service::{Code, DirectoryError, ServiceError};

/// Why a command did not do what it was asked. The exit codes stand in the help of `keyward`.
#[derive(Debug)]
pub(super) struct Failure {
    exit: u8,
    code: &'static str,
    message: String,
    /// The server's problem document.
    problem: Option<String>,
    is_json: bool,
}

impl Failure {
    fn new(exit: u8, code: &'static str, message: impl fmt::Display) -> Self {
        Self {
            exit,
            code,
            message: message.to_string(),
            problem: None,
            is_json: false,
        }
    }

    pub(super) fn failed(message: impl fmt::Display) -> Self {
        Self::new(1, "failed", message)
    }

    /// The command line asks for what cannot be done.
    pub(super) fn usage(message: impl fmt::Display) -> Self {
        Self::new(2, "usage", message)
    }

    pub(super) fn directory(message: impl fmt::Display) -> Self {
        Self::new(3, "directory", message)
    }

    pub(super) fn address(message: impl fmt::Display) -> Self {
        Self::new(4, "address", message)
    }

    /// The server says no.
    pub(super) fn refused(message: impl fmt::Display) -> Self {
        Self::new(5, "refused", message)
    }

    /// There is no answer, or none but that the server cannot now.
    pub(super) fn unreachable(message: impl fmt::Display) -> Self {
        Self::new(6, "unreachable", message)
    }

    /// What was to be changed is another than was seen.
    pub(super) fn changed(message: impl fmt::Display) -> Self {
        Self::new(7, "changed", message)
    }

    /// The same failure for a command in which 1 is an answer.
    pub(super) fn undecided(self) -> Self {
        Self {
            exit: self.exit.max(2),
            ..self
        }
    }

    /// With the problem document that says the same to programs.
    pub(super) fn with_problem(self, problem: String) -> Self {
        Self {
            problem: Some(problem),
            ..self
        }
    }

    /// The same failure, to be told as JSON.
    pub(super) fn into_json(self) -> Self {
        Self {
            is_json: true,
            ..self
        }
    }

    pub(super) fn exit(&self) -> ExitCode {
        ExitCode::from(self.exit)
    }

    /// Tells it on stderr.
    pub(super) fn print(&self) {
        if !self.is_json {
            tell(&format!("keyward: {self}"));
            return;
        }
        let own = || json!({ "code": self.code, "detail": self.message }).to_string();
        let problem = self.problem.clone().unwrap_or_else(own);
        tell(&indented(&problem, 0));
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<ServiceError> for Failure {
    fn from(error: ServiceError) -> Self {
        let message = error
            .cause()
            .map_or_else(|| error.to_string(), str::to_owned);
        if error.code() == Code::DatabaseLost {
            Self::directory(message)
        } else {
            Self::failed(message)
        }
    }
}

impl From<DirectoryError> for Failure {
    fn from(error: DirectoryError) -> Self {
        if error.is_in_use() || error.is_foreign() || error.is_unfit() {
            Self::directory(error)
        } else {
            Self::failed(error)
        }
    }
}

//! The client of `/v1`: every managing command asks the server through it.

mod answer;
mod connection;
mod pages;
mod problem;
mod target;

pub(super) use self::answer::{Answer, Item, Shown};
pub(super) use self::connection::Server;
pub(super) use self::pages::{End, Paging};
pub(super) use self::target::Target;

use std::io;
use std::thread;
use std::time::Duration;

use serde::Serialize;
use ureq::http::{Request, Response, StatusCode};
use ureq::{Agent, Body, Error};
use zeroize::Zeroizing;

use self::problem::Refusal;
use super::Failure;

/// How long a command waits before it asks again; so many times at most.
const WAITS: [Duration; 3] = [
    Duration::from_millis(300),
    Duration::from_secs(1),
    Duration::from_secs(3),
];

/// How long an answer may take, and one that reads or changes very much.
const PATIENCE: Duration = Duration::from_mins(1);
const LONG_PATIENCE: Duration = Duration::from_mins(30);

/// No answer is larger: a page of a hundred keys has some hundred KiB.
const MAX_ANSWER: u64 = 16 * 1024 * 1024;

/// A server, and who asks it.
pub(super) struct Client {
    agent: Agent,
    base: String,
    credential: Zeroizing<String>,
}

/// One request.
pub(super) struct Call {
    method: &'static str,
    target: Target,
    body: Option<Zeroizing<String>>,
    /// What the record must still be, for `If-Match`.
    revision: Option<u64>,
    /// Under which the answer can be had again.
    idempotency_key: Option<String>,
    patience: Duration,
}

impl Call {
    fn new(method: &'static str, target: Target) -> Self {
        Self {
            method,
            target,
            body: None,
            revision: None,
            idempotency_key: None,
            patience: PATIENCE,
        }
    }

    pub(super) fn get(target: Target) -> Self {
        Self::new("GET", target)
    }

    pub(super) fn post(target: Target) -> Self {
        Self::new("POST", target)
    }

    pub(super) fn patch(target: Target) -> Self {
        Self::new("PATCH", target)
    }

    pub(super) fn delete(target: Target) -> Self {
        Self::new("DELETE", target)
    }

    /// With these members as its body.
    pub(super) fn with(mut self, body: &impl Serialize) -> Self {
        let body = serde_json::to_string(body).expect("values, texts and maps of texts are JSON");
        self.body = Some(Zeroizing::new(body));
        self
    }

    /// Only while the record is of this revision.
    pub(super) fn at_revision(mut self, revision: Option<u64>) -> Self {
        self.revision = revision;
        self
    }

    /// Under this key, so that asking twice does it once.
    pub(super) fn once(mut self, idempotency_key: &str) -> Self {
        self.idempotency_key = Some(idempotency_key.to_owned());
        self
    }

    /// The server may work on it for long.
    pub(super) fn patiently(mut self) -> Self {
        self.patience = LONG_PATIENCE;
        self
    }

    /// Whether asking again can do no harm, although the server may have done it already.
    fn is_repeatable(&self) -> bool {
        self.method == "GET" || self.idempotency_key.is_some()
    }
}

impl Client {
    fn new(agent: Agent, base: String, credential: Zeroizing<String>) -> Self {
        Self {
            agent,
            base,
            credential,
        }
    }

    /// Asks, and again where that can help. Anything but success is a failure that says what to do.
    pub(super) fn send(&self, call: &Call) -> Result<Answer, Failure> {
        let mut waits = WAITS.into_iter();
        loop {
            let refusal = match self.ask(call) {
                Ok(answer) => return Ok(answer),
                Err(refusal) => refusal,
            };
            let may_help = refusal.is_untouched() || (refusal.is_passing() && call.is_repeatable());
            match waits.next() {
                Some(wait) if may_help => thread::sleep(refusal.retry_after().unwrap_or(wait)),
                _ => return Err(refusal.into_failure(&self.base, call)),
            }
        }
    }

    fn ask(&self, call: &Call) -> Result<Answer, Refusal> {
        let answer = self.exchange(call).map_err(Refusal::unreachable)?;
        let (parts, mut body) = answer.into_parts();
        let text = body
            .with_config()
            .limit(MAX_ANSWER)
            .read_to_string()
            .map(Zeroizing::new)
            .map_err(Refusal::unreachable)?;
        if parts.status.is_success() {
            Ok(Answer::new(text))
        } else {
            Err(Refusal::answered(parts.status, &parts.headers, &text))
        }
    }

    fn exchange(&self, call: &Call) -> Result<Response<Body>, Error> {
        let mut request = Request::builder()
            .method(call.method)
            .uri(format!("{}{}", self.base, call.target))
            .header("authorization", &*self.credential)
            .header("accept", "application/json");
        if let Some(revision) = call.revision {
            request = request.header("if-match", format!("\"{revision}\""));
        }
        if let Some(key) = &call.idempotency_key {
            request = request.header("idempotency-key", key);
        }
        match &call.body {
            Some(body) => {
                let request = request
                    .header("content-type", "application/json")
                    .body(body.as_bytes())?;
                self.run(request, call.patience)
            }
            None => self.run(request.body(())?, call.patience),
        }
    }

    fn run(
        &self,
        request: Request<impl ureq::AsSendBody>,
        patience: Duration,
    ) -> Result<Response<Body>, Error> {
        let request = self
            .agent
            .configure_request(request)
            .timeout_global(Some(patience))
            .build();
        self.agent.run(request)
    }
}

/// Whether nothing was sent: where nobody listens, nobody has heard.
fn is_refused_connection(error: &Error) -> bool {
    matches!(error, Error::Io(error) if error.kind() == io::ErrorKind::ConnectionRefused)
}

/// Whether a status says that the server cannot now, and may later.
fn is_passing(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
            | StatusCode::TOO_MANY_REQUESTS
    )
}

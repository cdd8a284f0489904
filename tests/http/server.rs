//! A server on a real port over a real SQLite file, with a clock that the test sets.

use std::cell::OnceCell;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::thread::JoinHandle;

use keyward::env::{Clock, SystemClock, SystemEntropy};
use keyward::http::{Limits, Parts, router, run};
use keyward::service::{DataDirectory, MasterKey, MasterKeys, Options, Service};
use keyward::time::Timestamp;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use ureq::http::{Request, Response};

use crate::directory::Directory;
use crate::document::{Asked, Document};

/// Where the clock stands at first: 2026-11-21T20:14:00Z.
pub(crate) const START: i64 = 1_795_292_040_000;

/// A clock that stands until it is set.
pub(crate) struct TestClock {
    millis: AtomicI64,
    /// A clock that panics when it is read: the fault that a test can cause.
    pub(crate) broken: AtomicBool,
}

impl TestClock {
    pub(crate) fn advance(&self, millis: i64) {
        self.millis.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        assert!(
            !self.broken.load(Ordering::SeqCst),
            "the clock holds a secret: kw_op_canary"
        );
        Timestamp::from_millis(self.millis.load(Ordering::SeqCst)).expect("after 1970")
    }
}

/// A running server and the credential of its first operator.
pub(crate) struct Server {
    pub(crate) directory: Directory,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) address: String,
    pub(crate) operator: String,
    agent: ureq::Agent,
    settings: Settings,
    running: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

/// What a server is started with.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) pages: Option<PathBuf>,
    pub(crate) open_metrics: bool,
    /// Seals recoverable keys.
    pub(crate) master_key: Option<[u8; 32]>,
    pub(crate) public_url: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            pages: None,
            open_metrics: false,
            master_key: Some([7; 32]),
            public_url: None,
        }
    }
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::start_with(Settings::default())
    }

    pub(crate) fn start_with_pages(pages: Option<PathBuf>) -> Self {
        Self::start_with(Settings {
            pages,
            ..Settings::default()
        })
    }

    pub(crate) fn start_with(settings: Settings) -> Self {
        let directory = Directory::new();
        let clock = Arc::new(TestClock {
            millis: AtomicI64::new(START),
            broken: AtomicBool::new(false),
        });
        // A connection of its own for each request: the server may close one whose request it refused unread.
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_idle_connections(0);
        let mut server = Self {
            directory,
            clock,
            address: String::new(),
            operator: String::new(),
            agent: config.build().into(),
            settings,
            running: None,
        };
        server.open();
        server
    }

    /// Ends the server and starts another one over the same directory.
    pub(crate) fn restart(&mut self) {
        self.stop();
        self.open();
    }

    /// The same with another master key, or none.
    pub(crate) fn restart_sealing(&mut self, master_key: Option<[u8; 32]>) {
        self.stop();
        self.settings.master_key = master_key;
        self.open();
    }

    fn open(&mut self) {
        let data = DataDirectory::open(&self.directory.path().join("data"))
            .expect("a directory of its own");
        let Settings {
            pages,
            open_metrics,
            master_key,
            public_url,
        } = self.settings.clone();
        let options = Options {
            master_keys: MasterKeys::new(master_key.map(MasterKey::from_bytes), Vec::new()),
            public_url,
            ..Options::default()
        };
        let (clock, entropy) = (Arc::clone(&self.clock) as _, Arc::new(SystemEntropy));
        let service = Service::open_with(data, clock, entropy, options).expect("a database");
        if !service.is_initialised().expect("an answer") {
            let deliver = |key: &keyward::key::Secret| {
                key.expose().clone_into(&mut self.operator);
                Ok(())
            };
            service
                .create_first_operator(deliver)
                .expect("the first one");
        }
        let service = Arc::new(service);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build();
        let runtime = runtime.expect("a runtime");
        let listener = runtime
            .block_on(TcpListener::bind("127.0.0.1:0"))
            .expect("a free port");
        self.address = listener.local_addr().expect("bound").to_string();
        let (end, ended) = oneshot::channel();
        let parts = Parts {
            service,
            clock: Arc::new(SystemClock),
            pages,
            open_metrics,
        };
        let thread = std::thread::spawn(move || {
            let shutdown = async move { drop(ended.await) };
            runtime
                .block_on(run(listener, router(parts), Limits::default(), shutdown))
                .expect("served until the end");
        });
        self.running = Some((end, thread));
    }

    pub(crate) fn stop(&mut self) {
        if let Some((end, thread)) = self.running.take() {
            drop(end);
            thread.join().expect("the server ended well");
        }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// A request as the operator.
    pub(crate) fn call(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.call_as(Some(&self.operator), method, path, body)
    }

    /// A request with this credential.
    pub(crate) fn call_as(
        &self,
        credential: Option<&str>,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        let mut headers = Vec::new();
        let authorization = credential.map(|credential| format!("Bearer {credential}"));
        headers.extend(
            authorization
                .as_deref()
                .map(|value| ("authorization", value)),
        );
        if body.is_some() {
            headers.push(("content-type", "application/json"));
        }
        let body = body
            .map(|body| body.to_string().into_bytes())
            .unwrap_or_default();
        self.send(method, path, &headers, body)
    }

    /// A request with exactly these headers and bytes.
    #[track_caller]
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = body.into();
        let response = if body.is_empty() {
            self.agent
                .run(request.body(()).expect("a well-formed request"))
        } else {
            self.agent
                .run(request.body(body.clone()).expect("a well-formed request"))
        };
        let answer =
            Answer::from(response.unwrap_or_else(|error| panic!("{method} {path}: {error}")));
        let asked = Asked {
            method,
            target: path,
            body: &body,
        };
        self.hold(&asked, &answer);
        answer
    }

    /// Whatever a test does, what it is answered has to be documented.
    #[track_caller]
    fn hold(&self, asked: &Asked<'_>, answer: &Answer) {
        thread_local! {
            static DOCUMENT: OnceCell<Document> = const { OnceCell::new() };
        }
        if asked.target == "/openapi.json" {
            return;
        }
        DOCUMENT.with(|document| {
            let read = || {
                let json = self
                    .send("GET", "/openapi.json", &[], [])
                    .expect(200)
                    .json();
                Document::new(json)
            };
            document.get_or_init(read).hold(asked, answer);
        });
    }

    /// A keyspace of eSputnik's profile with an account in it.
    pub(crate) fn keyspace(&self, keyspace: &str, account: &str) -> Value {
        self.keyspace_of("esputnik", keyspace, account)
    }

    /// A keyspace of this profile with an account in it.
    pub(crate) fn keyspace_of(&self, profile: &str, keyspace: &str, account: &str) -> Value {
        let body = json!({ "id": keyspace, "profile": profile });
        let created = self
            .call("POST", "/v1/keyspaces", Some(body))
            .expect(201)
            .json();
        self.account(keyspace, account);
        created
    }

    pub(crate) fn account(&self, keyspace: &str, account: &str) {
        let path = format!("/v1/keyspaces/{keyspace}/accounts");
        self.call("POST", &path, Some(json!({ "id": account })))
            .expect(201);
    }

    /// A key of that account: the key and its id.
    pub(crate) fn key(&self, keyspace: &str, account: &str, level: &str) -> (String, String) {
        let path = format!("/v1/keyspaces/{keyspace}/accounts/{account}/keys");
        let body = json!({ "description": "a test", "level": level });
        let created = self.call("POST", &path, Some(body)).expect(201).json();
        (text(&created["key"]), text(&created["record"]["id"]))
    }

    /// An operator key over the keyspace, or over the account in it, with these rights.
    pub(crate) fn operator(
        &self,
        keyspace: &str,
        account: Option<&str>,
        rights: &[&str],
    ) -> String {
        let path = match account {
            Some(account) => format!("/v1/keyspaces/{keyspace}/accounts/{account}/operators"),
            None => format!("/v1/keyspaces/{keyspace}/operators"),
        };
        let body = json!({ "name": "somebody", "rights": rights });
        text(&self.call("POST", &path, Some(body)).expect(201).json()["key"])
    }

    /// An edge token of that keyspace.
    pub(crate) fn token(&self, keyspace: &str, rights: &[&str]) -> String {
        let path = format!("/v1/keyspaces/{keyspace}/tokens");
        text(
            &self
                .call("POST", &path, Some(json!({ "rights": rights })))
                .expect(201)
                .json()["token"],
        )
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What the server answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl From<Response<ureq::Body>> for Answer {
    fn from(mut response: Response<ureq::Body>) -> Self {
        let headers = response.headers().iter();
        let headers = headers
            .map(|(name, value)| (name.to_string(), value.to_str().expect("ASCII").to_owned()));
        let headers = headers.collect();
        let body = response
            .body_mut()
            .with_config()
            .limit(1 << 30)
            .read_to_vec()
            .expect("a whole body");
        Self {
            status: response.status().as_u16(),
            headers,
            body,
        }
    }
}

impl Answer {
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// Holds the answer to be a problem with this status and code.
    #[track_caller]
    pub(crate) fn problem(self, status: u16, code: &str) -> Value {
        let answer = self.expect(status);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let problem = answer.json();
        assert_eq!(
            (&problem["code"], &problem["status"]),
            (&json!(code), &json!(status)),
            "{problem}"
        );
        assert_eq!(problem["type"], "about:blank");
        assert!(
            problem["detail"]
                .as_str()
                .is_some_and(|detail| !detail.is_empty()),
            "{problem}"
        );
        problem
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(header, _)| header == name);
        found.map_or("", |(_, value)| value)
    }
}

/// The text in a JSON value.
pub(crate) fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}

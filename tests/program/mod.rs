//! The real program: started, asked, ended.

pub(crate) mod directory;

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

pub(crate) use rustix::process::Signal;
use rustix::process::{Pid, kill_process};
use serde_json::Value;
use ureq::http::Request;

/// The program with these arguments.
pub(crate) fn keyward(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_keyward"));
    command.args(arguments).stdin(Stdio::null());
    // Only what a test sets is a setting.
    for (name, _) in std::env::vars_os() {
        if name == "RUST_LOG" || name.as_encoded_bytes().starts_with(b"KEYWARD_") {
            command.env_remove(name);
        }
    }
    command
}

/// A running `keyward serve`. Dropping it kills it.
pub(crate) struct Program {
    pub(crate) child: Child,
    pub(crate) url: String,
    agent: ureq::Agent,
}

impl Program {
    /// Serves `data` on a free port and waits until it answers; its log goes to `log`.
    pub(crate) fn serve(data: &Path, log: &Path) -> Self {
        Self::serve_with(data, log, &[])
    }

    /// The same, with these environment variables.
    pub(crate) fn serve_with(data: &Path, log: &Path, variables: &[(&str, &str)]) -> Self {
        let mut command = keyward(&["serve"]);
        command
            .env("RUST_LOG", "trace")
            .envs(variables.iter().copied());
        Self::start(command, data, log)
    }

    /// The same by this command, which still lacks where data is and where to listen.
    pub(crate) fn start(mut command: Command, data: &Path, log: &Path) -> Self {
        let log = File::options()
            .create(true)
            .append(true)
            .open(log)
            .expect("a file for the log");
        command
            .arg("--data")
            .arg(data)
            .args(["--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(log);
        let mut child = command.spawn().expect("the program starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("piped");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        let url = line
            .trim_end()
            .strip_prefix("listening on ")
            .unwrap_or_else(|| panic!("{line:?}"))
            .to_owned();
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build();
        Self {
            child,
            url,
            agent: config.into(),
        }
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("it runs");
    }

    /// A request, and the status and body of the answer; `None` where there was none.
    pub(crate) fn call(
        &self,
        credential: &str,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Option<(u16, Vec<u8>)> {
        self.call_with(credential, method, path, &[], body)
    }

    /// The same, with these headers.
    pub(crate) fn call_with(
        &self,
        credential: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Option<(u16, Vec<u8>)> {
        let (status, _, body) =
            self.call_whole(&format!("Bearer {credential}"), method, path, headers, body)?;
        Some((status, body))
    }

    /// The same with this `Authorization`, and the headers of the answer as well.
    pub(crate) fn call_whole(
        &self,
        authorization: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Option<(u16, Vec<u8>, Vec<u8>)> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header("authorization", authorization);
        let request = headers.iter().fold(request, |request, (name, value)| {
            request.header(*name, *value)
        });
        let answer = match body {
            Some(body) => {
                let is_typed = headers.iter().any(|(name, _)| *name == "content-type");
                let request = if is_typed {
                    request
                } else {
                    request.header("content-type", "application/json")
                };
                let request = request.body(body.to_string());
                self.agent.run(request.expect("well formed"))
            }
            None => self.agent.run(request.body(()).expect("well formed")),
        };
        let mut answer = answer.ok()?;
        let body = answer.body_mut().read_to_vec().ok()?;
        let mut head = Vec::new();
        for (name, value) in answer.headers() {
            head.extend([name.as_ref(), value.as_bytes(), b"\n"].concat());
        }
        Some((answer.status().as_u16(), head, body))
    }

    /// A request that has to succeed, and the JSON of its answer.
    #[track_caller]
    pub(crate) fn json(
        &self,
        credential: &str,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Value {
        let (status, body) = self
            .call(credential, method, path, body)
            .expect("an answer");
        assert!(
            (200..300).contains(&status),
            "{method} {path}: {status} {}",
            String::from_utf8_lossy(&body)
        );
        serde_json::from_slice(&body).expect("JSON")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Fails only where it has ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

//! Running another program to its end: quiet while it goes well, its output in full when it does not.

use crate::context::Context;
use crate::plan::Live;
use anyhow::{Context as _, Result, bail};
use std::collections::VecDeque;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;

/// How much of a failed program's output is shown.
const SHOWN_LINES: usize = 80;

/// A program about to be run.
pub(crate) struct Tool {
    command: Command,
    title: String,
    path: Vec<PathBuf>,
}

/// What a program said: both streams, line by line as they came.
pub(crate) struct Output {
    pub(crate) text: String,
    pub(crate) success: bool,
}

impl Tool {
    /// A program by name, run at the root of the repository.
    pub(crate) fn new(context: &Context, program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program.as_ref());
        command.current_dir(&context.root).stdin(Stdio::null());
        let title = Path::new(program.as_ref())
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        Self {
            command,
            title,
            path: Vec::new(),
        }
    }

    /// Arguments, split at spaces.
    pub(crate) fn args(mut self, arguments: &str) -> Self {
        for argument in arguments.split_whitespace() {
            self = self.arg(argument);
        }
        self
    }

    /// One argument as it is.
    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.title = format!("{} {}", self.title, argument.as_ref().to_string_lossy());
        self.command.arg(argument);
        self
    }

    /// Sets a variable of its environment.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it elsewhere.
    pub(crate) fn dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.command.current_dir(dir);
        self
    }

    /// Puts a directory in front of its `PATH`.
    pub(crate) fn with_programs_of(mut self, dir: impl Into<PathBuf>) -> Self {
        self.path.push(dir.into());
        self
    }

    /// Adds the build card's flags for rustc, to those that the caller's environment has. The paths of this machine are
    /// kept out of what is built: panic messages hold the names of source files.
    pub(crate) fn rustflags(self, flags: &[String]) -> Self {
        let inherited = env::var("RUSTFLAGS").unwrap_or_default();
        let mut all: Vec<String> = inherited.split_whitespace().map(str::to_owned).collect();
        all.extend_from_slice(flags);
        // xtask itself has been built from them, so the sources of crates are there by now.
        let sources = cargo_home().map(|home| home.join("registry/src"));
        for registry in sources
            .iter()
            .filter_map(|sources| fs::read_dir(sources).ok())
            .flatten()
            .flatten()
        {
            all.push(format!(
                "--remap-path-prefix={}=crates",
                registry.path().display()
            ));
        }
        // Separated by a character that no path holds, unlike the space of RUSTFLAGS.
        self.env("CARGO_ENCODED_RUSTFLAGS", all.join("\u{1f}"))
    }

    /// Runs it; a failure is an error that shows the end of its output.
    pub(crate) fn run(self, live: &Live) -> Result<String> {
        let title = self.title.clone();
        let output = self.attempt(live)?;
        if output.success {
            return Ok(output.text);
        }
        bail!("`{title}` failed{}", shown(&output.text, live))
    }

    /// Runs it; how it ended is for the caller to judge.
    pub(crate) fn attempt(mut self, live: &Live) -> Result<Output> {
        if !self.path.is_empty() {
            self.command.env("PATH", joined(&self.path)?);
        }
        live.command(&self.title);
        let mut child = self
            .command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start `{}`: is it installed?", self.title))?;
        let (lines, received) = mpsc::channel();
        let readers = [
            child
                .stdout
                .take()
                .map(|stream| reader(stream, lines.clone())),
            child.stderr.take().map(|stream| reader(stream, lines)),
        ];
        let mut text = String::new();
        for line in received {
            live.line(&line);
            text.push_str(&line);
            text.push('\n');
        }
        for reader in readers.into_iter().flatten() {
            let _ = reader.join();
        }
        let status = child
            .wait()
            .with_context(|| format!("cannot wait for `{}`", self.title))?;
        Ok(Output {
            text,
            success: status.success(),
        })
    }
}

/// The end of a program's output, unless it was shown while it ran.
pub(crate) fn shown(text: &str, live: &Live) -> String {
    if live.verbose() || text.trim().is_empty() {
        return String::new();
    }
    let mut last = VecDeque::new();
    for line in text.lines() {
        last.push_back(line);
        if last.len() > SHOWN_LINES {
            last.pop_front();
        }
    }
    format!(":\n{}", last.into_iter().collect::<Vec<_>>().join("\n"))
}

/// What cargo's test runs said about failed tests; the end of the output when it was something else that failed.
pub(crate) fn failed_tests(text: &str, live: &Live) -> String {
    let mut said = Vec::new();
    let mut failing = false;
    for line in text.lines() {
        failing = (failing || line == "failures:") && !line.starts_with("test result: ");
        if failing {
            said.push(line);
        }
    }
    if said.is_empty() {
        shown(text, live)
    } else {
        format!(":\n{}", said.join("\n"))
    }
}

/// `PATH` with directories put in front.
pub(crate) fn joined(front: &[PathBuf]) -> Result<OsString> {
    let inherited = env::var_os("PATH").unwrap_or_default();
    env::join_paths(front.iter().cloned().chain(env::split_paths(&inherited)))
        .context("a directory's name holds a `:`")
}

fn reader(
    stream: impl Read + Send + 'static,
    lines: mpsc::Sender<String>,
) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let mut stream = BufReader::new(stream);
        let mut bytes = Vec::new();
        while stream
            .read_until(b'\n', &mut bytes)
            .is_ok_and(|read| read > 0)
        {
            let line = String::from_utf8_lossy(&bytes).trim_end().to_owned();
            bytes.clear();
            if lines.send(line).is_err() {
                return;
            }
        }
    })
}

fn cargo_home() -> Option<PathBuf> {
    let given = env::var_os("CARGO_HOME").filter(|home| !home.is_empty());
    given
        .map(PathBuf::from)
        .or_else(|| env::var_os("HOME").map(|home| Path::new(&home).join(".cargo")))
}

//! A server with a keyspace and an account, and the program asking it.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::program::directory::Directory;
use crate::program::{Program, keyward};
use crate::text;

pub(crate) struct World {
    pub(crate) server: Program,
    pub(crate) operator: String,
    pub(crate) place: Directory,
}

impl World {
    /// A server with the keyspace `shop` of this profile, and in it the account `acme`.
    pub(crate) fn of(profile: &str) -> Self {
        let world = Self::empty(&[]);
        world.says(&["keyspace", "create", "shop", "--profile", profile]);
        world.says(&["account", "create", "acme", "--keyspace", "shop"]);
        world
    }

    /// A server with nothing but its first operator, and these settings.
    pub(crate) fn empty(settings: &[(&str, &str)]) -> Self {
        let place = Directory::new();
        let (data, log) = (place.path().join("data"), place.path().join("log"));
        let made = crate::output(&["init", "--data", data.to_str().expect("text")]);
        assert!(made.status.success(), "{}", text(&made.stderr));
        Self {
            server: Program::serve_with(&data, &log, settings),
            operator: text(&made.stdout).trim_end().to_owned(),
            place,
        }
    }

    /// The program with these arguments, as the first operator asks this server.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = keyward(arguments);
        command
            .env("KEYWARD_URL", &self.server.url)
            .env("KEYWARD_OPERATOR_KEY", &self.operator)
            .current_dir(self.place.path());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the program runs")
    }

    /// As somebody else.
    pub(crate) fn run_as(&self, operator: &str, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        command.env("KEYWARD_OPERATOR_KEY", operator);
        command.output().expect("the program runs")
    }

    /// With this on stdin.
    pub(crate) fn run_with(&self, input: &str, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program runs");
        let mut stdin = child.stdin.take().expect("piped");
        stdin.write_all(input.as_bytes()).expect("it reads");
        drop(stdin);
        child.wait_with_output().expect("it ends")
    }

    /// What a command that has to succeed prints on stdout.
    #[track_caller]
    pub(crate) fn says(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(
            output.status.success(),
            "{arguments:?}: {:?} {}",
            output.status.code(),
            text(&output.stderr)
        );
        text(&output.stdout)
    }

    /// The same as JSON.
    #[track_caller]
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let said = self.says(&[arguments, &["--json"]].concat());
        serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"))
    }

    /// What a command that has to fail with this exit code says on stderr.
    #[track_caller]
    pub(crate) fn fails(&self, exit: i32, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(exit), "{arguments:?}: {said}");
        assert_eq!(text(&output.stdout), "", "{arguments:?}");
        said
    }

    /// Makes a key, and returns it and its id.
    #[track_caller]
    pub(crate) fn key(&self, more: &[&str]) -> (String, String) {
        let create = ["key", "create", "-k", "shop", "-a", "acme"];
        let created = self.json(&[&create[..], more].concat());
        let member = |value: &Value| value.as_str().expect("text").to_owned();
        (member(&created["key"]), member(&created["record"]["id"]))
    }
}

/// What stands under a heading in each row of a table.
#[track_caller]
pub(crate) fn column(table: &str, heading: &str) -> Vec<String> {
    let mut lines = table.lines();
    let head = lines.next().expect("headings");
    let start = head
        .find(heading)
        .unwrap_or_else(|| panic!("no {heading}: {table}"));
    let end = head[start + heading.len()..]
        .find(|character: char| character != ' ')
        .map(|gap| start + heading.len() + gap);
    let cut = |line: &str| -> String {
        let characters = line.chars().skip(start);
        match end {
            Some(end) => characters.take(end - start).collect(),
            None => characters.collect(),
        }
    };
    lines.map(|line| cut(line).trim_end().to_owned()).collect()
}

//! A server whose every answer is written beforehand.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output};
use std::thread::{self, JoinHandle};

use crate::program::keyward;
use crate::text;

/// The operator key that the program asks with.
pub(crate) const OPERATOR: &str = "kw_op_0123456789abcdefghijABCDEFGHIJ000000";

/// What a request was.
pub(crate) struct Asked {
    pub(crate) line: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

/// A server that gives these answers, one a connection, and tells what it was asked. An empty one breaks off.
pub(crate) struct Scripted {
    pub(crate) url: String,
    asked: JoinHandle<Vec<Asked>>,
}

impl Scripted {
    pub(crate) fn new(answers: Vec<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let answer = move |answer: String| {
            let (stream, _) = listener.accept().expect("a connection");
            let asked = read(&stream);
            (&stream).write_all(answer.as_bytes()).expect("written");
            asked
        };
        let asked = thread::spawn(move || answers.into_iter().map(answer).collect());
        Self { url, asked }
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        asking(&self.url, arguments)
    }

    pub(crate) fn run(self, arguments: &[&str]) -> (Output, Vec<Asked>) {
        let output = self.command(arguments).output().expect("the program runs");
        (
            output,
            self.asked.join().expect("as many as there are answers"),
        )
    }
}

pub(crate) fn read(stream: &TcpStream) -> Asked {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).expect("a request");
    let mut headers = BTreeMap::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).expect("a header");
        let Some((name, value)) = header.trim_end().split_once(": ") else {
            break;
        };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let length = headers
        .get("content-length")
        .map_or(0, |length| length.parse().expect("a number"));
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("the body");
    Asked {
        line: line.trim_end().to_owned(),
        headers,
        body: text(&body),
    }
}

pub(crate) fn answer(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}"
    )
}

/// The program with these arguments, asking there.
pub(crate) fn asking(url: &str, arguments: &[&str]) -> Command {
    let mut command = keyward(arguments);
    command
        .env("KEYWARD_URL", url)
        .env("KEYWARD_OPERATOR_KEY", OPERATOR);
    command
}

/// The answer to a key being made.
pub(crate) fn made() -> String {
    answer(
        "201 Created",
        "",
        r#"{"key":"em_live_x","record":{"id":"key_1","z":1,"a":2}}"#,
    )
}

/// Makes a key.
pub(crate) const CREATE: [&str; 8] = [
    "key", "create", "-k", "shop", "-a", "acme", "--level", "full",
];

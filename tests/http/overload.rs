//! Clients that hold on to the server without asking anything (threat 43): others are answered.

#![expect(
    clippy::disallowed_methods,
    reason = "how long others wait is what this is about"
)]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::json;

use crate::server::Server;

const SLOW: usize = 1000;

/// No answer takes longer than this, whatever the machine does besides.
const BOUND: Duration = Duration::from_secs(10);

/// Both ends of every connection are files of this process.
fn allow_files(number: u64) {
    let limit = getrlimit(Resource::Nofile);
    let wanted = Rlimit {
        current: Some(number),
        maximum: limit.maximum,
    };
    if limit.current.is_some_and(|current| current < number) {
        setrlimit(Resource::Nofile, wanted).expect("so many files");
    }
}

/// Asks as anybody would, and holds each answer to the bound.
fn others_are_answered(server: &Server, account: &str) {
    let ask = |method, path: &str, body| {
        let asked = Instant::now();
        let answer = server.call(method, path, body);
        let time = asked.elapsed();
        assert!(time < BOUND, "{method} {path} took {time:?}");
        answer
    };
    for number in 0..10 {
        let body = json!({ "id": format!("{account}-{number}") });
        ask("POST", "/v1/keyspaces/shop/accounts", Some(body)).expect(201);
        ask("GET", "/v1/keyspaces/shop/head", None).expect(200);
    }
}

#[test]
fn a_thousand_slow_clients_keep_no_other_from_being_answered() {
    allow_files(4 * SLOW as u64);
    let server = Server::start();
    server.keyspace("shop", "acme");
    others_are_answered(&server, "before");
    let began = Instant::now();
    let mut slow: Vec<_> = (0..SLOW)
        .map(|number| {
            let mut stream = TcpStream::connect(&server.address).expect("a connection");
            // Half a head, or half a body.
            let part = match number % 2 {
                0 => "GET /v1/keyspaces HTTP/1.1\r\nHost: x\r\nX-Slow: a".to_owned(),
                _ => format!(
                    "POST /v1/keyspaces/shop/accounts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
                     Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{{",
                    server.operator
                ),
            };
            stream.write_all(part.as_bytes()).expect("taken");
            stream
        })
        .collect();
    others_are_answered(&server, "while");
    for stream in &mut slow {
        // A byte more now and then keeps nobody's place for ever; who is gone already is not told so at once.
        drop(stream.write_all(b"a"));
    }
    others_are_answered(&server, "after-a-byte");

    // Half a head ends within ten seconds and half a body within thirty, whoever goes on sending.
    for (number, stream) in slow.iter_mut().enumerate() {
        let limit = Duration::from_secs(if number % 2 == 0 { 10 } else { 30 }) + BOUND;
        let left = limit.saturating_sub(began.elapsed());
        stream
            .set_read_timeout(Some(left.max(Duration::from_millis(1))))
            .expect("a timeout");
        let mut answer = [0; 64];
        loop {
            match stream.read(&mut answer) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => break,
                Err(error) => panic!(
                    "{number} is still there after {:?}: {error}",
                    began.elapsed()
                ),
            }
        }
    }
    others_are_answered(&server, "afterwards");
}

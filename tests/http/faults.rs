//! What fails around the server: the database, the program itself, the callers.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::Ordering;

use serde_json::json;

use crate::server::Server;

const ACCOUNTS: &str = "/v1/keyspaces/shop/accounts";

#[test]
fn a_locked_database_is_a_503_and_reading_goes_on() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    let other = rusqlite::Connection::open(server.data().join("keyward.db")).expect("the file");
    other.execute_batch("BEGIN IMMEDIATE").expect("the lock");
    std::thread::scope(|scope| {
        // More than may work at once: the rest waits for a place, and not for long.
        for number in 0..80 {
            let server = &server;
            scope.spawn(move || {
                let body = json!({ "id": format!("late-{number}") });
                let answer = server.call("POST", ACCOUNTS, Some(body));
                assert_eq!(answer.header("retry-after"), "2");
                answer.problem(503, "unavailable");
            });
        }
        server.call("GET", ACCOUNTS, None).expect(200);
        server
            .call("GET", "/v1/keyspaces/shop/head", None)
            .expect(200);
        server.send("GET", "/readyz", &[], []).expect(200);
    });
    other.execute_batch("ROLLBACK").expect("unlocked");
    let list = server.call("GET", ACCOUNTS, None).expect(200).json();
    assert_eq!(
        list["data"].as_array().map(Vec::len),
        Some(1),
        "what was refused did not happen"
    );
    server.account("shop", "after");
}

#[test]
fn a_damaged_database_is_a_500_that_tells_nothing() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    let other = rusqlite::Connection::open(server.data().join("keyward.db")).expect("the file");
    other
        .execute_batch("ALTER TABLE audit RENAME TO hidden")
        .expect("done");
    let problem = server
        .call("POST", ACCOUNTS, Some(json!({ "id": "x" })))
        .problem(500, "internal");
    let told = problem.to_string();
    assert!(
        !told.contains("audit") && !told.contains("SQL") && !told.contains("table"),
        "{told}"
    );
    other
        .execute_batch("ALTER TABLE hidden RENAME TO audit")
        .expect("mended");
    server.account("shop", "x");
}

#[test]
fn a_database_that_takes_no_changes_is_not_ready_and_is_read_on() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    let ready = || server.send("GET", "/readyz", &[], []);
    ready().expect(200);
    let other = rusqlite::Connection::open(server.data().join("keyward.db")).expect("the file");
    // As a full or read-only disk: every change fails, and what is there can be read.
    let refuse =
        "CREATE TRIGGER refuse BEFORE INSERT ON settings BEGIN SELECT RAISE(ABORT, 'no'); END";
    other.execute_batch(refuse).expect("done");
    ready().expect(200);
    server.clock.advance(5_000);
    for _ in 0..2 {
        let answer = ready();
        assert_eq!(answer.header("retry-after"), "2");
        let problem = answer.problem(503, "unavailable");
        assert!(
            problem["detail"].to_string().contains("takes no changes"),
            "{problem}"
        );
    }
    server.send("GET", "/healthz", &[], []).expect(200);
    server.call("GET", ACCOUNTS, None).expect(200);
    other.execute_batch("DROP TRIGGER refuse").expect("mended");
    server.clock.advance(5_000);
    ready().expect(200);
}

#[test]
fn a_panic_is_a_500_that_tells_nothing_and_the_server_goes_on() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    server.clock.broken.store(true, Ordering::SeqCst);
    let problem = server
        .call("POST", ACCOUNTS, Some(json!({ "id": "x" })))
        .problem(500, "internal");
    assert!(!problem.to_string().contains("canary"), "{problem}");
    server.clock.broken.store(false, Ordering::SeqCst);
    server.account("shop", "x");
}

#[test]
fn identical_creations_at_the_same_time_succeed_once() {
    let server = Server::start();
    server.keyspace("shop", "acme");
    let statuses = std::thread::scope(|scope| {
        let calls = (0..32).map(|_| {
            let body = json!({ "id": "same" });
            scope.spawn(|| server.call("POST", ACCOUNTS, Some(body)).status)
        });
        let calls = calls.collect::<Vec<_>>();
        calls
            .into_iter()
            .map(|call| call.join().expect("an answer"))
            .collect::<Vec<_>>()
    });
    assert_eq!(
        statuses.iter().filter(|status| **status == 201).count(),
        1,
        "{statuses:?}"
    );
    assert_eq!(
        statuses.iter().filter(|status| **status == 409).count(),
        31,
        "{statuses:?}"
    );
    assert_eq!(
        server
            .call("GET", "/v1/keyspaces/shop", None)
            .expect(200)
            .json()["epoch"],
        3
    );
}

/// What the server answers to these bytes, until it closes the connection.
fn raw(server: &Server, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(&server.address).expect("a connection");
    // The server may answer and close before it has read everything.
    drop(stream.write_all(request));
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer));
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn heads_beyond_16_kib_and_broken_bodies_are_refused() {
    let server = Server::start();
    let head = |length: usize| {
        let (start, end) = (
            "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Long: ",
            "\r\n\r\n",
        );
        let rest = "a".repeat(length - start.len() - end.len());
        raw(&server, format!("{start}{rest}{end}").as_bytes())
    };
    assert!(head(16 * 1024).starts_with("HTTP/1.1 200"));
    for beyond in [16 * 1024 + 1, 20_000] {
        assert!(head(beyond).starts_with("HTTP/1.1 431"), "{beyond}");
    }
    assert!(raw(&server, b"NONSENSE\r\n\r\n").starts_with("HTTP/1.1 400"));

    let head = format!(
        "POST /v1/keyspaces HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\n",
        server.operator
    );
    let huge = format!("{head}Content-Length: 1000000000\r\n\r\n{{");
    assert!(
        raw(&server, huge.as_bytes()).starts_with("HTTP/1.1 413"),
        "refused by its announced length"
    );
    let chunk = format!("{:x}\r\n{}\r\n", 40_000, " ".repeat(40_000));
    let chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n{chunk}{chunk}0\r\n\r\n");
    assert!(
        raw(&server, chunked.as_bytes()).starts_with("HTTP/1.1 413"),
        "refused while it arrives"
    );
    assert!(
        raw(
            &server,
            format!("{head}Transfer-Encoding: chunked\r\n\r\nzz\r\n").as_bytes()
        )
        .starts_with("HTTP/1.1 400")
    );
    server.send("GET", "/healthz", &[], []).expect(200);
}

//! Threat 43: how many connections are open at once.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use crate::program::Program;
use crate::program::directory::Directory;

/// A connection that stays open behind its answer.
fn ask(program: &Program) -> TcpStream {
    let address = program.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).expect("the system takes it");
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        .expect("sent");
    stream
}

/// How the answer begins; `None` where there is none yet.
fn answer(stream: &mut TcpStream, within: Duration) -> Option<String> {
    stream.set_read_timeout(Some(within)).expect("a timeout");
    let mut start = [0; 15];
    match stream.read_exact(&mut start) {
        Ok(()) => Some(String::from_utf8_lossy(&start).into_owned()),
        Err(error) if [ErrorKind::WouldBlock, ErrorKind::TimedOut].contains(&error.kind()) => None,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn further_connections_wait_for_a_place() {
    let place = Directory::new();
    let two = [("KEYWARD_MAX_CONNECTIONS", "2")];
    let (data, log) = (place.path().join("data"), place.path().join("log"));
    let program = Program::serve_with(&data, &log, &two);
    let patience = Duration::from_secs(10);
    let mut open: Vec<_> = (0..2).map(|_| ask(&program)).collect();
    for stream in &mut open {
        assert_eq!(answer(stream, patience).as_deref(), Some("HTTP/1.1 200 OK"));
    }
    let mut third = ask(&program);
    assert_eq!(answer(&mut third, Duration::from_millis(500)), None);
    open.pop();
    assert_eq!(
        answer(&mut third, patience).as_deref(),
        Some("HTTP/1.1 200 OK")
    );
}

//! A request whose body takes its time: its head is sent and let in, then its body, in parts.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

use serde_json::Value;

use crate::server::Server;

/// A request that was let in, and half of whose body is under way.
pub(crate) struct Slow {
    connection: BufReader<TcpStream>,
    rest: Vec<u8>,
}

/// What it is answered.
pub(crate) struct Late {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Slow {
    /// Sends the head, waits until the server wants the body, which is after it knows who calls, and sends half of it.
    pub(crate) fn begin(
        server: &Server,
        authorization: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Self {
        let body = body.to_string().into_bytes();
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\n\
             Authorization: {authorization}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            for part in [*name, ": ", *value, "\r\n"] {
                head.push_str(part);
            }
        }
        let mut stream = TcpStream::connect(&server.address).expect("a connection");
        stream
            .write_all(format!("{head}\r\n").as_bytes())
            .expect("sent");
        let mut connection = BufReader::new(stream);
        let mut line = String::new();
        connection.read_line(&mut line).expect("a line");
        assert_eq!(line, "HTTP/1.1 100 Continue\r\n");
        connection.read_line(&mut line).expect("an empty line");
        let (half, rest) = body.split_at(body.len() / 2);
        let mut slow = Self {
            connection,
            rest: rest.to_vec(),
        };
        slow.send(half);
        slow
    }

    fn send(&mut self, part: &[u8]) {
        let stream = self.connection.get_mut();
        stream.write_all(part).expect("sent");
        stream.flush().expect("sent");
    }

    /// Sends the rest and waits for the answer.
    pub(crate) fn end(mut self) -> Late {
        let rest = std::mem::take(&mut self.rest);
        self.send(&rest);
        let mut answer = String::new();
        self.connection
            .read_to_string(&mut answer)
            .expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        let status = head.split(' ').nth(1).expect("a status");
        Late {
            status: status.parse().expect("a number"),
            head: head.to_ascii_lowercase(),
            body: body.to_owned(),
        }
    }
}

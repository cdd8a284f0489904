//! The client's side: HTTP/1.1 on connections that stay open, with as little work as can be, since it shares the processors
//! with what it measures.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::measure::now;

/// A request, ready to be sent.
#[derive(Clone)]
pub struct Request(Vec<u8>);

impl Request {
    pub fn new(method: &str, target: &str, operator: &str, body: Option<&str>) -> Self {
        let mut text = format!(
            "{method} {target} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {operator}\r\n"
        );
        if let Some(body) = body {
            text += &format!(
                "content-type: application/json\r\ncontent-length: {}\r\n",
                body.len()
            );
        } else if method == "POST" {
            text += "content-length: 0\r\n";
        }
        text += "\r\n";
        text += body.unwrap_or_default();
        Self(text.into_bytes())
    }
}

/// A connection.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer.
pub struct Answer<'a> {
    pub status: u16,
    pub body: &'a [u8],
}

impl Connection {
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(64 * 1024),
        })
    }

    pub async fn ask(&mut self, request: &Request) -> io::Result<Answer<'_>> {
        self.stream.write_all(&request.0).await?;
        self.buffer.clear();
        let mut head = None;
        loop {
            let read = self.stream.read_buf(&mut self.buffer).await?;
            if read == 0 {
                return Err(io::Error::other("the server has closed the connection"));
            }
            if head.is_none() {
                head = Head::read(&self.buffer)?;
            }
            if let Some(head) = &head
                && self.buffer.len() >= head.length + head.body
            {
                return Ok(Answer {
                    status: head.status,
                    body: &self.buffer[head.length..],
                });
            }
        }
    }

    /// An answer that must be a success.
    pub async fn must(&mut self, request: &Request) -> io::Result<&[u8]> {
        let shown = String::from_utf8_lossy(&request.0)
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned();
        let answer = self.ask(request).await?;
        if !(200..300).contains(&answer.status) {
            let text = String::from_utf8_lossy(answer.body).into_owned();
            return Err(io::Error::other(format!(
                "{shown}: {} {text}",
                answer.status
            )));
        }
        Ok(answer.body)
    }
}

struct Head {
    status: u16,
    /// Of the head itself.
    length: usize,
    /// Of the body.
    body: usize,
}

impl Head {
    /// `None`: not yet whole.
    fn read(bytes: &[u8]) -> io::Result<Option<Self>> {
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            return Ok(None);
        };
        let odd = || io::Error::other("an answer without a length");
        let status = bytes
            .get(9..12)
            .and_then(|digits| std::str::from_utf8(digits).ok());
        let name = b"content-length: ";
        let body = bytes[..end]
            .split(|byte| *byte == b'\n')
            .find_map(|line| line.strip_prefix(name))
            .and_then(|digits| std::str::from_utf8(digits.trim_ascii()).ok());
        Ok(Some(Self {
            status: status
                .and_then(|status| status.parse().ok())
                .ok_or_else(odd)?,
            length: end + 4,
            body: body.and_then(|body| body.parse().ok()).ok_or_else(odd)?,
        }))
    }
}

/// Runs `work` where connections can be made.
pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(work)
}

/// How many requests were answered with a success, from so many connections at once, each asking again as soon as it has
/// its answer. `requests` take turns.
pub fn throughput(
    address: SocketAddr,
    connections: usize,
    time: Duration,
    requests: &Arc<Vec<Request>>,
    next: &Arc<AtomicUsize>,
) -> io::Result<f64> {
    block_on(async {
        let mut open = Vec::new();
        for _ in 0..connections {
            open.push(Connection::open(address).await?);
        }
        let began = now();
        let until = began + time;
        let tasks = open.into_iter().map(|mut connection| {
            let (requests, next) = (Arc::clone(requests), Arc::clone(next));
            tokio::spawn(async move {
                let mut answers = 0_u64;
                while now() < until {
                    let turn = next.fetch_add(1, Ordering::Relaxed);
                    let request = &requests[turn % requests.len()];
                    let answer = connection.ask(request).await?;
                    if !(200..300).contains(&answer.status) {
                        let text = String::from_utf8_lossy(answer.body).into_owned();
                        return Err(io::Error::other(format!("{} {text}", answer.status)));
                    }
                    answers += 1;
                }
                Ok(answers)
            })
        });
        let mut answers = 0;
        for task in tasks.collect::<Vec<_>>() {
            answers += task.await.map_err(io::Error::other)??;
        }
        Ok(answers as f64 / began.elapsed().as_secs_f64())
    })
}

/// How long each took, one after another on one connection, in seconds; and after each of them `nothing`, which shows how
/// long the machine makes everybody wait.
pub fn latencies(
    address: SocketAddr,
    requests: &[Request],
    nothing: &Request,
) -> io::Result<(Vec<f64>, Vec<f64>)> {
    block_on(async {
        let mut connection = Connection::open(address).await?;
        let mut times = (Vec::new(), Vec::new());
        for request in requests {
            let began = now();
            connection.must(request).await?;
            times.0.push(began.elapsed().as_secs_f64());
            let began = now();
            connection.must(nothing).await?;
            times.1.push(began.elapsed().as_secs_f64());
        }
        Ok(times)
    })
}

/// The JSON of an answer.
pub fn json(address: SocketAddr, request: &Request) -> io::Result<serde_json::Value> {
    block_on(async {
        let mut connection = Connection::open(address).await?;
        let body = connection.must(request).await?;
        serde_json::from_slice(body).map_err(io::Error::other)
    })
}

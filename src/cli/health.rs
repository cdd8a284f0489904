//! `keyward health`: whether a server on this machine is ready. For containers, which have no other program to ask
//! with.

use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use clap::Args;

use super::Failure;

/// How long to wait for each of connection, question and answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Ask the server on this machine whether it is ready
///
/// Ends with 0 if its database answers, with 1 otherwise.
#[derive(Args)]
pub(super) struct Health {
    /// The address that the server listens on
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "KEYWARD_LISTEN",
        default_value = "127.0.0.1:8787"
    )]
    listen: SocketAddr,
}

impl Health {
    pub(super) fn run(self) -> Result<(), Failure> {
        let address = within_reach(self.listen);
        let status = ask(address).map_err(|error| {
            Failure::failed(format!(
                "no server answers at {address}: {error}; --listen says where it is, if not there"
            ))
        })?;
        if status.starts_with("HTTP/1.1 200 ") {
            Ok(())
        } else {
            let message = format!("the server at {address} is not ready: {}", status.trim());
            Err(Failure::failed(message))
        }
    }
}

/// Who listens everywhere listens here.
fn within_reach(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

/// The first line of the answer.
fn ask(address: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "GET /readyz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"
    )?;
    let mut answer = Vec::new();
    stream.take(1024).read_to_end(&mut answer)?;
    let text = String::from_utf8_lossy(&answer);
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

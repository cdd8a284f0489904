//! What the service manager is told where it asks to be (systemd's `Type=notify`, `sd_notify(3)`): a datagram to the
//! socket that the environment names.

use std::os::unix::net::{SocketAddr, UnixDatagram};

const SOCKET: &str = "NOTIFY_SOCKET";

/// Requests are answered from now on.
pub(super) fn ready() {
    tell("READY=1");
}

/// The end has begun.
pub(super) fn stopping() {
    tell("STOPPING=1");
}

fn tell(state: &str) {
    let Some(socket) = std::env::var_os(SOCKET).filter(|socket| !socket.is_empty()) else {
        return;
    };
    let sent = address(socket.as_encoded_bytes())
        .and_then(|address| UnixDatagram::unbound()?.send_to_addr(state.as_bytes(), &address));
    if let Err(error) = sent {
        tracing::warn!(%error, state, "the service manager could not be told");
    }
}

/// A path; with `@` before it, a name of Linux that is no file.
fn address(socket: &[u8]) -> std::io::Result<SocketAddr> {
    use std::os::unix::ffi::OsStrExt as _;
    #[cfg(target_os = "linux")]
    if let Some(name) = socket.strip_prefix(b"@") {
        use std::os::linux::net::SocketAddrExt as _;
        return SocketAddr::from_abstract_name(name);
    }
    SocketAddr::from_pathname(std::ffi::OsStr::from_bytes(socket))
}

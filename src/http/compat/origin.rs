//! Where a caller finds this server: what absolute URLs in answers begin with.

use std::net::Ipv6Addr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};

use crate::http::App;
use crate::http::problem::Problem;

/// The most bytes of a host with its port.
const MAX_LENGTH: usize = 260;

/// `https://api.example.com`: the server's public URL where that is set, otherwise what the request says of its host.
pub(super) struct Origin(pub(super) String);

impl FromRequestParts<App> for Origin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        if let Some(url) = app.service.public_url() {
            return Ok(Self(url.trim_end_matches('/').to_owned()));
        }
        let host = match parts.uri.authority() {
            // A target that is a URL says it better (RFC 9112, section 3.2.2).
            Some(authority) => Some(authority.as_str()),
            None => host(&parts.headers),
        };
        host.filter(|host| is_host(host))
            .map(|host| Self(format!("http://{host}")))
            .ok_or_else(|| {
                Problem::invalid_header("`Host` takes one name or address, with a port if need be")
            })
    }
}

fn host(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::HOST).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

/// A name, an IPv4 address or an IPv6 address in brackets, and a port. Nothing else gets into an answer: no user name,
/// no path.
fn is_host(host: &str) -> bool {
    if host.len() > MAX_LENGTH {
        return false;
    }
    if let Some(rest) = host.strip_prefix('[') {
        return rest
            .split_once(']')
            .is_some_and(|(address, port)| address.parse::<Ipv6Addr>().is_ok() && is_port(port));
    }
    let (name, port) = host.split_at(host.find(':').unwrap_or(host.len()));
    is_name(name) && is_port(port)
}

fn is_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let is_label = |label: &str| !label.is_empty() && label.bytes().all(allowed);
    name.strip_suffix('.')
        .unwrap_or(name)
        .split('.')
        .all(is_label)
}

/// Nothing, or a colon and a number from 1 to 65535.
fn is_port(port: &str) -> bool {
    port.is_empty()
        || port.strip_prefix(':').is_some_and(|digits| {
            digits.bytes().all(|byte| byte.is_ascii_digit())
                && digits.parse::<u16>().is_ok_and(|port| port > 0)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_nothing_else() {
        for host in [
            "api.example.com",
            "api.example.com:8787",
            "localhost",
            "localhost.",
            "127.0.0.1:1",
            "[::1]",
            "[2001:db8::1]:65535",
            "xn--bcher-kva.example",
        ] {
            assert!(is_host(host), "{host}");
        }
        for other in [
            "",
            ".",
            "a..b",
            "a b",
            "a/b",
            "a\\b",
            "user@host",
            "host:",
            "host:0",
            "host:65536",
            "host:+1",
            "host:1:2",
            "[::1",
            "[::1]x",
            "[::1]:",
            "[evil]",
            "::1",
            "host?x",
            "host#x",
            "host\"",
            "hôst",
            &"a".repeat(MAX_LENGTH + 1),
        ] {
            assert!(!is_host(other), "{other}");
        }
    }
}

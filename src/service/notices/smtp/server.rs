//! Where letters go and whom they are from, as settings say it.

use std::fmt;
use std::net::IpAddr;

use lettre::message::Mailbox;

/// How a connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Security {
    /// Not at all: on this machine alone.
    None,
    /// By STARTTLS, and a server without it gets nothing.
    StartTls,
    /// From its first byte.
    Tls,
}

/// Where a mail server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailServer {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) security: Security,
}

impl MailServer {
    /// Reads `smtps://mail.example.com` (port 465) or `smtp://mail.example.com:587` (port 587; STARTTLS, except to this
    /// machine itself).
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        const WRITE: Malformed = Malformed(
            "write smtps://HOST or smtp://HOST, with :PORT where it is another than 465 and 587; user and password have settings of their own",
        );
        let (scheme, rest) = text.split_once("://").ok_or(WRITE)?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, port)) => (
                host,
                port.strip_prefix(':').or(port.is_empty().then_some("")),
            ),
            None => match rest.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (rest, Some("")),
            },
        };
        let is_host = host.parse::<IpAddr>().is_ok()
            || !host.is_empty()
                && host
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
        if !is_host {
            return Err(WRITE);
        }
        let is_here = host == "localhost"
            || host
                .parse()
                .is_ok_and(|address: IpAddr| address.is_loopback());
        let (security, default) = match scheme {
            "smtps" => (Security::Tls, 465),
            "smtp" if is_here => (Security::None, 587),
            "smtp" => (Security::StartTls, 587),
            _ => return Err(WRITE),
        };
        let port = match port.ok_or(WRITE)? {
            "" => default,
            port => port.parse().ok().filter(|&port| port != 0).ok_or(WRITE)?,
        };
        Ok(Self {
            host: host.to_owned(),
            port,
            security,
        })
    }
}

/// Whom letters are from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender(pub(super) Mailbox);

impl Sender {
    /// Reads `keys@example.com` or `Example keys <keys@example.com>`.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let mailbox = text.parse::<Mailbox>().ok();
        mailbox
            .filter(|mailbox| mailbox.email.to_string().is_ascii() && !text.contains(char::is_control))
            .map(Self)
            .ok_or(Malformed(
                "write an address in ASCII, such as keys@example.com or Example keys <keys@example.com>",
            ))
    }
}

/// Why a setting is none: what to write instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed(pub(super) &'static str);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_named_by_scheme_host_and_port() {
        for (text, host, port, security) in [
            (
                "smtps://mail.example.com",
                "mail.example.com",
                465,
                Security::Tls,
            ),
            (
                "smtp://mail.example.com/",
                "mail.example.com",
                587,
                Security::StartTls,
            ),
            ("smtp://192.0.2.7:25", "192.0.2.7", 25, Security::StartTls),
            ("smtp://localhost:2525", "localhost", 2525, Security::None),
            ("smtp://127.0.0.1", "127.0.0.1", 587, Security::None),
            ("smtp://[::1]:25", "::1", 25, Security::None),
            (
                "smtp://[2001:db8::1]",
                "2001:db8::1",
                587,
                Security::StartTls,
            ),
            ("smtps://localhost", "localhost", 465, Security::Tls),
        ] {
            let expected = MailServer {
                host: host.to_owned(),
                port,
                security,
            };
            assert_eq!(MailServer::parse(text), Ok(expected), "{text}");
        }
        for text in [
            "",
            "mail.example.com",
            "http://mail.example.com",
            "smtp://",
            "smtp://:25",
            "smtp://user:password@mail.example.com",
            "smtp://mail.example.com:0",
            "smtp://mail.example.com:65536",
            "smtp://mail.example.com/path",
            "smtp://mail.example.com?tls=off",
            "smtp://[::1",
            "smtp://[::1]25",
            "smtp://a b",
        ] {
            assert!(MailServer::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_sender_is_an_address_with_or_without_a_name() {
        for text in ["keys@example.com", "Example keys <keys@example.com>"] {
            assert!(Sender::parse(text).is_ok(), "{text}");
        }
        for text in [
            "",
            "keys",
            "keys@",
            "keys@exämple.com",
            "a@example.com, b@example.com",
            "Keys\r\nBcc: x@example.com <keys@example.com>",
        ] {
            assert!(Sender::parse(text).is_err(), "{text}");
        }
    }
}

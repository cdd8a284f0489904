//! Letters by SMTP (RFC 5321), by one connection a round, unless the server ends it.
//!
//! Beyond this machine a connection is encrypted, or there is none. What a server says is logged as a reply code: its
//! words often hold the address.

use std::error::Error as _;
use std::fmt;
use std::io::{self, ErrorKind};
use std::net::IpAddr;
use std::time::{Duration, UNIX_EPOCH};

use lettre::address::Address;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, SinglePart};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{
    Certificate, CertificateStore, SmtpConnection, TlsParameters,
};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use zeroize::Zeroizing;

use super::postman::{Letter, Postman, Round, Undelivered};

/// How a connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Security {
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
    host: String,
    port: u16,
    security: Security,
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
pub struct Sender(Mailbox);

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
pub struct Malformed(&'static str);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A [`Postman`] by SMTP.
pub struct Smtp {
    server: MailServer,
    from: Sender,
    login: Option<(String, Zeroizing<String>)>,
    authorities: Option<Certificate>,
    patience: Duration,
}

impl Smtp {
    /// Letters from `from` by way of `server`, which may take `patience` for each of its answers.
    pub const fn new(server: MailServer, from: Sender, patience: Duration) -> Self {
        Self {
            server,
            from,
            login: None,
            authorities: None,
            patience,
        }
    }

    /// Logs in with a user's name and password.
    #[must_use]
    pub fn with_login(mut self, user: String, password: Zeroizing<String>) -> Self {
        self.login = Some((user, password));
        self
    }

    /// Trusts the certificates' authorities in `pem` instead of Mozilla's list.
    pub fn with_authorities(mut self, pem: &[u8]) -> Result<Self, Malformed> {
        const NONE: Malformed = Malformed("holds no certificates in PEM");
        if !pem.windows(10).any(|part| part == b"-----BEGIN") {
            return Err(NONE);
        }
        self.authorities = Some(Certificate::from_pem(pem).map_err(|_| NONE)?);
        Ok(self)
    }

    fn connect(&self) -> Result<SmtpConnection, Error> {
        let MailServer {
            host,
            port,
            security,
        } = &self.server;
        let tls = match security {
            Security::None => None,
            Security::StartTls | Security::Tls => Some(self.tls(host)?),
        };
        let hello = ClientId::Domain(self.from.0.email.domain().to_owned());
        let at_once = tls.as_ref().filter(|_| *security == Security::Tls);
        let address = (host.as_str(), *port);
        let mut connection =
            SmtpConnection::connect(address, Some(self.patience), &hello, at_once, None)?;
        if let Some(tls) = tls.filter(|_| *security == Security::StartTls) {
            connection.starttls(&tls, &hello)?;
        }
        if let Some((user, password)) = &self.login {
            let credentials = Credentials::new(user.clone(), password.as_str().to_owned());
            connection.auth(DEFAULT_MECHANISMS, &credentials)?;
        }
        Ok(connection)
    }

    fn tls(&self, host: &str) -> Result<TlsParameters, Error> {
        let tls = TlsParameters::builder(host.to_owned());
        match &self.authorities {
            Some(authorities) => tls
                .certificate_store(CertificateStore::None)
                .add_root_certificate(authorities.clone()),
            None => tls,
        }
        .build()
    }

    /// The letter as it is sent.
    fn message(&self, letter: &Letter, to: &Address) -> Result<Vec<u8>, lettre::error::Error> {
        let id = format!("<{}@{}>", letter.id, self.from.0.email.domain());
        let at = UNIX_EPOCH + Duration::from_millis(letter.at.as_millis().unsigned_abs());
        let text = SinglePart::builder()
            .header(ContentType::TEXT_PLAIN)
            .header(ContentTransferEncoding::QuotedPrintable)
            .body(letter.text.clone());
        let message = Message::builder()
            .date(at)
            .message_id(Some(id))
            .from(self.from.0.clone())
            .to(to.clone().into())
            .subject(letter.subject.clone())
            // RFC 3834: nobody is to answer by a program.
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ))
            .singlepart(text)?;
        Ok(message.formatted())
    }
}

impl Postman for Smtp {
    fn set_out(&self) -> Result<Box<dyn Round + '_>, Undelivered> {
        let connection = self.connect().map_err(|error| closed(&error))?;
        Ok(Box::new(Connected {
            smtp: self,
            connection: Some(connection),
            is_used: false,
            breaks: 0,
        }))
    }
}

/// After so many letters at which the server ended the connection a round is over.
const MOST_BREAKS: u32 = 20;

/// One connection at a time.
struct Connected<'a> {
    smtp: &'a Smtp,
    /// Gone where the server ended it, or failed to answer.
    connection: Option<SmtpConnection>,
    /// Whether a letter went by this connection.
    is_used: bool,
    breaks: u32,
}

/// What became of one letter by one connection.
enum Tried {
    /// The server has answered.
    Answered(Result<(), Undelivered>),
    /// The connection ended, or is no good any more. `is_hanging` where the server does not answer.
    Broken { why: String, is_hanging: bool },
}

impl Round for Connected<'_> {
    fn deliver(&mut self, letter: &Letter) -> Result<(), Undelivered> {
        let refused = |why: &str| Undelivered::Refused(why.to_owned());
        let to: Address = letter
            .recipient
            .parse()
            .map_err(|_| refused("no e-mail address"))?;
        let message = self.smtp.message(letter, &to);
        let message = message.map_err(|_| refused("no message can be made for it"))?;
        // A server may end a connection that has served for long: what breaks a fresh one is the letter.
        loop {
            let was_used = self.is_used;
            match self.attempt(letter, &to, &message)? {
                Tried::Answered(delivered) => return delivered,
                Tried::Broken { is_hanging, .. } if was_used && !is_hanging => {}
                Tried::Broken { why, .. } => {
                    self.breaks += 1;
                    return Err(if self.breaks < MOST_BREAKS {
                        Undelivered::Later(why)
                    } else {
                        Undelivered::Closed(why)
                    });
                }
            }
        }
    }
}

impl Connected<'_> {
    /// Tries a letter by the connection that is there, or by a new one.
    fn attempt(
        &mut self,
        letter: &Letter,
        to: &Address,
        message: &[u8],
    ) -> Result<Tried, Undelivered> {
        // Taken, so that one that fails is dropped as it is: nothing more is said to it.
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.smtp.connect().map_err(|error| closed(&error))?,
        };
        let mut parameters = Vec::new();
        if !message.is_ascii() || !letter.recipient.is_ascii() {
            let server = connection.server_info();
            if !server.supports_feature(Extension::SmtpUtfEight) {
                self.connection = Some(connection);
                let why = "the mail server has no SMTPUTF8".to_owned();
                return Ok(Tried::Answered(Err(Undelivered::Refused(why))));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        self.is_used = false;
        let from = self.smtp.from.0.email.clone();
        if let Err(error) = connection.command(Mail::new(Some(from), parameters)) {
            return match broken(&error) {
                Some(broken) => Ok(broken),
                // Whoever refuses the sender refuses all letters.
                None => Err(closed(&error)),
            };
        }
        let said = connection
            .command(Rcpt::new(to.clone(), Vec::new()))
            .and_then(|_| connection.command(Data))
            .and_then(|_| connection.message(message));
        let delivered = match said {
            Ok(_) => Ok(()),
            Err(error) => {
                if let Some(broken) = broken(&error) {
                    return Ok(broken);
                }
                if connection.command(Rset).is_err() {
                    return Ok(Tried::Answered(Err(of_reply(&error))));
                }
                Err(of_reply(&error))
            }
        };
        self.connection = Some(connection);
        self.is_used = true;
        Ok(Tried::Answered(delivered))
    }
}

impl Drop for Connected<'_> {
    fn drop(&mut self) {
        if let Some(connection) = &mut self.connection {
            // It has all letters, whatever it says to this.
            drop(connection.quit());
        }
    }
}

/// What a reply to one letter says. Refusals by policy (enhanced codes 5.7, and those that ask for a login) are mostly
/// the server's settings and no fault of the address: the letter is tried again.
fn of_reply(error: &Error) -> Undelivered {
    let Some(reply) = Reply::of(error) else {
        return Undelivered::Later(kind(error).to_owned());
    };
    match (reply.code, reply.enhanced.as_deref()) {
        (530 | 535 | 538, _) => Undelivered::Later(reply.to_string()),
        (_, Some(enhanced)) if enhanced.starts_with("5.7.") => {
            Undelivered::Later(reply.to_string())
        }
        (500.., _) => Undelivered::Refused(reply.to_string()),
        _ => Undelivered::Later(reply.to_string()),
    }
}

/// Whether the connection is of no more use: it failed, or the server says that it ends it (421).
fn broken(error: &Error) -> Option<Tried> {
    match Reply::of(error) {
        Some(reply) if reply.code != 421 => None,
        Some(reply) => Some(Tried::Broken {
            why: reply.to_string(),
            is_hanging: false,
        }),
        None => Some(Tried::Broken {
            why: kind(error).to_owned(),
            is_hanging: is_timeout(error),
        }),
    }
}

fn closed(error: &Error) -> Undelivered {
    Undelivered::Closed(match Reply::of(error) {
        Some(reply) => reply.to_string(),
        None => kind(error).to_owned(),
    })
}

/// A failure without a reply code, in a word of ours: the error may hold what the server said.
fn kind(error: &Error) -> &'static str {
    if is_timeout(error) {
        "timeout"
    } else if error.is_tls() {
        "tls"
    } else if error.is_response() {
        "response"
    } else if error.is_client() {
        "no way to encrypt or to log in"
    } else {
        "connection"
    }
}

fn is_timeout(error: &Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock);
        }
        cause = error.source();
    }
    false
}

/// A refusal without the server's words.
struct Reply {
    code: u16,
    enhanced: Option<String>,
}

impl Reply {
    fn of(error: &Error) -> Option<Self> {
        let code = error.status()?.into();
        let said = error.source().map(ToString::to_string).unwrap_or_default();
        let first = said.split_whitespace().next().unwrap_or_default();
        let is_enhanced = first.split('.').count() == 3
            && first.len() <= 9
            && first
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'.');
        Some(Self {
            code,
            enhanced: is_enhanced.then(|| first.to_owned()),
        })
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        match &self.enhanced {
            Some(enhanced) => write!(f, " {enhanced}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

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

    /// What would begin a header, or look like one, wherever a value stands.
    const CORPUS: [&str; 14] = [
        "a\r\nBcc: x@example.org",
        "a\nBcc: x@example.org",
        "a\rBcc: x@example.org",
        "a\r\n\r\nanother body",
        "a\r\n.\r\nMAIL FROM:<x@example.org>",
        "a\u{85}Bcc: x@example.org",
        "a\u{2028}Bcc: x@example.org",
        "a\u{b}Bcc: x@example.org",
        "a\0b",
        "=?utf-8?Q?a=0D=0ABcc:_x@example.org?=",
        "%0d%0aBcc: x@example.org",
        "Bcc: x@example.org",
        "\u{202e}moc.elpmaxe",
        "ключ для склада ключ для склада ключ для склада ключ для склада",
    ];

    #[test]
    fn no_subject_and_no_text_makes_a_header() {
        let sender = Sender::parse("Keys <keys@example.com>").expect("an address");
        let server = MailServer::parse("smtp://localhost").expect("a server");
        let smtp = Smtp::new(server, sender, Duration::from_secs(1));
        for value in CORPUS {
            let letter = Letter {
                recipient: "owner@example.org".to_owned(),
                subject: value.to_owned(),
                text: format!("{value}\n"),
                id: "0".repeat(32),
                at: Timestamp::from_millis(1_795_292_040_123).expect("positive"),
            };
            let to = letter.recipient.parse().expect("an address");
            let message = smtp.message(&letter, &to).expect("a message");
            let message = String::from_utf8(message).expect("ASCII");
            assert!(message.is_ascii(), "{message}");
            let (head, body) = message.split_once("\r\n\r\n").expect("a head and a body");
            let lines = head
                .split("\r\n")
                .filter(|line| !line.starts_with([' ', '\t']));
            let names: Vec<_> = lines
                .map(|line| line.split(':').next().unwrap_or_default())
                .collect();
            assert_eq!(
                names,
                [
                    "Date",
                    "Message-ID",
                    "From",
                    "To",
                    "Subject",
                    "Auto-Submitted",
                    "MIME-Version",
                    "Content-Type",
                    "Content-Transfer-Encoding"
                ],
                "{value:?}:\n{message}"
            );
            let stray = |text: &str| text.replace("\r\n", "").contains(['\r', '\n', '\0']);
            assert!(!stray(head) && !stray(body), "{value:?}:\n{message}");
        }
    }
}

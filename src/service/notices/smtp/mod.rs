//! Letters by SMTP (RFC 5321), by one connection a round, unless the server ends it.
//!
//! Beyond this machine a connection is encrypted, or there is none. What a server says is logged as a reply code: its
//! words often hold the address.

mod reply;
mod round;
mod server;

use std::time::{Duration, UNIX_EPOCH};

use lettre::address::Address;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Message, SinglePart};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{
    Certificate, CertificateStore, SmtpConnection, TlsParameters,
};
use lettre::transport::smtp::extension::ClientId;
use zeroize::Zeroizing;

use self::reply::closed;
use self::round::Connected;
use self::server::Security;
use super::postman::{Letter, Postman, Round, Undelivered};

pub use self::server::{MailServer, Malformed, Sender};

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
        Ok(Box::new(Connected::by(self, connection)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

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

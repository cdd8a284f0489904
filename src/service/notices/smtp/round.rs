//! A round of letters.

use lettre::address::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::client::SmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{Extension, MailParameter};

use super::Smtp;
use super::reply::{Reply, closed, is_timeout, kind, of_reply};
use crate::service::notices::postman::{Letter, Round, Undelivered};

/// After so many letters at which the server ended the connection a round is over.
const MOST_BREAKS: u32 = 20;

/// One connection at a time.
pub(super) struct Connected<'a> {
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

impl<'a> Connected<'a> {
    /// A round that begins by this connection.
    pub(super) const fn by(smtp: &'a Smtp, connection: SmtpConnection) -> Self {
        Self {
            smtp,
            connection: Some(connection),
            is_used: false,
            breaks: 0,
        }
    }
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

//! Who takes letters to their owners: what a round of notices asks of it.

use crate::time::Timestamp;

/// A letter to one address: plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The one address.
    pub recipient: String,
    /// One line.
    pub subject: String,
    /// Lines that end with `\n`.
    pub text: String,
    /// 32 hexadecimal digits: the same for a letter that is sent once more.
    pub id: String,
    /// When it was written.
    pub at: Timestamp,
}

/// Takes letters.
pub trait Postman: Send + Sync {
    /// Begins a round of letters.
    fn set_out(&self) -> Result<Box<dyn Round + '_>, Undelivered>;
}

/// Letters one after the other.
pub trait Round {
    /// Returns when somebody else has taken the letter, for good.
    fn deliver(&mut self, letter: &Letter) -> Result<(), Undelivered>;
}

/// Why a letter was not taken. No reason holds an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undelivered {
    /// This letter will never be: the reply code.
    Refused(String),
    /// This letter was not taken now.
    Later(String),
    /// No letter is taken now.
    Closed(String),
}

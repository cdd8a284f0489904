//! What is wrong with a document, each mistake with its line.

use crate::error::{Code, Error};

/// More are counted, and not kept: a document could be made of nothing else.
const MAX_KEPT: usize = 100;

/// Collects mistakes by their place in a document.
pub(super) struct Mistakes<'a> {
    text: &'a str,
    kept: Vec<(usize, String)>,
    count: usize,
}

impl<'a> Mistakes<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self {
            text,
            kept: Vec::new(),
            count: 0,
        }
    }

    /// One more; the message says what is wrong and how to mend it.
    pub(super) fn add(&mut self, place: usize, message: impl Into<String>) {
        self.add_with(place, |_| message.into());
    }

    /// One more, whose message names another line.
    pub(super) fn add_with(&mut self, place: usize, message: impl FnOnce(Lines<'_>) -> String) {
        self.count += 1;
        if self.kept.len() < MAX_KEPT {
            self.kept.push((place, message(Lines(self.text))));
        }
    }

    /// How many there are so far.
    pub(super) const fn count(&self) -> usize {
        self.count
    }

    /// What was read, if nothing was wrong with it.
    pub(super) fn conclude<T>(mut self, read: Option<T>) -> Result<T, Vec<Error>> {
        self.kept.sort_by_key(|&(place, _)| place);
        match read {
            Some(read) if self.count == 0 => Ok(read),
            _ => Err(self
                .kept
                .iter()
                .map(|(place, message)| error(self.text, *place, message))
                .collect()),
        }
    }
}

/// Tells lines by their places.
pub(super) struct Lines<'a>(&'a str);

impl Lines<'_> {
    /// The number of the line that a place is in, from 1.
    pub(super) fn number(&self, place: usize) -> usize {
        let before = self.0.bytes().take(place);
        1 + before.filter(|&byte| byte == b'\n').count()
    }
}

/// The parser's own error: what is no TOML, or a member that a profile has not, or not so.
pub(super) fn unreadable(text: &str, found: &toml::de::Error) -> Error {
    let place = found.span().map_or(0, |span| span.start);
    error(text, place, found.message())
}

fn error(text: &str, place: usize, message: &str) -> Error {
    let message = format!("line {}: {message}", Lines(text).number(place));
    Error::new(Code::InvalidProfile, message)
}

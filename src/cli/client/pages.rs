//! Lists, page by page to their end.

use std::io::{self, IsTerminal as _, Write as _};
use std::ops::ControlFlow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Call, Client, Target};
use crate::cli::Failure;

/// The most that a server puts into one page.
const PAGE: usize = 100;

/// One page. Lists that fit into one have no cursor.
#[derive(Deserialize)]
struct Page {
    data: Vec<Box<RawValue>>,
    next_cursor: Option<String>,
}

/// Whether a list was read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum End {
    /// There is nothing behind what was visited.
    Reached,
    /// There is more than was wanted.
    MoreFollows,
    /// Nobody reads on.
    Enough,
}

/// How a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Paging {
    /// The server hands it out in pages.
    Pages,
    /// It comes whole.
    Whole,
}

impl Client {
    /// Visits the pages of the list at `target`, at most `limit` items in all. On a terminal a count runs along on
    /// stderr while the list itself goes elsewhere.
    pub(in crate::cli) fn each_page(
        &self,
        target: &Target,
        paging: Paging,
        limit: Option<usize>,
        mut visit: impl FnMut(Vec<Box<RawValue>>) -> Result<ControlFlow<()>, Failure>,
    ) -> Result<End, Failure> {
        let mut progress = Progress::start();
        let mut left = limit.unwrap_or(usize::MAX);
        let mut cursor = None;
        loop {
            let mut page = target.clone();
            if paging == Paging::Pages {
                page = page
                    .asking("limit", Some(left.clamp(1, PAGE)))
                    .asking("cursor", cursor);
            }
            let mut page: Page = self.send(&Call::get(page))?.read()?;
            let is_cut = page.data.len() > left;
            page.data.truncate(left);
            left -= page.data.len();
            progress.add(page.data.len());
            if visit(page.data)?.is_break() {
                return Ok(End::Enough);
            }
            match page.next_cursor {
                _ if is_cut => return Ok(End::MoreFollows),
                None => return Ok(End::Reached),
                Some(_) if left == 0 => return Ok(End::MoreFollows),
                next => cursor = next,
            }
        }
    }
}

/// A count on stderr that rewrites itself, and is gone in the end.
struct Progress {
    is_shown: bool,
    pages: usize,
    count: usize,
}

impl Progress {
    fn start() -> Self {
        Self {
            is_shown: io::stderr().is_terminal() && !io::stdout().is_terminal(),
            pages: 0,
            count: 0,
        }
    }

    fn add(&mut self, count: usize) {
        self.pages += 1;
        self.count += count;
        if self.is_shown && self.pages > 1 {
            // Progress that cannot be shown is no reason to stop.
            drop(write!(io::stderr(), "\r{} so far", self.count));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.is_shown && self.pages > 1 {
            drop(write!(io::stderr(), "\r\u{1b}[K"));
        }
    }
}

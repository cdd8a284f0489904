//! What commands print: tables for people, and colours where people look on.

use std::fmt::{self, Write as _};
use std::io::{self, Write as _};
use std::ops::ControlFlow;

use anstyle::{AnsiColor, Style};

use super::Failure;

pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
pub(super) const BAD: Style = AnsiColor::Red.on_default();

/// Prints to stdout; styles are taken out where it is no terminal. Who reads no further, as `head` does, has read
/// enough.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    stream(text).map(|_| ())
}

/// The same for a part of what is printed: `Break` where nobody reads on.
pub(super) fn stream(text: &str) -> Result<ControlFlow<()>, Failure> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(ControlFlow::Continue(())),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ControlFlow::Break(())),
        Err(error) => Err(Failure::failed(format!("cannot write to stdout: {error}"))),
    }
}

/// Prints what is shown only once, plainly: that nobody reads it is a failure.
pub(super) fn deliver(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}

/// Words around what is printed, on stderr.
pub(super) fn tell(words: &str) {
    // Nobody needs them who has closed stderr.
    drop(writeln!(anstream::stderr(), "{words}"));
}

/// Prints a value as JSON.
pub(super) fn print_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(Failure::failed)?;
    print(&format!("{text}\n"))
}

/// The same JSON, a member a line, for people who read it; its order and its numbers stay as they came.
pub(super) fn indented(json: &str, depth: usize) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let mut depth = depth;
    let mut is_text = false;
    let mut characters = json.chars().peekable();
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    };
    while let Some(character) = characters.next() {
        match character {
            _ if is_text => {
                out.push(character);
                match character {
                    '\\' => out.extend(characters.next()),
                    '"' => is_text = false,
                    _ => {}
                }
            }
            '"' => {
                is_text = true;
                out.push(character);
            }
            '{' | '[' => {
                out.push(character);
                while characters.next_if(char::is_ascii_whitespace).is_some() {}
                if let Some(end) = characters.next_if(|next| matches!(next, '}' | ']')) {
                    out.push(end);
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(character);
            }
            ',' => {
                out.push(character);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            space if space.is_ascii_whitespace() => {}
            other => out.push(other),
        }
    }
    out
}

/// A text in a style.
pub(super) fn styled(style: Style, text: impl fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// What others wrote, without characters that steer a terminal.
pub(super) fn plain(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\n' => ' ',
            control if control.is_control() => char::REPLACEMENT_CHARACTER,
            character => character,
        })
        .collect()
}

/// Columns as wide as what stands in them, under headings.
pub(super) struct Table {
    rows: Vec<Vec<Cell>>,
    /// How wide the columns are that were printed already.
    widths: Vec<usize>,
}

struct Cell {
    text: String,
    style: Style,
}

impl Table {
    pub(super) fn new(headings: &[&str]) -> Self {
        let mut table = Self::without_headings();
        table.headings(headings);
        table
    }

    /// A row of headings.
    pub(super) fn headings(&mut self, headings: &[impl AsRef<str>]) {
        let cells = headings
            .iter()
            .map(|heading| (BOLD, heading.as_ref().to_owned()));
        self.styled_row(cells);
    }

    pub(super) const fn without_headings() -> Self {
        Self {
            rows: Vec::new(),
            widths: Vec::new(),
        }
    }

    pub(super) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.styled_row(cells.map(|text| (Style::new(), text)));
    }

    pub(super) fn styled_row(&mut self, cells: impl IntoIterator<Item = (Style, String)>) {
        let cells = cells.into_iter().map(|(style, text)| Cell {
            text: plain(&text),
            style,
        });
        self.rows.push(cells.collect());
    }

    /// The rows so far. Those that follow get columns at least as wide, so that a long table can be printed as it
    /// grows.
    pub(super) fn take(&mut self) -> String {
        let text = self.to_string();
        self.widths = self.measured();
        self.rows.clear();
        text
    }

    fn measured(&self) -> Vec<usize> {
        let mut widths = self.widths.clone();
        for row in &self.rows {
            widths.resize(widths.len().max(row.len()), 0);
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.text.chars().count());
            }
        }
        widths
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = self.measured();
        for row in &self.rows {
            let filled = row.iter().rposition(|cell| !cell.text.is_empty());
            let row = &row[..filled.map_or(0, |last| last + 1)];
            let mut gap = 0;
            for (width, Cell { text, style }) in widths.iter().zip(row) {
                write!(f, "{:gap$}{style}{text}{style:#}", "")?;
                gap = width - text.chars().count() + 2;
            }
            f.write_char('\n')?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_nothing_steers_the_terminal() {
        let mut table = Table::new(&["NAME", "TITLE", "X"]);
        table.row(["long name".into(), "tïtle".into(), String::new()]);
        table.row(["n".into(), "\u{1b}[2J\nb".into(), "x".into()]);
        let text = anstream::adapter::strip_str(&table.to_string()).to_string();
        assert_eq!(
            text,
            "NAME       TITLE   X\n\
             long name  tïtle\n\
             n          \u{fffd}[2J b  x\n"
        );
    }

    #[test]
    fn a_table_that_grows_keeps_its_columns() {
        let mut table = Table::without_headings();
        table.row(["wide enough".into(), "a".into()]);
        assert_eq!(strip(&table.take()), "wide enough  a\n");
        table.row(["b".into(), "c".into()]);
        assert_eq!(strip(&table.take()), "b            c\n");
    }

    #[test]
    fn json_is_spread_out_and_stays_the_same() {
        let json = r#"{"z":[],"a":[1.0,{"b":"{,}\":\\"}], "e": { } ,"n":12345678901234567890}"#;
        let spread = indented(json, 0);
        assert_eq!(
            spread,
            "{\n  \"z\": [],\n  \"a\": [\n    1.0,\n    {\n      \"b\": \"{,}\\\":\\\\\"\n    }\n  ],\n  \"e\": {},\n  \"n\": 12345678901234567890\n}"
        );
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
        assert_eq!(value(&spread), value(json));
    }

    fn strip(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }
}

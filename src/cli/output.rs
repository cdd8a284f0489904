//! What commands print: tables for people, and colours where people look on.

use std::fmt::{self, Write as _};
use std::io::{self, Write as _};

use anstyle::{AnsiColor, Style};

use super::Failure;

pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
pub(super) const BAD: Style = AnsiColor::Red.on_default();

/// Prints to stdout; styles are taken out where it is no terminal. Who reads no further, as `head` does, has read enough.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::failed(format!("cannot write to stdout: {error}")))
        }
        _ => Ok(()),
    }
}

/// Prints a value as JSON.
pub(super) fn print_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(Failure::failed)?;
    print(&format!("{text}\n"))
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
}

struct Cell {
    text: String,
    style: Style,
}

impl Table {
    pub(super) fn new(headings: &[&str]) -> Self {
        let mut table = Self::without_headings();
        table.styled_row(headings.iter().map(|heading| (BOLD, (*heading).to_owned())));
        table
    }

    pub(super) const fn without_headings() -> Self {
        Self { rows: Vec::new() }
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
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut widths: Vec<usize> = Vec::new();
        for row in &self.rows {
            widths.resize(widths.len().max(row.len()), 0);
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.text.chars().count());
            }
        }
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
}

//! How many tests a suite ran, read from what its runner printed.

use std::fmt;

/// What came of a suite.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
    /// What the reader of the table should know.
    pub(crate) notes: Vec<String>,
    /// Why the suite failed, with its output.
    pub(crate) failure: Option<String>,
}

impl Tally {
    /// The sum of cargo's lines `test result: ok. 3 passed; 0 failed; 1 ignored; …`; wasm-bindgen's runner writes them
    /// too.
    pub(crate) fn of_cargo(text: &str) -> Self {
        let mut tally = Self::default();
        for line in text
            .lines()
            .filter_map(|line| line.trim().strip_prefix("test result: "))
        {
            tally.passed += counted(line, "passed");
            tally.failed += counted(line, "failed");
            tally.skipped += counted(line, "ignored");
        }
        tally
    }

    /// The sum of Node's lines `# pass 3`, `ℹ pass 3`: one of each for every process of its test runner.
    pub(crate) fn of_node(text: &str) -> Self {
        let mut tally = Self::default();
        for line in text.lines() {
            let mut words = line.split_whitespace();
            let (Some("#" | "ℹ"), Some(kind), Some(Ok(count)), None) = (
                words.next(),
                words.next(),
                words.next().map(str::parse::<usize>),
                words.next(),
            ) else {
                continue;
            };
            match kind {
                "pass" => tally.passed += count,
                "fail" | "cancelled" => tally.failed += count,
                "skipped" | "todo" => tally.skipped += count,
                _ => {}
            }
        }
        tally
    }

    /// A suite of one test that passed.
    pub(crate) fn one() -> Self {
        Self {
            passed: 1,
            ..Self::default()
        }
    }

    /// Adds what the reader should know.
    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} passed", self.passed)?;
        if self.skipped > 0 {
            write!(out, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

/// The number before a word: `3 passed`.
fn counted(line: &str, word: &str) -> usize {
    line.split([';', '.'])
        .filter_map(|part| part.trim().strip_suffix(word)?.trim().parse::<usize>().ok())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_lines_add_up() {
        let tally = Tally::of_cargo(
            "running 3 tests\ntest a ... ok\ntest result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s\n\
             test result: FAILED. 2 passed; 4 failed; 0 ignored; 0 measured; 0 filtered out\n",
        );
        assert_eq!((tally.passed, tally.failed, tally.skipped), (5, 4, 1));
    }

    #[test]
    fn node_lines_add_up_in_both_reporters() {
        let tally = Tally::of_node(
            "# tests 3\n# pass 3\n# fail 0\nℹ pass 2\nℹ fail 1\nℹ skipped 1\n# pass the salt\n",
        );
        assert_eq!((tally.passed, tally.failed, tally.skipped), (5, 1, 1));
    }
}

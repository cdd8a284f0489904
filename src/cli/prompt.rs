//! Questions to whoever sits at the terminal. Where nobody does, nothing is asked.

use std::fs::File;
use std::io::{self, IsTerminal as _, Read as _, Write as _};

use clap::Args;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use super::Failure;
use super::output::plain;

/// A line of a terminal is never longer.
const MAX_LINE: usize = 4096;

/// Asks for a key; what is typed or pasted is not shown. `None` where nobody can be asked.
pub(super) fn secret(question: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Failure> {
    let Some(mut terminal) = terminal() else {
        return Ok(None);
    };
    let line = unseen(&mut terminal, question);
    match line {
        Ok(line) if line.is_empty() => Err(Failure::usage("nothing was typed, and nothing done")),
        Ok(line) => Ok(Some(line)),
        Err(error) => Err(Failure::failed(format!(
            "the terminal cannot be asked: {error}"
        ))),
    }
}

/// Whether something that cannot be undone is to happen without a question.
#[derive(Args)]
pub(super) struct Sure {
    /// Do it without asking
    #[arg(long)]
    yes: bool,
}

impl Sure {
    /// Goes on at once with `--yes`, otherwise when whoever sits at the terminal agrees to the question.
    pub(super) fn confirm(
        &self,
        question: impl FnOnce() -> Result<String, Failure>,
    ) -> Result<(), Failure> {
        if self.yes {
            return Ok(());
        }
        let Some(mut terminal) = terminal() else {
            return Err(Failure::usage(
                "this cannot be undone, and nobody is there to be asked: add --yes to do it",
            ));
        };
        let question = format!("{} [y/N] ", plain(&question()?));
        let answer = line(&mut terminal, &question)
            .map_err(|error| Failure::failed(format!("the terminal cannot be asked: {error}")))?;
        match answer.to_ascii_lowercase().as_slice() {
            b"y" | b"yes" => Ok(()),
            _ => Err(Failure::failed("nothing was done")),
        }
    }
}

/// The terminal itself, so that stdin and stdout stay free for what is piped. Somebody looks on where stderr is one.
fn terminal() -> Option<File> {
    if !io::stderr().is_terminal() {
        return None;
    }
    File::options().read(true).write(true).open("/dev/tty").ok()
}

/// One line, without its end and the spaces around it.
fn line(terminal: &mut File, question: &str) -> io::Result<Zeroizing<Vec<u8>>> {
    terminal.write_all(question.as_bytes())?;
    // A terminal hands over whole lines, so that one read has it all and no buffer keeps a copy.
    let mut line = Zeroizing::new(vec![0; MAX_LINE]);
    let length = terminal.read(&mut line)?;
    Ok(Zeroizing::new(line[..length].trim_ascii().to_vec()))
}

fn unseen(terminal: &mut File, question: &str) -> io::Result<Zeroizing<Vec<u8>>> {
    let _silence = Silence::over(terminal.try_clone()?)?;
    line(terminal, question)
}

/// A terminal that does not show what is typed, until this is dropped.
struct Silence {
    terminal: File,
    before: Termios,
}

impl Silence {
    fn over(terminal: File) -> io::Result<Self> {
        let before = tcgetattr(&terminal)?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        // The end of the line is shown all the same, so that what follows starts on the next.
        silent.local_modes.insert(LocalModes::ECHONL);
        tcsetattr(&terminal, OptionalActions::Flush, &silent)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        // A terminal that is gone needs no restoring.
        let _ = tcsetattr(&self.terminal, OptionalActions::Now, &self.before);
    }
}

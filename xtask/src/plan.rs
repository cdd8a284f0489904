//! Steps in a row: each is announced with its position, timed, and left out when nothing it depends on has changed.

use crate::context::Context;
use crate::fingerprint::Fingerprint;
use anstyle::{AnsiColor, Style};
use anyhow::{Context as _, Result};
use std::cell::Cell;
use std::fs;
use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

/// Something went wrong.
pub(crate) const RED: Style = AnsiColor::Red.on_default().bold();
/// Something went well.
pub(crate) const GREEN: Style = AnsiColor::Green.on_default();
/// Said by the way.
pub(crate) const DIM: Style = Style::new().dimmed();

/// One thing to do.
pub(crate) struct Step {
    name: String,
    work: Work,
    trace: Trace,
}

/// What a step does.
type Work = Box<dyn FnOnce(&Context, &Live) -> Result<Done>>;

/// How a step ended when it did not fail.
pub(crate) enum Done {
    /// Did its work.
    Worked,
    /// Found nothing to do.
    Nothing,
    /// Did its work, and something is worth saying.
    Said(String),
}

impl Step {
    /// A step that runs every time.
    pub(crate) fn new(
        name: impl Into<String>,
        work: impl FnOnce(&Context, &Live) -> Result<Done> + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            work: Box::new(work),
            trace: Trace::default(),
        }
    }

    /// Runs only when these have changed, or what it made is gone or altered.
    pub(crate) fn when_changed(
        mut self,
        inputs: impl Fn(&Context) -> Result<Fingerprint> + 'static,
    ) -> Self {
        self.trace.inputs = Some(Box::new(inputs));
        self
    }

    /// What it makes, relative to the repository.
    pub(crate) fn making(mut self, outputs: &[&'static str]) -> Self {
        self.trace.outputs = outputs.to_vec();
        self
    }

    fn perform(self, context: &Context, live: &Live) -> Result<Done> {
        let stamps = context.scratch("stamps");
        let stamp = stamps.join(self.name.replace([' ', '/'], "-"));
        let before = self.trace.state(context)?;
        if before.is_some() && fs::read_to_string(&stamp).ok() == before {
            return Ok(Done::Nothing);
        }
        let done = (self.work)(context, live)?;
        if let Some(after) = self.trace.state(context)? {
            fs::create_dir_all(&stamps)
                .with_context(|| format!("cannot make {}", stamps.display()))?;
            fs::write(&stamp, after)
                .with_context(|| format!("cannot write {}", stamp.display()))?;
        }
        Ok(done)
    }
}

/// What a step depends on and what it makes.
#[derive(Default)]
struct Trace {
    inputs: Option<Inputs>,
    outputs: Vec<&'static str>,
}

/// How the fingerprint of a step's inputs is taken.
type Inputs = Box<dyn Fn(&Context) -> Result<Fingerprint>>;

impl Trace {
    /// Inputs and outputs as one hash; none when the step has no inputs of note, or an output is missing.
    fn state(&self, context: &Context) -> Result<Option<String>> {
        match &self.inputs {
            Some(inputs) if self.outputs.iter().all(|output| context.has(output)) => {
                let outputs = Fingerprint::of(&context.root)
                    .files(&self.outputs)?
                    .finish();
                Ok(Some(inputs(context)?.word(&outputs).finish()))
            }
            _ => Ok(None),
        }
    }
}

/// How far a command is.
pub(crate) struct Progress {
    total: usize,
    begun: usize,
}

impl Progress {
    /// A command of so many steps.
    pub(crate) fn new(total: usize) -> Self {
        Self { total, begun: 0 }
    }

    /// Performs a step and says how long it took.
    pub(crate) fn step(&mut self, context: &Context, step: Step) -> Result<Done> {
        let name = step.name.clone();
        self.announce(context, &name, |live| step.perform(context, live))
            .with_context(|| name)
    }

    /// Announces some work with its position, and ends the line with its outcome.
    pub(crate) fn announce(
        &mut self,
        context: &Context,
        name: &str,
        work: impl FnOnce(&Live) -> Result<Done>,
    ) -> Result<Done> {
        self.begun += 1;
        let live = Live::begin(
            format!("[{}/{}] {name} …", self.begun, self.total),
            context.verbose,
        );
        let done = work(&live);
        live.end(&done);
        done
    }
}

/// Performs steps in order up to the first that fails.
pub(crate) fn run(context: &Context, steps: Vec<Step>) -> Result<()> {
    let mut progress = Progress::new(steps.len());
    for step in steps {
        progress.step(context, step)?;
    }
    Ok(())
}

/// The line of the step under way. On a terminal it follows what the running program says.
pub(crate) struct Live {
    head: String,
    verbose: bool,
    terminal: bool,
    begun: Instant,
    drawn: Cell<Instant>,
}

impl Live {
    fn begin(head: String, verbose: bool) -> Self {
        let now = Instant::now();
        let terminal = std::io::stdout().is_terminal();
        anstream::print!("{head}");
        if verbose {
            anstream::println!();
        }
        let _ = std::io::stdout().flush();
        Self {
            head,
            verbose,
            terminal,
            begun: now,
            drawn: Cell::new(now),
        }
    }

    /// Announces nothing: for work that says by itself how far it is.
    pub(crate) fn silent(verbose: bool) -> Self {
        let now = Instant::now();
        Self {
            head: String::new(),
            verbose,
            terminal: false,
            begun: now,
            drawn: Cell::new(now),
        }
    }

    /// Whether the output of programs is shown as it comes.
    pub(crate) fn verbose(&self) -> bool {
        self.verbose
    }

    /// A program is started.
    pub(crate) fn command(&self, title: &str) {
        if self.verbose {
            anstream::println!("{}$ {title}{}", DIM.render(), DIM.render_reset());
        }
    }

    /// A program said a line.
    pub(crate) fn line(&self, line: &str) {
        if self.verbose {
            anstream::println!("{line}");
        } else if self.terminal && self.drawn.get().elapsed() > Duration::from_millis(100) {
            let said: String = line
                .trim()
                .chars()
                .filter(|char| !char.is_control())
                .take(60)
                .collect();
            anstream::print!(
                "\r\x1b[K{} {}{said}{}",
                self.head,
                DIM.render(),
                DIM.render_reset()
            );
            let _ = std::io::stdout().flush();
            self.drawn.set(Instant::now());
        }
    }

    fn end(&self, done: &Result<Done>) {
        let time = seconds(self.begun.elapsed());
        let outcome = match done {
            Ok(Done::Nothing) => format!("{}unchanged{}", DIM.render(), DIM.render_reset()),
            Ok(Done::Worked) => time,
            Ok(Done::Said(words)) => format!("{words}, {time}"),
            Err(_) => format!("{}failed{} after {time}", RED.render(), RED.render_reset()),
        };
        if self.terminal && !self.verbose {
            anstream::print!("\r\x1b[K");
        }
        if self.terminal || self.verbose {
            anstream::print!("{}", self.head);
        }
        anstream::println!(" {outcome}");
    }
}

/// A duration as a person says it.
pub(crate) fn seconds(time: Duration) -> String {
    match time.as_secs() {
        0..10 => format!("{:.1} s", time.as_secs_f64()),
        10..120 => format!("{} s", time.as_secs()),
        long => format!("{} min {} s", long / 60, long % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        assert_eq!(seconds(Duration::from_millis(240)), "0.2 s");
        assert_eq!(seconds(Duration::from_secs(41)), "41 s");
        assert_eq!(seconds(Duration::from_secs(183)), "3 min 3 s");
    }
}

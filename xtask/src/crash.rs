//! `cargo xtask crash`: kills the server under load, over and over, and holds it to what it had acknowledged.

use crate::context::Context;
use crate::plan::{self, Done, Step};
use crate::tool::Tool;
use anyhow::{Result, bail};

/// How often.
#[derive(Clone, Copy, clap::Args)]
pub(crate) struct Options {
    /// How many kills; about half a second each
    #[arg(long, value_name = "NUMBER", default_value_t = 100)]
    rounds: u32,
}

/// `cargo xtask crash`.
pub(crate) fn run(context: &Context, options: Options) -> Result<()> {
    let rounds = options.rounds;
    let step = Step::new(
        format!("{rounds} kills under load"),
        move |context, live| {
            let said = Tool::new(context, "cargo")
                .args("test --locked --package keyward --test crash -- --nocapture")
                .env("KEYWARD_ROUNDS", rounds.to_string())
                .run(live)?;
            let begin = format!("{rounds} kills, ");
            match said
                .lines()
                .find_map(|line| Some(&line[line.find(&begin)?..]))
            {
                Some(summary) => Ok(Done::Said(summary.to_owned())),
                None => bail!("the test did not say what it did"),
            }
        },
    );
    plan::run(context, vec![step])
}

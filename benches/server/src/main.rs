//! Measures the management half, and prints a section of docs/benchmarks.md: the server's half of goal 6, goal 7, memory,
//! start, and the plans of statements.
//!
//! `--data DIR` is where the databases lie that are measured; they are made where they are missing. `--server FILE` is the
//! `keyward` program; left out, this one serves itself. `--quick` tries everything with few keys in a few short rounds; its
//! figures say nothing.

mod child;
mod creating;
mod load;
mod looking;
mod measure;
mod names;
mod peers;
mod plans;
mod starting;
mod stock;
mod verifying;

use std::error::Error;
use std::path::PathBuf;

use stock::Stock;

/// What can go wrong in a bench ends it.
type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// How long the bench is, and where things are.
struct Bench {
    /// The `keyward` program.
    server: PathBuf,
    /// Where databases are made and copied to.
    data: PathBuf,
    quick: bool,
}

fn main() -> Outcome {
    let mut arguments = std::env::args().skip(1);
    let mut bench = Bench {
        server: std::env::current_exe()?,
        data: PathBuf::from("target/server-bench"),
        quick: false,
    };
    let mut parts = Vec::new();
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument}: of what?"));
        match &*argument {
            "--server" => bench.server = value()?.into(),
            "--data" => bench.data = value()?.into(),
            "--quick" => bench.quick = true,
            // Processes that this one starts.
            "empty" => return peers::empty(&value()?),
            "serve" => {
                keyward::cli::run();
                return Ok(());
            }
            "making" => return peers::making(&PathBuf::from(value()?)),
            part => parts.push(part.to_owned()),
        }
    }
    let wants = |part: &str| parts.is_empty() || parts.iter().any(|own| own == part);
    let stocks = Stock::both(&bench)?;
    // Written at the end, so that what is said meanwhile does not come between.
    let mut page = String::new();
    stock::tell_of(&stocks, &mut page)?;
    if wants("verifying") {
        verifying::section(&bench, &stocks, &mut page)?;
    }
    if wants("creating") {
        creating::section(&bench, &stocks, &mut page)?;
    }
    if wants("looking") {
        looking::section(&bench, &stocks, &mut page)?;
    }
    if wants("starting") {
        starting::section(&bench, &stocks, &mut page)?;
    }
    if wants("plans") {
        plans::section(&bench, &stocks, &mut page)?;
    }
    println!("## The server\n\n{}", page.trim_end());
    Ok(())
}

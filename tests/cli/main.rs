//! The command line: what it prints, what it reads, how it ends.

mod explain;
mod profiles;
#[path = "../program/mod.rs"]
mod program;
mod server;

use std::process::Output;

fn output(arguments: &[&str]) -> Output {
    program::keyward(arguments)
        .output()
        .expect("the program runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

//! The command line: what it prints, what it reads, how it ends.

mod backup;
mod canaries;
mod client;
mod config;
mod decisions;
mod explain;
mod help;
mod keys;
mod logs;
mod operators;
mod places;
mod profiles;
#[path = "../program/mod.rs"]
mod program;
mod scripted;
mod secrets;
mod server;
mod states;
mod terminal;
mod trail;
mod world;

use std::process::Output;

fn output(arguments: &[&str]) -> Output {
    program::keyward(arguments)
        .output()
        .expect("the program runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

//! The command line: what it prints, what it reads, how it ends.

mod backup;
mod canaries;
mod client;
mod config;
mod connections;
mod decisions;
mod disk;
mod explain;
mod help;
mod keys;
mod logs;
mod misplaced;
mod mistakes;
mod operators;
mod places;
mod postman;
mod profiles;
#[path = "../program/mod.rs"]
mod program;
mod rules;
mod scripted;
mod secrets;
mod server;
mod states;
mod terminal;
mod tls;
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

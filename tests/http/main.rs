//! The management API from outside: a real port, a real SQLite file.

mod authority;
mod faults;
mod isolation;
mod lifecycle;
mod lists;
mod openapi;
mod pages;
mod published;
mod refusals;
mod server;

#[path = "../program/directory.rs"]
mod directory;

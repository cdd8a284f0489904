//! The management API from outside: a real port, a real SQLite file.

mod accounts;
mod audit;
mod authority;
mod document;
mod faults;
mod isolation;
mod keys;
mod lifecycle;
mod lists;
mod matrix;
mod metrics;
mod openapi;
mod operators;
mod pages;
mod portal_links;
mod profiles;
mod published;
mod reference;
mod refusals;
mod rights;
mod server;
mod strict;
mod systems;
mod usage;
mod verification;

#[path = "../program/directory.rs"]
mod directory;

//! The management API from outside: a real port, a real SQLite file.

mod accounts;
mod audit;
mod authority;
mod clocks;
mod document;
mod faults;
mod isolation;
mod keys;
mod keyspace_rules;
mod lifecycle;
mod limits;
mod lists;
mod matrix;
mod metrics;
mod misplaced;
mod openapi;
mod operators;
mod overload;
mod pages;
mod portal_links;
mod profiles;
mod published;
mod races;
mod reference;
mod refusals;
mod revoked;
mod rights;
mod server;
mod slow;
mod strict;
mod systems;
mod tokens;
mod usage;
mod verification;

#[path = "../program/directory.rs"]
mod directory;

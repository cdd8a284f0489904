//! What time and people do to keys: the use cases themselves over a real database, with a clock that the test sets.

#[path = "../program/directory.rs"]
mod directory;
mod house;

mod again;
mod authority;
mod ceiling;
mod customer;
mod expiry;
mod idle;
mod lists;
mod names;
mod races;
mod recoverable;
mod rotation;
mod verdicts;

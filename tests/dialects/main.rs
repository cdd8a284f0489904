//! The dialects from outside: a real port, a real SQLite file, and customers' own keys as the only credentials. Each
//! row of docs/systems.md, M and I, that speaks of the server has a test whose name begins with it.

mod authority;
mod emailit;
mod envelope;
mod house;
mod inboxfirst;
mod isolation;
mod own_profile;
mod revoked;

#[path = "../program/directory.rs"]
mod directory;
#[path = "../http/document.rs"]
mod document;
#[path = "../http/server.rs"]
#[expect(dead_code, reason = "other suites use the rest of it")]
mod server;
#[path = "../http/slow.rs"]
mod slow;

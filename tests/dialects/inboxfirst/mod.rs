//! InboxFirst's API keys, rows I1 to I30.

mod attributes;
mod list;
mod organizations;
mod pages;
mod write;

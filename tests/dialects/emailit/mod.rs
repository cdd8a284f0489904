//! Emailit's API keys, rows M1 to M28.

mod create;
mod delete;
mod list;
mod show;
mod update;

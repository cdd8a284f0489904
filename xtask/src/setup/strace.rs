//! What tells the test of power cuts (tests/power.rs) what a server writes, and in which order.

use super::debian;
use crate::plan::{Done, Step};

/// Uses what is there; installs it on Debian as root; otherwise says what is left out.
pub(crate) fn step() -> Step {
    Step::new("strace", |context, live| {
        if debian::on_path(&["strace"]).is_some() {
            return Ok(Done::Nothing);
        }
        if !debian::is_ours() {
            let what = "not on PATH: power cuts are left out (Debian: `apt-get install strace`)";
            return Ok(Done::Said(what.to_owned()));
        }
        debian::install(context, live, "strace")?;
        Ok(Done::Worked)
    })
}

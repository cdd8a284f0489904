//! The `keyward` binary.

use crate::context::Context;
use crate::plan::{Done, Step};
use crate::tool::Tool;
use std::path::PathBuf;

/// How it is built: quickly, or to be used.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    Debug,
    Release,
}

/// Builds it; cargo knows best what has changed.
pub(crate) fn step(profile: Profile) -> Step {
    let name = match profile {
        Profile::Debug => "server, debug",
        Profile::Release => "server, release",
    };
    Step::new(name, move |context, live| {
        let cargo =
            Tool::new(context, "cargo").args("build --locked --package keyward --bin keyward");
        let cargo = if profile == Profile::Release {
            cargo.arg("--release")
        } else {
            cargo
        };
        cargo.run(live)?;
        Ok(Done::Worked)
    })
}

/// Where cargo puts it.
pub(crate) fn binary(context: &Context, profile: Profile) -> PathBuf {
    let dir = match profile {
        Profile::Debug => "debug",
        Profile::Release => "release",
    };
    context.target.join(dir).join("keyward")
}

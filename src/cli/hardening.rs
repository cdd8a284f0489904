//! What the system can do so that keys in memory stay there.

use rustix::process::{Resource, Rlimit, setrlimit};

/// No core dumps, and on Linux no reading of the process's memory by others of the same user.
pub(super) fn protect_memory() {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    if let Err(error) = setrlimit(Resource::Core, none) {
        tracing::warn!(%error, "core dumps could not be switched off");
    }
    #[cfg(target_os = "linux")]
    if let Err(error) =
        rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)
    {
        tracing::warn!(%error, "the process's memory could not be closed to debuggers");
    }
}

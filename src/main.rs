//! The `keyward` program. All of it lives in [`keyward::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    keyward::cli::run()
}

//! `keyward profile schema`: the JSON Schema of profiles.

use crate::cli::Failure;
use crate::cli::output::print;
use crate::profile::Profile;

pub(super) fn run() -> Result<(), Failure> {
    print(&Profile::json_schema())
}

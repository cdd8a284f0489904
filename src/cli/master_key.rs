//! `keyward master-key`: the key under which recoverable keys are sealed.

use std::fmt::Write as _;

use clap::{Args, Subcommand};
use zeroize::Zeroizing;

use super::Failure;
use super::output::print;
use crate::env::{Entropy as _, SystemEntropy};

const EXAMPLES: &str = "\
Examples:
  (umask 077; keyward master-key new > /etc/keyward/master.key)
  keyward serve --data /var/lib/keyward --master-key-file /etc/keyward/master.key";

/// The master key, under which recoverable keys are sealed
#[derive(Args)]
pub(super) struct MasterKey {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    New(New),
}

/// Print a new master key, 64 hexadecimal digits
///
/// It is kept nowhere. Without it nothing that it sealed can be opened: keep a copy apart from the server and its
/// backups.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
struct New {}

impl MasterKey {
    pub(super) fn run(self) -> Result<(), Failure> {
        let Command::New(New {}) = self.command;
        let mut bytes = Zeroizing::new([0_u8; 32]);
        SystemEntropy.fill(bytes.as_mut());
        let mut line = Zeroizing::new(String::with_capacity(65));
        for byte in bytes.iter() {
            // Writing to a text cannot fail.
            let _ = write!(line, "{byte:02x}");
        }
        line.push('\n');
        print(&line)
    }
}

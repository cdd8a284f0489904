//! `keyward init`: make a data directory and the first operator key.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;

use clap::Args;

use super::Failure;
use crate::key::Secret;

const EXAMPLES: &str = "\
Examples:
  keyward init --data /var/lib/keyward
  keyward init --data ./data > operator.key     the key alone, for a script; mind the file's permissions";

/// Make a data directory and print the first operator key
///
/// The directory gets the database and root.key, which vouches for every keyspace's signing key. The operator key may
/// do everything and is shown this once: only its digest is kept.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Init {
    /// The data directory; made where it does not exist, otherwise it must be empty
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
}

impl Init {
    pub(super) fn run(self) -> Result<(), Failure> {
        let service = super::open(&self.data)?;
        let data = self.data.display();
        if service.is_initialised()? {
            let message = format!(
                "{data} is initialised already; start the server with: keyward serve --data {data}"
            );
            return Err(Failure::directory(message));
        }
        service.create_first_operator(print)?;
        if io::stdout().is_terminal() {
            eprintln!(
                "This is the first operator key. It may do everything, and it is shown this once: keep it now."
            );
            eprintln!("Start the server with: keyward serve --data {data}");
        }
        Ok(())
    }
}

fn print(key: &Secret) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", key.expose())?;
    out.flush()
}

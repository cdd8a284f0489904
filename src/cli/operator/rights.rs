//! Rights as arguments.

use serde::Deserialize;

use crate::cli::Failure;
use crate::cli::client::{Call, Client, Target};
use crate::cli::place::Over;
use crate::service::Right;

/// The rights there are, as a help text lists them.
pub(in crate::cli) const LIST: &str = "\
Rights:
  keyspaces.read, keyspaces.write, accounts.read, accounts.write, keys.read, keys.write (worth nothing without
  keys.read), keys.reveal, keys.verify, operators.read, operators.write, tokens.read, tokens.write,
  portal_links.write, snapshot.read, usage.read, usage.write, audit.read, server.maintain
A profile may have names of its own for several at once; `keyward profile show` lists them.";

/// Whoever asks.
#[derive(Deserialize)]
struct Me {
    rights: Vec<String>,
}

/// The names of rights; `all` becomes those that whoever asks has, as far as they can be had over `over`.
pub(super) fn named(
    client: &Client,
    names: Vec<String>,
    over: &Over,
) -> Result<Vec<String>, Failure> {
    if names != ["all"] {
        return Ok(names);
    }
    let me: Me = client.send(&Call::get(Target::v1().under("me")))?.read()?;
    let can_be_had = |name: &String| match Right::parse(name) {
        Some(right) if over.is_account() => Right::OF_ACCOUNTS.contains(&right),
        Some(right) => over.is_server() || right != Right::ServerMaintain,
        None => false,
    };
    Ok(me.rights.into_iter().filter(can_be_had).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_names_every_right() {
        for right in Right::ALL {
            assert!(LIST.contains(right.as_str()), "{}", right.as_str());
        }
    }
}

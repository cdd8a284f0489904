//! Where something lies: the keyspace, the account, and how far an operator's rights reach.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use super::client::Target;

/// A keyspace.
#[derive(Args)]
pub(super) struct InKeyspace {
    /// The keyspace
    #[arg(long, short = 'k', value_name = "KEYSPACE", env = "KEYWARD_KEYSPACE", value_parser = NonEmptyStringValueParser::new())]
    keyspace: String,
}

/// An account in a keyspace.
#[derive(Args)]
pub(super) struct InAccount {
    #[command(flatten)]
    pub(super) keyspace: InKeyspace,
    /// The account in the keyspace
    #[arg(long, short = 'a', value_name = "ACCOUNT", env = "KEYWARD_ACCOUNT", value_parser = NonEmptyStringValueParser::new())]
    pub(super) account: String,
}

/// One key of an account.
#[derive(Args)]
pub(super) struct OneKey {
    #[command(flatten)]
    pub(super) place: InAccount,
    /// The key's id, such as `key_0FkLm2x9Q`
    #[arg(value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    pub(super) id: String,
}

/// The whole server, a keyspace, or an account. No variable narrows it: a reach is chosen where it is given.
#[derive(Args)]
pub(super) struct Over {
    /// Over this keyspace only [default: the whole server]
    #[arg(long, short = 'k', value_name = "KEYSPACE", value_parser = NonEmptyStringValueParser::new())]
    keyspace: Option<String>,
    /// Over this account of the keyspace only
    #[arg(long, short = 'a', value_name = "ACCOUNT", requires = "keyspace", value_parser = NonEmptyStringValueParser::new())]
    account: Option<String>,
}

impl InKeyspace {
    pub(super) fn target(&self) -> Target {
        keyspace(&self.keyspace)
    }
}

impl InAccount {
    pub(super) fn target(&self) -> Target {
        account(self.keyspace.target(), &self.account)
    }

    pub(super) fn keys(&self) -> Target {
        self.target().under("keys")
    }
}

impl OneKey {
    pub(super) fn target(&self) -> Target {
        self.place.keys().under(&self.id)
    }
}

impl Over {
    /// Where what belongs to this reach lies.
    pub(super) fn target(&self) -> Target {
        match (&self.keyspace, &self.account) {
            (Some(space), Some(tenant)) => account(keyspace(space), tenant),
            (Some(space), None) => keyspace(space),
            (None, _) => Target::v1(),
        }
    }

    pub(super) fn is_account(&self) -> bool {
        self.account.is_some()
    }

    pub(super) fn is_server(&self) -> bool {
        self.keyspace.is_none()
    }
}

/// `/v1/keyspaces/{keyspace}`.
pub(super) fn keyspace(id: &str) -> Target {
    Target::v1().under("keyspaces").under(id)
}

/// `…/accounts/{account}`.
pub(super) fn account(keyspace: Target, id: &str) -> Target {
    keyspace.under("accounts").under(id)
}

//! What somebody may do.

/// What an operator, a portal link or an edge token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Right {
    /// See keyspaces.
    KeyspacesRead,
    /// Make and change keyspaces.
    KeyspacesWrite,
    /// See accounts.
    AccountsRead,
    /// Make and change accounts.
    AccountsWrite,
    /// See keys, their hints included, never the keys themselves.
    KeysRead,
    /// Make, change, rotate, disable, enable, deactivate and delete keys. Needs `keys.read` beside it.
    KeysWrite,
    /// Have recoverable keys shown.
    KeysReveal,
    /// Have keys verified and explained by the server.
    KeysVerify,
    /// See operators.
    OperatorsRead,
    /// Make and remove operators with rights no greater than one's own.
    OperatorsWrite,
    /// See edge tokens.
    TokensRead,
    /// Make and remove edge tokens.
    TokensWrite,
    /// Make portal links for accounts.
    PortalLinksWrite,
    /// Read head and snapshot.
    SnapshotRead,
    /// See usage.
    UsageRead,
    /// Report usage.
    UsageWrite,
    /// See the audit trail.
    AuditRead,
    /// Look after the server: maintenance, backups, the check of the audit trail.
    ServerMaintain,
}

impl Right {
    /// Every right there is.
    pub const ALL: [Self; 18] = [
        Self::KeyspacesRead,
        Self::KeyspacesWrite,
        Self::AccountsRead,
        Self::AccountsWrite,
        Self::KeysRead,
        Self::KeysWrite,
        Self::KeysReveal,
        Self::KeysVerify,
        Self::OperatorsRead,
        Self::OperatorsWrite,
        Self::TokensRead,
        Self::TokensWrite,
        Self::PortalLinksWrite,
        Self::SnapshotRead,
        Self::UsageRead,
        Self::UsageWrite,
        Self::AuditRead,
        Self::ServerMaintain,
    ];

    /// Those that an edge token can have.
    pub const OF_TOKENS: [Self; 3] = [Self::SnapshotRead, Self::UsageWrite, Self::KeysVerify];

    /// Those that an operator over one account, or a portal link, can have.
    pub const OF_ACCOUNTS: [Self; 8] = [
        Self::AccountsRead,
        Self::KeysRead,
        Self::KeysWrite,
        Self::KeysReveal,
        Self::OperatorsRead,
        Self::OperatorsWrite,
        Self::UsageRead,
        Self::AuditRead,
    ];

    /// The right as it appears outside.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::KeyspacesRead => "keyspaces.read",
            Self::KeyspacesWrite => "keyspaces.write",
            Self::AccountsRead => "accounts.read",
            Self::AccountsWrite => "accounts.write",
            Self::KeysRead => "keys.read",
            Self::KeysWrite => "keys.write",
            Self::KeysReveal => "keys.reveal",
            Self::KeysVerify => "keys.verify",
            Self::OperatorsRead => "operators.read",
            Self::OperatorsWrite => "operators.write",
            Self::TokensRead => "tokens.read",
            Self::TokensWrite => "tokens.write",
            Self::PortalLinksWrite => "portal_links.write",
            Self::SnapshotRead => "snapshot.read",
            Self::UsageRead => "usage.read",
            Self::UsageWrite => "usage.write",
            Self::AuditRead => "audit.read",
            Self::ServerMaintain => "server.maintain",
        }
    }

    /// The right of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|right| right.as_str() == name)
    }
}

//! Who calls: an operator, an edge or a customer's key, by the credential that was presented and by nothing else.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, LazyLock};

use super::Service;
use super::error::{Code, ServiceError};
use crate::key::{Digest, KeyFormat, Secret};
use crate::store::{
    AccountPath, Act, Authority, KeyAuthority, KeyPath, KeyRecord, NewOperator, Operator,
    OperatorKind, Reach, Right, StoreError, Token,
};
use crate::time::Timestamp;

static OPERATOR_KEY: LazyLock<KeyFormat> = LazyLock::new(|| format("kw_op"));
static EDGE_TOKEN: LazyLock<KeyFormat> = LazyLock::new(|| format("kw_edge"));
static PORTAL_LINK: LazyLock<KeyFormat> = LazyLock::new(|| format("kw_portal"));

fn format(prefix: &str) -> KeyFormat {
    KeyFormat::checksummed(prefix).expect("a prefix of letters and one underscore")
}

/// A caller whose credential was found.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Principal {
    /// Who manages: an operator, or whoever opened a portal link.
    Operator(Arc<Operator>),
    /// What reads and reports at the edge.
    Edge(Arc<Token>),
    /// A customer's key, which calls a dialect.
    Key(Box<CallingKey>),
}

/// A customer's key that was allowed to call a dialect. It reaches its own account and nothing else.
#[derive(Clone, Debug)]
pub struct CallingKey {
    /// The keyspace it was found in.
    pub keyspace: String,
    /// The digest of what was presented.
    pub digest: Digest,
    /// What is known of it.
    pub record: KeyRecord,
    /// What the dialect's route gives it.
    pub rights: BTreeSet<Right>,
}

/// A credential that was just made, shown this once, and what is known of it from now on.
#[derive(Debug)]
pub struct Issued<T> {
    /// The whole operator key, portal link or edge token.
    pub secret: Secret,
    /// What is known of it.
    pub record: T,
}

/// Where something is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place<'a> {
    /// On the server as a whole.
    Server,
    /// In a keyspace as a whole.
    Keyspace(&'a str),
    /// In an account.
    Account(&'a AccountPath),
}

impl<'a> From<&'a Reach> for Place<'a> {
    fn from(reach: &'a Reach) -> Self {
        match reach {
            Reach::Server => Self::Server,
            Reach::Keyspace(keyspace) => Self::Keyspace(keyspace),
            Reach::Account(account) => Self::Account(account),
        }
    }
}

impl From<Operator> for Principal {
    fn from(operator: Operator) -> Self {
        Self::Operator(Arc::new(operator))
    }
}

impl From<Token> for Principal {
    fn from(token: Token) -> Self {
        Self::Edge(Arc::new(token))
    }
}

impl Principal {
    /// The id that the audit trail names: `op_…`, `prt_…`, `tok_…` or `key_…`.
    pub fn id(&self) -> String {
        match self {
            Self::Operator(operator) => operator.id.clone(),
            Self::Edge(token) => token.id.clone(),
            Self::Key(key) => key.record.id.to_string(),
        }
    }

    /// What its rights are over.
    pub fn reach(&self) -> Reach {
        match self {
            Self::Operator(operator) => operator.reach.clone(),
            Self::Edge(token) => Reach::Keyspace(token.keyspace.clone()),
            Self::Key(key) => Reach::Account(AccountPath {
                keyspace: key.keyspace.clone(),
                account: key.record.account.clone(),
            }),
        }
    }

    /// The same, borrowed.
    fn extent(&self) -> Extent<'_> {
        let (keyspace, account) = match self {
            Self::Operator(operator) => match &operator.reach {
                Reach::Server => (None, None),
                Reach::Keyspace(keyspace) => (Some(keyspace), None),
                Reach::Account(path) => (Some(&path.keyspace), Some(&path.account)),
            },
            Self::Edge(token) => (Some(&token.keyspace), None),
            Self::Key(key) => (Some(&key.keyspace), Some(&key.record.account)),
        };
        Extent {
            keyspace: keyspace.map(String::as_str),
            account: account.map(String::as_str),
        }
    }

    /// On whose authority it acts.
    pub(super) fn authority(&self) -> Authority {
        match self {
            Self::Operator(operator) => Authority::Operator {
                id: operator.id.clone(),
                revision: operator.revision,
            },
            Self::Edge(token) => Authority::Token {
                id: token.id.clone(),
            },
            Self::Key(key) => Authority::Key(Box::new(KeyAuthority {
                path: KeyPath {
                    account: AccountPath {
                        keyspace: key.keyspace.clone(),
                        account: key.record.account.clone(),
                    },
                    id: key.record.id,
                },
                digest: key.digest,
                content: key.record.content.clone(),
            })),
        }
    }

    /// Whether it is a customer's word: it reaches no further than one account.
    pub(super) fn is_of_an_account(&self) -> bool {
        matches!(self.reach(), Reach::Account(_))
    }

    /// What it may do there.
    pub fn rights(&self) -> &BTreeSet<Right> {
        match self {
            Self::Operator(operator) => &operator.rights,
            Self::Edge(token) => &token.rights,
            Self::Key(key) => &key.rights,
        }
    }

    /// Holds the caller to `right` at `place`. What lies beyond the caller's reach answers as what does not exist.
    pub fn must(&self, right: Right, place: Place<'_>) -> Result<(), ServiceError> {
        let has = |right| self.rights().contains(&right);
        match Distance::between(self.extent(), place) {
            Distance::OtherKeyspace => Err(ServiceError::not_found("keyspace")),
            Distance::OtherAccount => Err(ServiceError::not_found("account")),
            // Changing keys is worth nothing to whoever cannot see them (system row S6).
            Distance::Within if right == Right::KeysWrite && !has(Right::KeysRead) => {
                Err(self.missing(Right::KeysRead, place))
            }
            Distance::Within if has(right) => Ok(()),
            Distance::Within | Distance::Wider => Err(self.missing(right, place)),
        }
    }

    fn missing(&self, right: Right, place: Place<'_>) -> ServiceError {
        let who = match self {
            Self::Operator(operator) if operator.kind == OperatorKind::PortalLink => "portal link",
            Self::Operator(_) => "operator",
            Self::Edge(_) => "edge token",
            Self::Key(_) => "key",
        };
        let over = match place {
            Place::Server => "the server",
            Place::Keyspace(_) => "this keyspace as a whole",
            Place::Account(_) => "this account",
        };
        let message = format!("this {who} lacks the right {} over {over}", right.as_str());
        ServiceError::new(Code::MissingRight, message)
    }
}

/// How far a caller's rights go: everywhere, in one keyspace, or in one of its accounts.
#[derive(Clone, Copy)]
struct Extent<'a> {
    keyspace: Option<&'a str>,
    account: Option<&'a str>,
}

/// How a place lies to a caller's reach.
#[derive(Clone, Copy)]
enum Distance {
    Within,
    /// It contains the reach, and more.
    Wider,
    OtherKeyspace,
    /// Of the same keyspace.
    OtherAccount,
}

impl Distance {
    fn between(reach: Extent<'_>, place: Place<'_>) -> Self {
        let Some(keyspace) = reach.keyspace else {
            return Self::Within;
        };
        let (other, other_account) = match place {
            Place::Server => return Self::Wider,
            Place::Keyspace(keyspace) => (keyspace, None),
            Place::Account(path) => (&*path.keyspace, Some(&*path.account)),
        };
        match (reach.account, other_account) {
            _ if keyspace != other => Self::OtherKeyspace,
            (None, _) => Self::Within,
            (Some(_), None) => Self::Wider,
            (Some(account), Some(other)) if account == other => Self::Within,
            (Some(_), Some(_)) => Self::OtherAccount,
        }
    }
}

impl Service {
    /// Finds out whose `credential` this is. Whether it is malformed, mistyped, unknown or over makes no difference
    /// outside.
    pub fn authenticate(&self, credential: &[u8]) -> Result<Principal, ServiceError> {
        let operator = |digest: &Digest| self.store.operator_by_digest(digest);
        let token = |digest: &Digest| self.store.token_by_digest(digest);
        self.whose(credential, operator, token)?
            .ok_or_else(ServiceError::invalid_credential)
    }

    /// The same, where it is known without asking the database: blocks nobody. `None` where it is not, whoever it is.
    pub fn authenticate_at_hand(&self, credential: &[u8]) -> Option<Principal> {
        let operator = |digest: &Digest| Ok(self.store.operator_at_hand(digest));
        let token = |digest: &Digest| Ok(self.store.token_at_hand(digest));
        self.whose(credential, operator, token).ok().flatten()
    }

    /// Who presents it, unless that is over.
    fn whose(
        &self,
        credential: &[u8],
        operator: impl Fn(&Digest) -> Result<Option<Arc<Operator>>, StoreError>,
        token: impl Fn(&Digest) -> Result<Option<Arc<Token>>, StoreError>,
    ) -> Result<Option<Principal>, StoreError> {
        let is_operator = OPERATOR_KEY.parse(credential).is_ok();
        if is_operator || PORTAL_LINK.parse(credential).is_ok() {
            let found = operator(&Digest::sha256_of(credential))?;
            let found = found.filter(|operator| !is_over(operator.expires_at, self.judged_at()));
            Ok(found.map(Principal::Operator))
        } else if EDGE_TOKEN.parse(credential).is_ok() {
            let found = token(&Digest::sha256_of(credential))?;
            let found = found.filter(|token| !is_over(token.expires_at, self.judged_at()));
            Ok(found.map(Principal::Edge))
        } else {
            Ok(None)
        }
    }

    /// Asks once more whether a caller who was let in would be let in now: a body may have taken its time since.
    pub fn confirm(&self, caller: &Principal) -> Result<(), ServiceError> {
        Ok(self.store.confirm(&self.act(caller))?)
    }

    /// Whether the first operator was made.
    pub fn is_initialised(&self) -> Result<bool, ServiceError> {
        Ok(self.store.has_operators()?)
    }

    /// Makes the first operator, who may do everything.
    ///
    /// `deliver` gets the key before it begins to work: a key that could not be delivered never works, and one that
    /// works was delivered.
    pub fn create_first_operator(
        &self,
        deliver: impl FnOnce(&Secret) -> io::Result<()>,
    ) -> Result<Operator, ServiceError> {
        if self.is_initialised()? {
            return Err(ServiceError::new(
                Code::AlreadyExists,
                "the first operator was made before",
            ));
        }
        let at = self.clock.now();
        let key = OPERATOR_KEY
            .generate(None, &*self.entropy)
            .map_err(ServiceError::internal)?;
        deliver(&key).map_err(|error| {
            ServiceError::internal(format!("the operator key could not be shown: {error}"))
        })?;
        let new = NewOperator {
            id: self.new_id("op", at),
            kind: OperatorKind::Operator,
            name: "first operator".to_owned(),
            digest: Digest::sha256_of(key.expose().as_bytes()),
            hint: OPERATOR_KEY.hint(&key),
            reach: Reach::Server,
            rights: Right::ALL.into(),
            levels: None,
            expires_at: None,
        };
        let act = Act::of_server(at);
        let operator = self
            .store
            .insert_operator(new, act)?
            .ok_or_else(|| ServiceError::internal("an operator over the server found no server"))?;
        self.directory.mark().map_err(ServiceError::internal)?;
        Ok(operator)
    }
}

/// Whether what ends at `expires_at`, if ever, has ended: an operator, portal link or edge token.
pub(super) fn is_over(expires_at: Option<Timestamp>, now: Timestamp) -> bool {
    expires_at.is_some_and(|end| end <= now)
}

pub(super) fn token_format() -> &'static KeyFormat {
    &EDGE_TOKEN
}

/// What the credential of an operator or portal link looks like.
pub(super) fn operator_format(kind: OperatorKind) -> &'static KeyFormat {
    match kind {
        OperatorKind::Operator => &OPERATOR_KEY,
        OperatorKind::PortalLink => &PORTAL_LINK,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(keyspace: &str, account: &str) -> AccountPath {
        AccountPath {
            keyspace: keyspace.to_owned(),
            account: account.to_owned(),
        }
    }

    fn operator(reach: Reach, rights: &[Right]) -> Principal {
        Principal::from(Operator {
            id: "op_1".to_owned(),
            kind: OperatorKind::Operator,
            name: "a test".to_owned(),
            hint: String::new(),
            revision: 1,
            reach,
            rights: rights.iter().copied().collect(),
            levels: None,
            expires_at: None,
            created_at: Timestamp::MAX,
            created_by: "system".to_owned(),
        })
    }

    /// What it says to a caller: `ok`, the code, or for what is not found, what.
    fn told(caller: &Principal, right: Right, place: Place<'_>) -> String {
        match caller.must(right, place) {
            Ok(()) => "ok".to_owned(),
            Err(error) if error.code() == Code::NotFound => error.to_string(),
            Err(error) => error.code().as_str().to_owned(),
        }
    }

    #[test]
    fn a_right_holds_within_the_reach_and_nowhere_else() {
        let (own, sibling, foreign) = (
            path("shop", "acme"),
            path("shop", "rival"),
            path("club", "acme"),
        );
        let places = [
            Place::Server,
            Place::Keyspace("shop"),
            Place::Keyspace("club"),
            Place::Account(&own),
            Place::Account(&sibling),
            Place::Account(&foreign),
        ];
        let no_keyspace = "there is no such keyspace here";
        let no_account = "there is no such account here";
        let missing = "missing_right";
        for (reach, expected) in [
            (Reach::Server, ["ok"; 6]),
            (
                Reach::Keyspace("shop".to_owned()),
                [missing, "ok", no_keyspace, "ok", "ok", no_keyspace],
            ),
            (
                Reach::Account(own.clone()),
                [missing, missing, no_keyspace, "ok", no_account, no_keyspace],
            ),
        ] {
            let reader = operator(reach.clone(), &[Right::KeysRead]);
            for (place, expected) in places.iter().zip(expected) {
                assert_eq!(
                    told(&reader, Right::KeysRead, *place),
                    expected,
                    "{reach:?} {place:?}"
                );
                let other = if expected == "ok" { missing } else { expected };
                assert_eq!(
                    told(&reader, Right::KeysReveal, *place),
                    other,
                    "{reach:?} {place:?}"
                );
            }
        }
    }

    #[test]
    fn changing_keys_needs_seeing_them() {
        for (rights, expected) in [
            (&[Right::KeysWrite][..], "missing_right"),
            (&[Right::KeysRead], "missing_right"),
            (&[Right::KeysRead, Right::KeysWrite], "ok"),
        ] {
            let caller = operator(Reach::Server, rights);
            assert_eq!(
                told(&caller, Right::KeysWrite, Place::Server),
                expected,
                "{rights:?}"
            );
        }
    }
}

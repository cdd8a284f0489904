//! Who calls: an operator or an edge, by the key or token that was presented and by nothing else.

use std::io;
use std::sync::LazyLock;

use super::Service;
use super::error::{Code, ServiceError};
use crate::key::{Digest, KeyFormat, Secret};
use crate::store::{Act, NewOperator, Operator, OperatorRights, Right, Token};

static OPERATOR_KEY: LazyLock<KeyFormat> = LazyLock::new(|| {
    KeyFormat::checksummed("kw_op").expect("a prefix of letters and one underscore")
});
static EDGE_TOKEN: LazyLock<KeyFormat> = LazyLock::new(|| {
    KeyFormat::checksummed("kw_edge").expect("a prefix of letters and one underscore")
});

/// A caller whose credential was found.
#[derive(Clone, Debug)]
pub enum Principal {
    /// Who manages.
    Operator(Operator),
    /// What reads at the edge.
    Edge(Token),
}

impl Principal {
    /// The operator, or the refusal of whoever is none.
    pub fn operator(self) -> Result<Operator, ServiceError> {
        match self {
            Self::Operator(operator) => Ok(operator),
            Self::Edge(_) => Err(ServiceError::new(
                Code::MissingRight,
                "this needs an operator key; an edge token cannot do it",
            )),
        }
    }

    /// Holds the caller to `right` in `keyspace`. For an edge token there is no keyspace but its own.
    pub fn must(&self, right: Right, keyspace: &str) -> Result<(), ServiceError> {
        match self {
            Self::Operator(Operator {
                rights: OperatorRights::All,
                ..
            }) => Ok(()),
            Self::Edge(token) if token.keyspace != keyspace => {
                Err(ServiceError::not_found("keyspace"))
            }
            Self::Edge(token) if token.rights.contains(&right) => Ok(()),
            Self::Edge(_) => {
                let message = format!("this edge token lacks the right {}", right.as_str());
                Err(ServiceError::new(Code::MissingRight, message))
            }
        }
    }
}

impl Service {
    /// Finds out whose `credential` this is. Whether it is malformed, mistyped or unknown makes no difference outside.
    pub fn authenticate(&self, credential: &[u8]) -> Result<Principal, ServiceError> {
        let principal = if OPERATOR_KEY.parse(credential).is_ok() {
            self.store
                .operator_by_digest(&Digest::sha256_of(credential))?
                .map(Principal::Operator)
        } else if EDGE_TOKEN.parse(credential).is_ok() {
            self.store
                .token_by_digest(&Digest::sha256_of(credential))?
                .map(Principal::Edge)
        } else {
            None
        };
        let message = "the credential is not an operator key or edge token of this server";
        principal.ok_or_else(|| ServiceError::new(Code::InvalidCredential, message))
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
            name: "first operator".to_owned(),
            digest: Digest::sha256_of(key.expose().as_bytes()),
            rights: OperatorRights::All,
        };
        let act = Act {
            actor: "system".to_owned(),
            at,
        };
        let operator = self.store.insert_operator(new, act)?;
        self.directory.mark().map_err(ServiceError::internal)?;
        Ok(operator)
    }
}

pub(super) fn token_format() -> &'static KeyFormat {
    &EDGE_TOKEN
}

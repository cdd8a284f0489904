//! Edge tokens: what an edge presents to read a keyspace's files. One keyspace, and the rights that were named.

use std::collections::BTreeSet;

use super::accounts::MAX_NAME;
use super::error::{FieldError, ServiceError};
use super::{Created, Service, names, principal, text};
use crate::key::Digest;
use crate::store::{NewToken, Operator, Right, Token};

/// What a new edge token is made from.
#[derive(Debug, Default)]
pub struct CreateToken {
    /// The names of its rights.
    pub rights: Vec<String>,
    /// A name for people.
    pub name: Option<String>,
}

impl Service {
    /// Makes an edge token for a keyspace.
    pub fn create_token(
        &self,
        operator: &Operator,
        keyspace: &str,
        create: &CreateToken,
    ) -> Result<Created<Token>, ServiceError> {
        let rights = check(create)?;
        let format = principal::token_format();
        for _ in 0..names::ATTEMPTS {
            let act = self.act(operator);
            let secret = format
                .generate(None, &*self.entropy)
                .map_err(ServiceError::internal)?;
            let new = NewToken {
                id: self.new_id("tok", act.at),
                digest: Digest::sha256_of(secret.expose().as_bytes()),
                rights: rights.clone(),
                name: create.name.clone(),
                hint: format.hint(&secret),
            };
            match self.store.insert_token(keyspace.to_owned(), new, act) {
                Ok(Some(record)) => return Ok(Created { secret, record }),
                Ok(None) => return Err(ServiceError::not_found("keyspace")),
                Err(error) if error.is_exists() => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(ServiceError::internal("no free token id was found"))
    }

    /// The edge tokens of a keyspace, by id, which is the order of their creation.
    pub fn tokens(&self, keyspace: &str) -> Result<Vec<Token>, ServiceError> {
        self.store
            .tokens(keyspace)?
            .ok_or_else(|| ServiceError::not_found("keyspace"))
    }

    /// Removes an edge token; it is refused from then on.
    pub fn delete_token(
        &self,
        operator: &Operator,
        keyspace: &str,
        id: &str,
    ) -> Result<(), ServiceError> {
        let deleted =
            self.store
                .delete_token(keyspace.to_owned(), id.to_owned(), self.act(operator))?;
        if deleted {
            Ok(())
        } else {
            Err(ServiceError::not_found("token"))
        }
    }
}

fn check(create: &CreateToken) -> Result<BTreeSet<Right>, ServiceError> {
    let mut errors = Vec::new();
    let mut refuse = |field: &str, message: String| {
        errors.push(FieldError {
            field: field.to_owned(),
            message,
        });
    };
    let known = || Right::ALL.map(Right::as_str).join(", ");
    let mut rights = BTreeSet::new();
    for name in &create.rights {
        match Right::parse(name) {
            Some(right) if rights.insert(right) => {}
            Some(_) => refuse("rights", format!("names {name} twice")),
            None => refuse(
                "rights",
                format!("{name:?} is no right; there are: {}", known()),
            ),
        }
    }
    if create.rights.is_empty() {
        refuse("rights", format!("must name at least one of: {}", known()));
    }
    if let Some(objection) = create
        .name
        .as_deref()
        .and_then(|name| text::objection(name, MAX_NAME))
    {
        refuse("name", objection);
    }
    if errors.is_empty() {
        Ok(rights)
    } else {
        Err(ServiceError::invalid(errors))
    }
}

//! Edge tokens: what an edge presents to read a keyspace's files and to report. One keyspace, and the rights that were
//! named.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::accounts::MAX_NAME;
use super::cursor::List;
use super::error::{FieldError, ServiceError};
use super::{
    Issued, Page, PageRequest, Place, Principal, Service, names, operators, principal, rights, text,
};
use crate::key::Digest;
use crate::store::{NewToken, Right, Token};
use crate::time::Timestamp;

/// What a new edge token is made from.
#[derive(Debug, Default)]
pub struct CreateToken {
    /// The names of its rights.
    pub rights: Vec<String>,
    /// A name for people.
    pub name: Option<String>,
    /// From when on it is refused, in RFC 3339; where it is left out, when its maker is.
    pub expires_at: Option<String>,
}

/// What an edge token was used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Touch {
    /// It read a head or snapshot.
    Read,
    /// It reported usage.
    Report,
}

/// When edge tokens were used, until that is written down. Nobody who reads waits for the disk, or is refused because
/// it is full.
#[derive(Default)]
pub(super) struct Touches(Mutex<HashMap<String, Last>>);

#[derive(Clone, Copy, Default)]
struct Last {
    read: Option<Timestamp>,
    report: Option<Timestamp>,
}

impl Service {
    /// Makes an edge token for a keyspace, with rights that the caller has too, and no later end.
    pub fn create_token(
        &self,
        caller: &Principal,
        keyspace: &str,
        create: &CreateToken,
    ) -> Result<Issued<Token>, ServiceError> {
        caller.must(Right::TokensWrite, Place::Keyspace(keyspace))?;
        let maker = operators::maker(caller)?;
        let plan = check(create, self.clock.now())?;
        rights::hold(caller, &plan.rights)?;
        let expires_at = operators::end_within(maker, plan.expires_at)?;
        let format = principal::token_format();
        for _ in 0..names::ATTEMPTS {
            let act = self.act(caller);
            let secret = format
                .generate(None, &*self.entropy)
                .map_err(ServiceError::internal)?;
            let new = NewToken {
                id: self.new_id("tok", act.at),
                digest: Digest::sha256_of(secret.expose().as_bytes()),
                rights: plan.rights.clone(),
                name: plan.name.clone(),
                hint: format.hint(&secret),
                expires_at,
            };
            match self.store.insert_token(keyspace.to_owned(), new, act) {
                Ok(Some(record)) => return Ok(Issued { secret, record }),
                Ok(None) => return Err(ServiceError::not_found("keyspace")),
                Err(error) if error.is_exists() => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(ServiceError::internal("no free token id was found"))
    }

    /// The edge tokens of a keyspace, by id, which is the order of their creation.
    pub fn tokens(
        &self,
        caller: &Principal,
        keyspace: &str,
        request: &PageRequest,
    ) -> Result<Page<Token>, ServiceError> {
        caller.must(Right::TokensRead, Place::Keyspace(keyspace))?;
        let list = List {
            of: "tokens",
            keyspace,
            account: "",
            filter: "",
        };
        let after = self.position(&list, request)?;
        let mut tokens = self
            .store
            .tokens(keyspace, after.as_deref(), request.limit + 1)?
            .ok_or_else(|| ServiceError::not_found("keyspace"))?;
        let touches = self.touches.lock();
        for token in &mut tokens {
            if let Some(last) = touches.get(&token.id) {
                token.last_read_at = token.last_read_at.max(last.read);
                token.last_reported_at = token.last_reported_at.max(last.report);
            }
        }
        drop(touches);
        Ok(self.page(&list, request, tokens, |token| token.id.clone()))
    }

    /// Removes an edge token; it is refused from then on.
    pub fn delete_token(
        &self,
        caller: &Principal,
        keyspace: &str,
        id: &str,
    ) -> Result<(), ServiceError> {
        caller.must(Right::TokensWrite, Place::Keyspace(keyspace))?;
        let act = self.act(caller);
        let deleted = self
            .store
            .delete_token(keyspace.to_owned(), id.to_owned(), act)?;
        if deleted {
            self.note_token_removed(keyspace, id);
            Ok(())
        } else {
            Err(ServiceError::not_found("token"))
        }
    }

    /// Notes that `caller`, where it is an edge token, was used now. Writes nothing yet.
    pub(super) fn touch(&self, caller: &Principal, touch: Touch) {
        let Principal::Edge(token) = caller else {
            return;
        };
        let now = Some(self.clock.now());
        let mut touches = self.touches.lock();
        let last = touches.entry(token.id.clone()).or_default();
        match touch {
            Touch::Read => last.read = last.read.max(now),
            Touch::Report => last.report = last.report.max(now),
        }
    }

    /// Writes down when edge tokens were used. What cannot be written now is kept for the next time.
    pub(super) fn flush_touches(&self) -> Result<(), ServiceError> {
        let taken = std::mem::take(&mut *self.touches.lock());
        let mut left = taken.into_iter();
        while let Some((id, last)) = left.next() {
            if let Err(error) = self.write_touch(&id, last) {
                let mut touches = self.touches.lock();
                for (id, last) in std::iter::once((id, last)).chain(left) {
                    let newer = touches.entry(id).or_default();
                    newer.read = newer.read.max(last.read);
                    newer.report = newer.report.max(last.report);
                }
                return Err(error);
            }
        }
        Ok(())
    }

    fn write_touch(&self, id: &str, last: Last) -> Result<(), ServiceError> {
        if let Some(at) = last.read {
            self.store.touch_token(id, false, at)?;
        }
        if let Some(at) = last.report {
            self.store.touch_token(id, true, at)?;
        }
        Ok(())
    }
}

impl Touches {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Last>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an edge token is made from, checked.
struct Plan {
    rights: BTreeSet<Right>,
    name: Option<String>,
    expires_at: Option<Timestamp>,
}

fn check(create: &CreateToken, now: Timestamp) -> Result<Plan, ServiceError> {
    let mut errors = Vec::new();
    let rights = rights::read(&create.rights, &Right::OF_TOKENS, None, &mut errors);
    let name = create.name.as_deref().map(text::normalise);
    if let Some(objection) = name
        .as_deref()
        .and_then(|name| text::objection(name, MAX_NAME))
    {
        errors.push(FieldError {
            field: "name".to_owned(),
            message: objection,
        });
    }
    let expires_at = operators::end(create.expires_at.as_deref(), now, &mut errors);
    if errors.is_empty() {
        Ok(Plan {
            rights,
            name: name.map(Into::into),
            expires_at,
        })
    } else {
        Err(ServiceError::invalid(errors))
    }
}

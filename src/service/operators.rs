//! Operators: who manages, over the server, a keyspace or one account.
//!
//! Nobody makes, rotates or removes an operator who may do what they may not: who could rotate a greater one's key
//! would have that key.

use std::collections::BTreeSet;

use super::accounts::MAX_NAME;
use super::cursor::List;
use super::error::{Code, FieldError, ServiceError};
use super::{
    Issued, Page, PageRequest, Place, Principal, Service, instant, names, principal, rights, text,
};
use crate::key::{Digest, Secret, misplaced};
use crate::profile::Profile;
use crate::store::{NewOperator, Operator, OperatorKind, Reach, Right};
use crate::time::Timestamp;

/// The most levels that can be listed.
const MAX_LEVELS: usize = 64;

/// What a new operator is made from.
#[derive(Debug, Default)]
pub struct CreateOperator {
    /// A name for people.
    pub name: String,
    /// The names of its rights.
    pub rights: Vec<String>,
    /// The levels that keys may have which it makes; where it is left out, those that its maker may give.
    pub levels: Option<Vec<String>>,
    /// From when on it is refused, in RFC 3339; where it is left out, when its maker is.
    pub expires_at: Option<String>,
}

/// What an operator or portal link is made from, checked.
pub(super) struct Plan {
    pub(super) kind: OperatorKind,
    pub(super) name: String,
    pub(super) reach: Reach,
    pub(super) rights: BTreeSet<Right>,
    pub(super) levels: Option<BTreeSet<String>>,
    pub(super) expires_at: Option<Timestamp>,
    /// The revision of the rules by which it was checked.
    pub(super) rules: Option<u64>,
}

impl Service {
    /// Makes an operator over `reach` who may do nothing that the caller may not.
    pub fn create_operator(
        &self,
        caller: &Principal,
        reach: &Reach,
        create: &CreateOperator,
    ) -> Result<Issued<Operator>, ServiceError> {
        caller.must(Right::OperatorsWrite, Place::from(reach))?;
        let maker = maker(caller)?;
        let rules = self.rules_at(reach)?;
        let profile = rules.as_ref().map(|(loaded, _)| &loaded.profile);
        let mut errors = Vec::new();
        let name = name(&create.name, &mut errors);
        let rights = rights::read(&create.rights, allowed(reach), profile, &mut errors);
        let levels = levels(create.levels.as_deref(), profile, &mut errors);
        let expires_at = end(create.expires_at.as_deref(), self.clock.now(), &mut errors);
        if !errors.is_empty() {
            return Err(ServiceError::invalid(errors));
        }
        rights::hold(caller, &rights)?;
        self.issue(
            caller,
            &Plan {
                kind: OperatorKind::Operator,
                name,
                reach: reach.clone(),
                rights,
                levels: levels_within(maker, levels)?,
                expires_at: end_within(maker, expires_at)?,
                rules: rules.as_ref().map(|(_, revision)| *revision),
            },
        )
    }

    /// The operators over exactly `reach`, by id, which is the order of their creation.
    pub fn operators(
        &self,
        caller: &Principal,
        reach: &Reach,
        request: &PageRequest,
    ) -> Result<Page<Operator>, ServiceError> {
        caller.must(Right::OperatorsRead, Place::from(reach))?;
        self.rules_at(reach)?;
        let (of, keyspace, account) = match reach {
            Reach::Server => ("operators of the server", "", ""),
            Reach::Keyspace(keyspace) => ("operators of a keyspace", &**keyspace, ""),
            Reach::Account(path) => ("operators of an account", &*path.keyspace, &*path.account),
        };
        let list = List {
            of,
            keyspace,
            account,
            filter: "",
        };
        let after = self.position(&list, request)?;
        let operators = self
            .store
            .operators(reach, after.as_deref(), request.limit + 1)?;
        Ok(self.page(&list, request, operators, |operator| operator.id.clone()))
    }

    /// One operator over exactly `reach`.
    pub fn operator(
        &self,
        caller: &Principal,
        reach: &Reach,
        id: &str,
    ) -> Result<Operator, ServiceError> {
        caller.must(Right::OperatorsRead, Place::from(reach))?;
        self.find_operator(OperatorKind::Operator, reach, id)
    }

    /// Gives an operator another key; the one before is refused from then on.
    pub fn rotate_operator(
        &self,
        caller: &Principal,
        reach: &Reach,
        id: &str,
    ) -> Result<Issued<Operator>, ServiceError> {
        caller.must(Right::OperatorsWrite, Place::from(reach))?;
        let before = self.find_operator(OperatorKind::Operator, reach, id)?;
        must_contain(caller, &before)?;
        if principal::is_over(before.expires_at, self.clock.now()) {
            let message = "this operator has expired, and another key would be refused as well; make a new operator";
            return Err(ServiceError::new(Code::Expired, message));
        }
        let (secret, digest, hint) = self.new_operator_key(OperatorKind::Operator)?;
        let rotated = self
            .store
            .rotate_operator(id, digest, hint, self.act(caller))?;
        let record = rotated.ok_or_else(|| ServiceError::not_found("operator"))?;
        self.note_operator_rotated(&record, &digest);
        Ok(Issued { secret, record })
    }

    /// Removes an operator, whose key is refused from then on. What it made stays.
    pub fn delete_operator(
        &self,
        caller: &Principal,
        reach: &Reach,
        id: &str,
    ) -> Result<(), ServiceError> {
        caller.must(Right::OperatorsWrite, Place::from(reach))?;
        let operator = self.find_operator(OperatorKind::Operator, reach, id)?;
        must_contain(caller, &operator)?;
        self.remove_operator(caller, &operator)
    }

    /// The operator or portal link of this kind over exactly `reach`, for whoever asks.
    pub(super) fn find_operator(
        &self,
        kind: OperatorKind,
        reach: &Reach,
        id: &str,
    ) -> Result<Operator, ServiceError> {
        self.rules_at(reach)?;
        let found = self.store.operator(id)?;
        found
            .filter(|operator| operator.kind == kind && operator.reach == *reach)
            .ok_or_else(|| {
                ServiceError::not_found(match kind {
                    OperatorKind::Operator => "operator",
                    OperatorKind::PortalLink => "portal link",
                })
            })
    }

    pub(super) fn remove_operator(
        &self,
        caller: &Principal,
        operator: &Operator,
    ) -> Result<(), ServiceError> {
        if self.store.delete_operator(&operator.id, self.act(caller))? {
            self.note_operator_removed(&operator.id);
            Ok(())
        } else {
            Err(ServiceError::not_found("operator"))
        }
    }

    /// Makes what was planned, and its credential.
    pub(super) fn issue(
        &self,
        caller: &Principal,
        plan: &Plan,
    ) -> Result<Issued<Operator>, ServiceError> {
        let prefix = match plan.kind {
            OperatorKind::Operator => "op",
            OperatorKind::PortalLink => "prt",
        };
        for _ in 0..names::ATTEMPTS {
            let mut act = self.act(caller);
            act.premise.rules = plan.rules;
            let (secret, digest, hint) = self.new_operator_key(plan.kind)?;
            let new = NewOperator {
                id: self.new_id(prefix, act.at),
                kind: plan.kind,
                name: plan.name.clone(),
                digest,
                hint,
                reach: plan.reach.clone(),
                rights: plan.rights.clone(),
                levels: plan.levels.clone(),
                expires_at: plan.expires_at,
            };
            match self.store.insert_operator(new, act) {
                Ok(Some(record)) => return Ok(Issued { secret, record }),
                Ok(None) => return Err(ServiceError::not_found("account")),
                Err(error) if error.is_exists() => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(ServiceError::internal("no free operator id was found"))
    }

    fn new_operator_key(
        &self,
        kind: OperatorKind,
    ) -> Result<(Secret, Digest, String), ServiceError> {
        let format = principal::operator_format(kind);
        let secret = format
            .generate(None, &*self.entropy)
            .map_err(ServiceError::internal)?;
        let digest = Digest::sha256_of(secret.expose().as_bytes());
        let hint = format.hint(&secret);
        Ok((secret, digest, hint))
    }
}

/// The caller as an operator. Neither an edge nor a customer's key makes operators, whatever its rights are called.
pub(super) fn maker(caller: &Principal) -> Result<&Operator, ServiceError> {
    match caller {
        Principal::Operator(operator) => Ok(operator),
        Principal::Edge(_) | Principal::Key(_) => Err(ServiceError::new(
            Code::MissingRight,
            "this needs an operator key",
        )),
    }
}

/// The rights that an operator over `reach` can have.
fn allowed(reach: &Reach) -> &'static [Right] {
    match reach {
        Reach::Server => &Right::ALL,
        // The last one is about the server as a whole.
        Reach::Keyspace(_) => Right::ALL.split_last().map_or(&[], |(_, rest)| rest),
        Reach::Account(_) => &Right::OF_ACCOUNTS,
    }
}

/// Whether the caller may do all that `other` may: only then is `other` theirs to rotate or to remove.
fn must_contain(caller: &Principal, other: &Operator) -> Result<(), ServiceError> {
    let own = maker(caller)?;
    let levels = match (&own.levels, &other.levels) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(own), Some(other)) => other.is_subset(own),
    };
    // `None` lasts for ever.
    let lasts = own
        .expires_at
        .is_none_or(|own| other.expires_at.is_some_and(|end| end <= own));
    // Reach was asked for with the right.
    if own.id == other.id || (other.rights.is_subset(&own.rights) && levels && lasts) {
        return Ok(());
    }
    let message = "this operator may do what you may not, so it is not yours to rotate or remove";
    Err(ServiceError::new(Code::StrongerThanMaker, message))
}

pub(super) fn name(name: &str, errors: &mut Vec<FieldError>) -> String {
    let name = text::normalise(name).into_owned();
    if let Some(message) = text::objection(&name, MAX_NAME) {
        errors.push(FieldError {
            field: "name".to_owned(),
            message,
        });
    }
    name
}

/// The levels that are named; none of them is no limit that anybody can have meant.
pub(super) fn levels(
    named: Option<&[String]>,
    profile: Option<&Profile>,
    errors: &mut Vec<FieldError>,
) -> Option<BTreeSet<String>> {
    let named = named?;
    let mut refuse = |message: String| {
        errors.push(FieldError {
            field: "levels".to_owned(),
            message,
        });
    };
    let Some(profile) = profile else {
        refuse(
            "are for operators over a keyspace or an account: each profile has its own".to_owned(),
        );
        return None;
    };
    let known = || {
        let levels = profile.levels().iter().map(|level| &*level.id);
        levels.collect::<Vec<_>>().join(", ")
    };
    if named.is_empty() || named.len() > MAX_LEVELS {
        refuse(format!(
            "must name 1 to {MAX_LEVELS} of these, or be left out for all of them: {}",
            known()
        ));
    }
    for level in named.iter().take(MAX_LEVELS) {
        if profile.level_index(level).is_none() {
            refuse(format!(
                "{:?} is no level here; there are: {}",
                misplaced::shown(level),
                known()
            ));
        }
    }
    Some(named.iter().cloned().collect())
}

/// From when on what is made is refused, as it was written.
pub(super) fn end(
    expires_at: Option<&str>,
    now: Timestamp,
    errors: &mut Vec<FieldError>,
) -> Option<Timestamp> {
    let message = match instant::parse(expires_at?) {
        Some(at) if at > now => return Some(at),
        Some(_) => "is in the past; it would be refused from the start",
        None => "must be an RFC 3339 time with an offset, such as 2027-01-31T12:00:00Z",
    };
    errors.push(FieldError {
        field: "expires_at".to_owned(),
        message: message.to_owned(),
    });
    None
}

/// No more levels than the maker may give; where none are named, as many.
pub(super) fn levels_within(
    maker: &Operator,
    levels: Option<BTreeSet<String>>,
) -> Result<Option<BTreeSet<String>>, ServiceError> {
    let Some(own) = &maker.levels else {
        return Ok(levels);
    };
    let Some(levels) = levels else {
        return Ok(Some(own.clone()));
    };
    if levels.is_subset(own) {
        return Ok(Some(levels));
    }
    let own = own
        .iter()
        .map(|level| &**level)
        .collect::<Vec<_>>()
        .join(", ");
    let message =
        format!("you may give keys the levels {own}, and nobody can give more than they have");
    Err(ServiceError::about_field(
        Code::StrongerThanMaker,
        "levels",
        message,
    ))
}

/// No later end than the maker's; where none is named, the same.
pub(super) fn end_within(
    maker: &Operator,
    expires_at: Option<Timestamp>,
) -> Result<Option<Timestamp>, ServiceError> {
    match (maker.expires_at, expires_at) {
        (Some(own), Some(end)) if end > own => {
            let message = format!(
                "you end at {} yourself, and what you make ends no later",
                instant::rfc3339(own)
            );
            Err(ServiceError::about_field(
                Code::StrongerThanMaker,
                "expires_at",
                message,
            ))
        }
        (own, end) => Ok(end.or(own)),
    }
}

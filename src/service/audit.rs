//! The audit trail: who changed what, when, and which epoch it made. Each entry holds a hash over the one before, so
//! that nothing can be changed or taken out of the middle unseen.

use super::cursor::List;
use super::error::{FieldError, ServiceError};
use super::{Page, PageRequest, Place, Principal, Service, text};
use crate::store::{AccountPath, AuditEntry, AuditFilter, Right, chain};

/// The most characters of a filter: longer than every id and every action.
const MAX_FILTER: usize = 100;

/// How many entries are held in memory while the trail is checked.
const AT_ONCE: u32 = 1000;

/// Which entries of a keyspace are wanted. Members that are `None` are not asked about.
#[derive(Debug, Default)]
pub struct AuditQuery {
    /// About this key, operator, token or account.
    pub target: Option<String>,
    /// By this operator, portal link or key, or by `system`.
    pub actor: Option<String>,
    /// Of this kind, such as `key.create`.
    pub action: Option<String>,
}

/// How a check of the whole trail came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditCheck {
    /// How many entries were read, in order, up to the first broken one.
    pub entries: u64,
    /// The number of the first entry that does not follow from those before it.
    pub first_broken: Option<i64>,
    /// The last good entry's number and hash. Who keeps them elsewhere sees later whether the trail was cut off behind
    /// it.
    pub last: Option<(i64, [u8; 32])>,
}

impl AuditCheck {
    /// Whether every entry follows from those before it.
    pub const fn is_intact(&self) -> bool {
        self.first_broken.is_none()
    }
}

impl Service {
    /// The audit entries of a keyspace, or of one account in it, newest first.
    pub fn audit(
        &self,
        caller: &Principal,
        keyspace: &str,
        account: Option<&str>,
        query: &AuditQuery,
        request: &PageRequest,
    ) -> Result<Page<AuditEntry>, ServiceError> {
        caller.must(Right::AuditRead, Place::Keyspace(keyspace))?;
        self.audit_list(keyspace, account, query, request)
    }

    /// The audit entries of an account, newest first.
    pub fn account_audit(
        &self,
        caller: &Principal,
        path: &AccountPath,
        query: &AuditQuery,
        request: &PageRequest,
    ) -> Result<Page<AuditEntry>, ServiceError> {
        caller.must(Right::AuditRead, Place::Account(path))?;
        self.find_account(path)?;
        self.audit_list(&path.keyspace, Some(&path.account), query, request)
    }

    fn audit_list(
        &self,
        keyspace: &str,
        account: Option<&str>,
        query: &AuditQuery,
        request: &PageRequest,
    ) -> Result<Page<AuditEntry>, ServiceError> {
        let AuditQuery {
            target,
            actor,
            action,
        } = query;
        let parts = [
            ("account", account),
            ("target", target.as_deref()),
            ("actor", actor.as_deref()),
            ("action", action.as_deref()),
        ];
        check(&parts)?;
        let filter = parts
            .iter()
            .filter_map(|(name, value)| Some(format!("{name}={}\n", (*value)?)))
            .collect::<String>();
        let list = List {
            of: "audit",
            keyspace,
            account: "",
            filter: &filter,
        };
        let before = self.entry_at(&list, request)?;
        let filter = AuditFilter {
            account: account.map(str::to_owned),
            target: target.clone(),
            actor: actor.clone(),
            action: action.clone(),
        };
        let entries = self
            .store
            .audit(keyspace, &filter, before, request.limit + 1)?
            .ok_or_else(|| ServiceError::not_found("keyspace"))?;
        Ok(self.page(&list, request, entries, |entry| entry.sequence.to_string()))
    }

    /// The trail of the whole server, oldest first, as the chain runs; also the server's own affairs.
    pub fn whole_audit(
        &self,
        caller: &Principal,
        request: &PageRequest,
    ) -> Result<Page<AuditEntry>, ServiceError> {
        caller.must(Right::AuditRead, Place::Server)?;
        let list = List {
            of: "whole audit",
            keyspace: "",
            account: "",
            filter: "",
        };
        let after = self.entry_at(&list, request)?.unwrap_or(0);
        let entries = self.store.audit_chain(after, request.limit + 1)?;
        Ok(self.page(&list, request, entries, |entry| entry.sequence.to_string()))
    }

    /// The number of the entry that a cursor stands at.
    fn entry_at(
        &self,
        list: &List<'_>,
        request: &PageRequest,
    ) -> Result<Option<i64>, ServiceError> {
        let Some(cursor) = &request.cursor else {
            return Ok(None);
        };
        let position = self.cursors.open(list, cursor)?;
        position.parse().map(Some).map_err(ServiceError::internal)
    }

    /// Follows the trail of the whole server from its beginning and finds the first entry that was changed, or that
    /// follows on one that is gone.
    pub fn check_audit(&self, caller: &Principal) -> Result<AuditCheck, ServiceError> {
        caller.must(Right::ServerMaintain, Place::Server)?;
        let mut check = AuditCheck {
            entries: 0,
            first_broken: None,
            last: None,
        };
        loop {
            let (after, mut previous) = check.last.unwrap_or((0, chain::START));
            let entries = self.store.audit_chain(after, AT_ONCE)?;
            if entries.is_empty() {
                return Ok(check);
            }
            for entry in entries {
                if chain::link(&previous, &entry) != entry.hash {
                    check.first_broken = Some(entry.sequence);
                    return Ok(check);
                }
                previous = entry.hash;
                check.entries += 1;
                check.last = Some((entry.sequence, entry.hash));
            }
        }
    }
}

/// Filters are texts of one line. That no line break stands in one also keeps any two questions apart in the cursor.
fn check(parts: &[(&str, Option<&str>)]) -> Result<(), ServiceError> {
    let errors = parts
        .iter()
        .filter_map(|(name, value)| {
            Some(FieldError {
                field: (*name).to_owned(),
                message: text::objection((*value)?, MAX_FILTER)?,
            })
        })
        .collect::<Vec<_>>();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(ServiceError::invalid(errors))
    }
}

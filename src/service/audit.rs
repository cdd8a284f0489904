//! The audit trail of a keyspace: who changed what, when, and which epoch it made.

use super::cursor::List;
use super::error::ServiceError;
use super::{Page, PageRequest, Service};
use crate::store::AuditEntry;

impl Service {
    /// The audit entries of a keyspace, newest first.
    pub fn audit(
        &self,
        keyspace: &str,
        request: &PageRequest,
    ) -> Result<Page<AuditEntry>, ServiceError> {
        let list = List {
            of: "audit",
            keyspace,
            account: "",
        };
        let before = match &request.cursor {
            Some(cursor) => Some(
                self.cursors
                    .open(&list, cursor)?
                    .parse::<i64>()
                    .map_err(ServiceError::internal)?,
            ),
            None => None,
        };
        let entries = self
            .store
            .audit(keyspace, before, request.limit + 1)?
            .ok_or_else(|| ServiceError::not_found("keyspace"))?;
        Ok(self.page(&list, request, entries, |entry| entry.sequence.to_string()))
    }
}

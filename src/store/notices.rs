//! What the owners of keys are told of their ends: which keys that is due for, and what became of it.

use serde_json::json;

use super::records::KeyPath;
use crate::key::KeyId;
use crate::time::Timestamp;

/// Which keys of a keyspace are asked about: active ones with an address in a field, that end in a span of time, where
/// that address was not told of this end.
#[derive(Clone, Debug)]
pub struct NoticeSlice {
    /// The field that holds the owner's address.
    pub field: String,
    /// Ends behind this instant; what has ended is nobody's news.
    pub now: Timestamp,
    /// Ends up to this instant, inclusive.
    pub until: Timestamp,
    /// Keys behind this one, by end and id.
    pub after: Option<(Timestamp, KeyId)>,
    /// How many at most.
    pub limit: u32,
}

/// A key whose owner is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueNotice {
    /// The key.
    pub path: KeyPath,
    /// The field that held the owner's address.
    pub field: String,
    /// Its end.
    pub ends_at: Timestamp,
    /// The owner's address.
    pub recipient: String,
}

/// What became of a notice. Either way that address is not written to of that end again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoticeOutcome {
    /// The mail server took it.
    Sent,
    /// The mail server refused it for good, with this reply code.
    Refused {
        /// Such as `550 5.1.1`, without the server's words.
        reply: String,
    },
}

impl DueNotice {
    /// What the audit trail tells of it.
    pub(super) fn details(&self, outcome: &NoticeOutcome) -> serde_json::Value {
        let (outcome, reply) = match outcome {
            NoticeOutcome::Sent => ("sent", None),
            NoticeOutcome::Refused { reply } => ("refused", Some(reply)),
        };
        let mut details = json!({
            "outcome": outcome,
            "recipient": self.recipient,
            "expires_at": self.ends_at.as_millis(),
        });
        if let Some(reply) = reply {
            details["reply"] = json!(reply);
        }
        details
    }
}

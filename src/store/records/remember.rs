//! Answers to requests that may be sent twice.

use super::KeyRecord;
use crate::time::Timestamp;

/// The answer to a request that may be sent twice (`Idempotency-Key`), to be kept in the transaction that makes it.
pub struct Remember {
    /// A digest over caller, endpoint and idempotency key.
    pub id: [u8; 32],
    /// A digest of the request's content.
    pub fingerprint: [u8; 32],
    /// Until when the answer can be had again.
    pub until: Timestamp,
    /// Seals the answer: the store never sees it.
    pub seal: Seal,
}

/// Makes of a record, as it stands after the change, the answer to be kept, sealed.
pub type Seal = Box<dyn FnOnce(&KeyRecord) -> Vec<u8> + Send>;

/// The answer that a request got the first time.
#[derive(Clone, Debug)]
pub struct Remembered {
    /// A digest of the request's content.
    pub fingerprint: [u8; 32],
    /// The sealed answer.
    pub sealed: Vec<u8>,
}

//! What was granted, where JavaScript reads it.

use super::number;
use crate::key::KeyId;
use crate::limit::RateOutcome;
use crate::verify::{Decision, RecordId};

/// Allowed, on a snapshot that is past its fresh time.
const STALE: u32 = 256;
const NONE: u32 = u32::MAX;

/// Little-endian, in this order. Read after an allow.
#[derive(Default)]
#[repr(C)]
pub(super) struct GrantBlock {
    /// In ms; 0 for never.
    expires_at: f64,
    policy: u32,
    /// [`NONE`] where the key has no account, or the caller keeps it.
    account: u32,
    /// The number of the record in its table: the texts of a key are asked for by it.
    record: u32,
    /// [`NONE`] where no rule decided.
    route: u32,
    /// The position among the caller's records, or [`NONE`] for a snapshot.
    ordinal: u32,
    /// 1 where the key has a subject or meta.
    noted: u32,
    /// The text of a snapshot's key id, and three bytes that mean nothing.
    key_id: [u8; 16],
    /// 1 where the key has constraints.
    limited: u32,
    /// The units that the call takes.
    cost: u32,
    /// Written by a step of the rate limit: units left, and ms until all are back and until the call could be made.
    remaining: f64,
    reset_millis: f64,
    retry_after_millis: f64,
}

impl GrantBlock {
    /// Writes what was granted, and gives the verdict's number: 0 for allow, [`STALE`], or the number of a reason, and
    /// above the lowest 16 bits the closed route that decided plus one.
    pub(super) fn conclude(&mut self, decision: Decision<'_>) -> u32 {
        let grant = match decision {
            Decision::Allow(grant) => grant,
            Decision::Deny(denial) => {
                let closed = denial
                    .closed_route()
                    .map_or(0, |route| (u32::from(route) + 1) << 16);
                return closed | u32::from(denial.reason() as u8);
            }
        };
        let expires = grant.expires_at();
        self.expires_at =
            expires.map_or(0.0, |at| number(u64::try_from(at.as_millis()).unwrap_or(0)));
        self.policy = u32::from(grant.policy());
        self.account = grant.owner().unwrap_or(NONE);
        self.record = grant.record();
        self.route = grant.route().map_or(NONE, u32::from);
        self.noted = u32::from(grant.has_note());
        self.limited = u32::from(grant.is_limited());
        self.cost = grant.cost();
        match grant.record_id() {
            RecordId::Ordinal(ordinal) => self.ordinal = ordinal,
            RecordId::Key(id) => {
                self.ordinal = NONE;
                self.key_id[..KeyId::TEXT_LENGTH].copy_from_slice(&id.to_ascii());
            }
        }
        if grant.is_stale() { STALE } else { 0 }
    }

    /// Writes how a step of the rate limit went.
    pub(super) fn rated(&mut self, outcome: &RateOutcome) {
        self.remaining = f64::from(outcome.remaining);
        self.reset_millis = number(outcome.reset_millis);
        self.retry_after_millis = number(outcome.retry_after_millis);
    }
}

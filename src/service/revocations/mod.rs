//! What was taken away, in a file beside the database (threat 6): a restored backup knows nothing of what was revoked
//! after it was made, and this file tells it.
//!
//! A line of JSON each, on disk before the change is answered. It names what was changed, never a secret: of a rotated
//! key the new digest, as snapshots have it. Which lines a backup knows already is told by era and revision, not by
//! time, which can be set back.

mod line;
mod log;

use super::Service;
use crate::key::Digest;
use crate::store::{KeyPath, KeyRecord, Operator, RetiringPlan};

pub(super) use self::line::{Key, Line, Revoked};
pub(super) use self::log::Revocations;

/// What a key lost.
#[derive(Clone, Copy, Debug)]
pub(super) enum Loss {
    /// It was switched off.
    Disabled,
    /// It was taken out of use for good.
    Deactivated,
    /// It was removed.
    Deleted,
    /// Its end was brought forward.
    Expires,
    /// It got another secret, with this digest; the one before ends at once or as planned.
    Rotated(Digest, Option<RetiringPlan>),
    /// The secret before ends earlier than was planned: the new one was used.
    Retires,
}

impl Service {
    /// Notes that a key lost something: to be called after the commit and before the answer, with the record as it is
    /// now (of a removed key, as it was).
    pub(super) fn note_key_loss(&self, path: &KeyPath, record: &KeyRecord, loss: Loss) {
        let key = Key {
            era: self.revocations.era(&path.account.keyspace),
            keyspace: path.account.keyspace.clone(),
            account: path.account.account.clone(),
            id: path.id,
            revision: record.revision,
        };
        let revoked = match loss {
            Loss::Disabled => Revoked::KeyDisabled(key),
            Loss::Deactivated => Revoked::KeyDeactivated(key),
            Loss::Deleted => Revoked::KeyDeleted(key),
            Loss::Expires => match record.content.expires_at {
                Some(expires_at) => Revoked::KeyExpires { key, expires_at },
                None => return,
            },
            Loss::Rotated(digest, retiring) => Revoked::KeyRotated {
                key,
                digest,
                hint: record.hint.clone(),
                ends_at: retiring.map(|plan| plan.ends_at),
                ends_after_use: retiring.and_then(|plan| plan.ends_after_use),
            },
            Loss::Retires => match &record.retiring {
                Some(retiring) => Revoked::KeyRetires {
                    key,
                    ends_at: retiring.ends_at,
                },
                None => return,
            },
        };
        self.revocations.note(self.clock.now(), revoked);
    }

    /// Notes that an operator or portal link was removed.
    pub(super) fn note_operator_removed(&self, id: &str) {
        let revoked = Revoked::OperatorRemoved { id: id.to_owned() };
        self.revocations.note(self.clock.now(), revoked);
    }

    /// Notes that an operator got another key, with this digest.
    pub(super) fn note_operator_rotated(&self, rotated: &Operator, digest: &Digest) {
        let revoked = Revoked::OperatorRotated {
            id: rotated.id.clone(),
            revision: rotated.revision,
            digest: *digest,
            hint: rotated.hint.clone(),
        };
        self.revocations.note(self.clock.now(), revoked);
    }

    /// Notes that a restore began an era.
    pub(super) fn note_era(&self, keyspace: &str, era: u32) {
        let begun = Revoked::EraBegun {
            keyspace: keyspace.to_owned(),
            era,
        };
        self.revocations.note(self.clock.now(), begun);
    }

    /// Notes that an edge token was removed.
    pub(super) fn note_token_removed(&self, keyspace: &str, id: &str) {
        let revoked = Revoked::TokenRemoved {
            keyspace: keyspace.to_owned(),
            id: id.to_owned(),
        };
        self.revocations.note(self.clock.now(), revoked);
    }
}

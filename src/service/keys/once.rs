//! Requests that may be sent twice (`Idempotency-Key`): the second one gets the first one's answer.
//!
//! The answer holds a whole key. It is kept sealed under the idempotency key and the caller's credential, neither of
//! which is kept: only who holds both gets it again (threat 38).

use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{Created, kept};
use crate::env::Entropy;
use crate::key::Secret;
use crate::service::error::{Code, ServiceError};
use crate::service::{Service, seal};
use crate::store::{KeyRecord, Remember};
use crate::time::Timestamp;

/// How long an answer can be had again: 24 hours.
const REMEMBERED_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// What makes two requests the same.
pub struct Once {
    /// The idempotency key, as it was sent.
    pub key: Zeroizing<Vec<u8>>,
    /// The caller's credential, as it was presented.
    pub credential: Zeroizing<Vec<u8>>,
    /// Method and path, so that one idempotency key can serve several endpoints.
    pub endpoint: String,
    /// A digest of what was asked, and on which condition.
    pub fingerprint: [u8; 32],
    /// Whether the key may be shown once more.
    pub show_secret: bool,
}

impl Once {
    /// Under which the answer is kept. The credential is no less random than a key, so that nothing can be guessed from
    /// it.
    fn id(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(b"keyward idempotent request 1");
        for part in [&*self.credential, self.endpoint.as_bytes(), &*self.key] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }

    /// What the store keeps of the answer, in the transaction that makes it true.
    pub(super) fn remember(
        &self,
        secret: &Secret,
        now: Timestamp,
        entropy: &Arc<dyn Entropy + Send + Sync>,
    ) -> Remember {
        let secret = Zeroizing::new(secret.expose().as_bytes().to_vec());
        let key = self.key.clone();
        let credential = self.credential.clone();
        let entropy = Arc::clone(entropy);
        Remember {
            id: self.id(),
            fingerprint: self.fingerprint,
            until: now.saturating_add_millis(REMEMBERED_MILLIS),
            seal: Box::new(move |record| {
                let answer = kept::write(&secret, record);
                seal::seal_answer(&key, &credential, &answer, &*entropy)
            }),
        }
    }
}

impl Service {
    /// The answer that this very request got before, where it was made before.
    pub(super) fn answered_before(
        &self,
        once: Option<&Once>,
    ) -> Result<Option<Created<KeyRecord>>, ServiceError> {
        let Some(once) = once else { return Ok(None) };
        let Some(remembered) = self.store.remembered(once.id(), self.clock.now())? else {
            return Ok(None);
        };
        if remembered.fingerprint != once.fingerprint {
            let message = "this idempotency key was used for another request; use a fresh one for each request";
            return Err(ServiceError::new(Code::IdempotencyMismatch, message));
        }
        let answer = seal::open_answer(&once.key, &once.credential, &remembered.sealed)?;
        let (secret, record) = kept::read(&answer)
            .ok_or_else(|| ServiceError::internal("a remembered answer is damaged"))?;
        Ok(Some(Created {
            secret: once.show_secret.then_some(secret),
            record,
            replayed: true,
        }))
    }
}

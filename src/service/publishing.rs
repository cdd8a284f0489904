//! Publishing: the files that edges fetch, made when somebody asks and kept until they are out of date.
//!
//! A shard is a function of the epoch alone, so that one epoch never means two contents, also across restarts. A head
//! is signed anew when the epoch has risen or a tenth of its freshness is gone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Service;
use super::error::ServiceError;
use crate::key::Digest;
use crate::snapshot::{Head, ShardBuilder, ShardRef, SignedKeyring, SigningKey};
use crate::store::{Edition, Keyspace};
use crate::time::Timestamp;

/// A published file.
#[derive(Debug)]
pub struct File {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// A strong entity tag (RFC 9110 section 8.8.3), quotes included.
    pub etag: String,
}

impl File {
    fn new(bytes: Vec<u8>) -> Arc<Self> {
        let digest = Digest::sha256_of(&bytes).to_string();
        let etag = format!("\"{}\"", digest.rsplit(':').next().unwrap_or(&digest));
        Arc::new(Self { bytes, etag })
    }
}

/// The published files, by keyspace. Each keyspace has a lock of its own, under which its files are made once for all
/// who wait.
#[derive(Default)]
pub(super) struct Shelf(Mutex<HashMap<String, Arc<Mutex<Option<Published>>>>>);

impl Shelf {
    fn place(&self, keyspace: &str) -> Arc<Mutex<Option<Published>>> {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(places.entry(keyspace.to_owned()).or_default())
    }
}

/// The files of one keyspace at one epoch, and what signs its heads.
struct Published {
    keyspace: Keyspace,
    online: SigningKey,
    keyring: SignedKeyring,
    shard: Arc<File>,
    head: Arc<File>,
    signed_at: Timestamp,
}

impl Service {
    /// The signed head of a keyspace.
    pub fn head(&self, keyspace: &str) -> Result<Arc<File>, ServiceError> {
        self.published(keyspace, |published| Arc::clone(&published.head))
    }

    /// A shard of a keyspace's snapshot; so far there is one, with the number 0.
    pub fn shard(&self, keyspace: &str, number: &str) -> Result<Arc<File>, ServiceError> {
        if number != "0" {
            self.keyspace(keyspace)?;
            return Err(ServiceError::not_found("shard"));
        }
        self.published(keyspace, |published| Arc::clone(&published.shard))
    }

    fn published<T>(
        &self,
        keyspace: &str,
        take: impl FnOnce(&Published) -> T,
    ) -> Result<T, ServiceError> {
        // Asked first, so that nobody can fill the shelf with places for keyspaces that do not exist.
        self.edition(keyspace)?;
        let place = self.shelf.place(keyspace);
        let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
        // Asked again under the lock: whoever held it may have published what is newer than the first answer.
        let edition = self.edition(keyspace)?;
        let now = self.clock.now();
        match &mut *place {
            Some(published) if published.keyspace.edition == edition => {
                if published.is_worn(now) {
                    published.sign(now);
                }
            }
            _ => *place = Some(self.build(keyspace, now)?),
        }
        let published = place
            .as_ref()
            .ok_or_else(|| ServiceError::internal("nothing was published"))?;
        Ok(take(published))
    }

    fn edition(&self, keyspace: &str) -> Result<Edition, ServiceError> {
        self.store
            .edition(keyspace)?
            .ok_or_else(|| ServiceError::not_found("keyspace"))
    }

    fn build(&self, keyspace: &str, now: Timestamp) -> Result<Published, ServiceError> {
        let profile = self.profiles.of(&self.keyspace(keyspace)?)?;
        let new_builder = |keyspace: &Keyspace| {
            ShardBuilder::new(
                keyspace.edition.era,
                keyspace.edition.epoch,
                profile.profile.clone(),
            )
        };
        let mut builder = None;
        let mut outcome = Ok(());
        let keyspace = self
            .store
            .live_keys(keyspace, &mut |keyspace, key| {
                if outcome.is_ok() {
                    outcome = builder
                        .get_or_insert_with(|| new_builder(keyspace))
                        .key(key);
                }
            })?
            .ok_or_else(|| ServiceError::not_found("keyspace"))?;
        outcome.map_err(ServiceError::internal)?;
        let shard = builder
            .unwrap_or_else(|| new_builder(&keyspace))
            .finish()
            .map_err(ServiceError::internal)?;

        let signing = self
            .store
            .signing(&keyspace.id)?
            .ok_or_else(|| ServiceError::not_found("keyspace"))?;
        let keyring = SignedKeyring::from_bytes(&signing.keyring).ok_or_else(|| {
            ServiceError::internal(format!(
                "the keyring of keyspace {} is damaged",
                keyspace.id
            ))
        })?;
        let online = SigningKey::from_seed(&signing.seed);
        let head = File::new(sign_head(&keyspace, &shard, &online, &keyring, now));
        Ok(Published {
            keyspace,
            online,
            keyring,
            shard: File::new(shard),
            head,
            signed_at: now,
        })
    }
}

impl Published {
    /// Whether a tenth of the head's freshness is gone, or the clock has been set back behind its signature.
    fn is_worn(&self, now: Timestamp) -> bool {
        let tenth = i64::from(self.keyspace.fresh_for_seconds) * 100;
        now < self.signed_at || now.as_millis() - self.signed_at.as_millis() >= tenth
    }

    fn sign(&mut self, now: Timestamp) {
        self.head = File::new(sign_head(
            &self.keyspace,
            &self.shard.bytes,
            &self.online,
            &self.keyring,
            now,
        ));
        self.signed_at = now;
    }
}

fn sign_head(
    keyspace: &Keyspace,
    shard: &[u8],
    online: &SigningKey,
    keyring: &SignedKeyring,
    now: Timestamp,
) -> Vec<u8> {
    Head {
        keyspace: keyspace.id.clone(),
        era: keyspace.edition.era,
        epoch: keyspace.edition.epoch,
        issued_at: now,
        fresh_for_seconds: keyspace.fresh_for_seconds,
        valid_until: now.saturating_add_millis(i64::from(keyspace.valid_for_seconds) * 1000),
        shards: vec![ShardRef::of(shard)],
    }
    .sign(online, keyring)
}

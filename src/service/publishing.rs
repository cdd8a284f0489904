//! Publishing: the files that edges fetch, made when somebody asks and kept until they are out of date.
//!
//! A shard is a function of the epoch alone, so that one epoch never means two contents, also across restarts. A head
//! is signed anew when the epoch has risen or a tenth of its freshness is gone. Within one epoch no head says that it
//! was signed before an earlier one, for edges refuse such heads: a clock that was set back a little is waited for, one
//! that was set back further begins a new epoch.
//!
//! To make the files takes long where there are many keys. Whoever asks gets an [`Order`], looks whether the shelf has
//! what it names, and only otherwise has it made.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Service;
use super::error::ServiceError;
use crate::key::Digest;
use crate::snapshot::{Head, ShardBuilder, ShardRef, SignedKeyring, SigningKey};
use crate::store::{Act, Edition, Keyspace};
use crate::time::Timestamp;

/// How far behind a signature the clock may be without a new epoch; edges bear with heads from so far ahead.
const PATIENCE_WITH_CLOCK: i64 = 5 * 60_000;

/// How many of the keys that cannot be published the log names each time.
const NAMED_AT_MOST: usize = 10;

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

/// A file that somebody asked for, and where its keyspace stood then: what they get is no older.
#[derive(Clone, Debug)]
pub struct Order {
    keyspace: String,
    edition: Edition,
    part: Part,
}

impl Order {
    /// The keyspace whose file it is.
    pub fn keyspace(&self) -> &str {
        &self.keyspace
    }
}

#[derive(Clone, Copy, Debug)]
enum Part {
    Head,
    Shard,
}

/// The published files, by keyspace.
#[derive(Default)]
pub(super) struct Shelf(Mutex<HashMap<String, Arc<Place>>>);

/// Where the files of one keyspace lie.
#[derive(Default)]
struct Place {
    /// Held for a moment only.
    published: Mutex<Option<Arc<Published>>>,
    /// Held while files are made, so that they are made once for all who wait.
    making: Mutex<()>,
}

impl Shelf {
    fn place(&self, keyspace: &str) -> Arc<Place> {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(places.entry(keyspace.to_owned()).or_default())
    }
}

impl Place {
    fn published(&self) -> Option<Arc<Published>> {
        let published = self.published.lock();
        published.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn put(&self, published: Arc<Published>) {
        let mut place = self
            .published
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *place = Some(published);
    }
}

/// The files of one keyspace.
struct Published {
    epoch: Arc<Epoch>,
    head: Arc<File>,
    signed_at: Timestamp,
}

/// What stays as it is throughout an epoch, and what signs its heads.
struct Epoch {
    keyspace: Keyspace,
    online: SigningKey,
    keyring: SignedKeyring,
    shard: Arc<File>,
    shard_ref: ShardRef,
}

impl Service {
    /// Asks for the signed head of a keyspace.
    pub fn order_head(&self, keyspace: &str) -> Result<Order, ServiceError> {
        self.order(keyspace, Part::Head)
    }

    /// Asks for a shard of a keyspace's snapshot; so far there is one, with the number 0.
    pub fn order_shard(&self, keyspace: &str, number: &str) -> Result<Order, ServiceError> {
        let order = self.order(keyspace, Part::Shard)?;
        if number == "0" {
            Ok(order)
        } else {
            Err(ServiceError::not_found("shard"))
        }
    }

    /// The file, where it has been made and still holds. Waits for nothing.
    pub fn shelved(&self, order: &Order) -> Option<Arc<File>> {
        let published = self.shelf.place(&order.keyspace).published()?;
        let holds = published.epoch.keyspace.edition >= order.edition
            && published.age(self.clock.now()) == Age::Current;
        holds.then(|| published.file(order.part))
    }

    /// The file, made if need be. One caller at a time makes the files of a keyspace; others block meanwhile.
    pub fn publish(&self, order: &Order) -> Result<Arc<File>, ServiceError> {
        let place = self.shelf.place(&order.keyspace);
        let _making = place.making.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        let earlier = place
            .published()
            .filter(|published| published.epoch.keyspace.edition >= order.edition);
        let published = match earlier {
            Some(published) => match published.age(now) {
                Age::Current => return Ok(published.file(order.part)),
                Age::Worn => Published::sign(Arc::clone(&published.epoch), now),
                Age::OfAnotherTime => {
                    self.begin_epoch(&published.epoch.keyspace, now)?;
                    self.build(&order.keyspace, now)?
                }
            },
            None => self.build(&order.keyspace, now)?,
        };
        let published = Arc::new(published);
        place.put(Arc::clone(&published));
        Ok(published.file(order.part))
    }

    /// Also keeps the shelf free of places for keyspaces that do not exist.
    fn order(&self, keyspace: &str, part: Part) -> Result<Order, ServiceError> {
        let edition = self
            .store
            .edition(keyspace)?
            .ok_or_else(|| ServiceError::not_found("keyspace"))?;
        Ok(Order {
            keyspace: keyspace.to_owned(),
            edition,
            part,
        })
    }

    /// Makes the files from one state of the database, whose last change the clock must not be far behind.
    fn build(&self, id: &str, now: Timestamp) -> Result<Published, ServiceError> {
        let (mut keyspace, mut shard) = self.build_shard(id)?;
        if is_far_behind(now, keyspace.changed_at) {
            self.begin_epoch(&keyspace, now)?;
            (keyspace, shard) = self.build_shard(id)?;
        }
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
        let shard_ref = ShardRef::of(&shard);
        // No head of this epoch, also none from before a restart, was signed before the change that made it.
        let signed_at = now.max(keyspace.changed_at);
        let epoch = Epoch {
            keyspace,
            online,
            keyring,
            shard: File::new(shard),
            shard_ref,
        };
        Ok(Published::sign(Arc::new(epoch), signed_at))
    }

    fn build_shard(&self, id: &str) -> Result<(Keyspace, Vec<u8>), ServiceError> {
        let profile = self.profiles.of(&self.keyspace(id)?)?;
        let new_builder = |keyspace: &Keyspace| {
            ShardBuilder::new(
                keyspace.edition.era,
                keyspace.edition.epoch,
                profile.profile.clone(),
            )
        };
        let mut builder = None;
        let mut left_out = 0_usize;
        let keyspace = self
            .store
            .live_keys(id, &mut |keyspace, key| {
                let builder = builder.get_or_insert_with(|| new_builder(keyspace));
                // What is absent is refused: one key that cannot be published must not keep the others' changes back.
                if let Err(error) = builder.key(key) {
                    left_out += 1;
                    if left_out <= NAMED_AT_MOST {
                        tracing::error!(keyspace = keyspace.id, key = %key.id, %error, "a key cannot be published and was left out");
                    }
                }
            })?
            .ok_or_else(|| ServiceError::not_found("keyspace"))?;
        if left_out > NAMED_AT_MOST {
            tracing::error!(
                keyspace = keyspace.id,
                left_out,
                "so many keys were left out"
            );
        }
        let shard = builder
            .unwrap_or_else(|| new_builder(&keyspace))
            .finish()
            .map_err(ServiceError::internal)?;
        Ok((keyspace, shard))
    }

    /// Heads of the present epoch were signed, or may have been, by a clock that was far ahead.
    fn begin_epoch(&self, keyspace: &Keyspace, now: Timestamp) -> Result<(), ServiceError> {
        tracing::warn!(
            keyspace = keyspace.id,
            "the clock was set back; a new epoch begins"
        );
        let act = Act {
            actor: "system".to_owned(),
            at: now,
        };
        Ok(self.store.begin_epoch(&keyspace.id, act)?)
    }
}

/// Whether a head may still be given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Age {
    /// It may.
    Current,
    /// A tenth of its freshness is gone.
    Worn,
    /// The clock has been set back far behind its signature.
    OfAnotherTime,
}

impl Published {
    fn sign(epoch: Arc<Epoch>, now: Timestamp) -> Self {
        let Keyspace {
            id,
            edition,
            fresh_for_seconds,
            valid_for_seconds,
            ..
        } = &epoch.keyspace;
        let head = Head {
            keyspace: id.clone(),
            era: edition.era,
            epoch: edition.epoch,
            issued_at: now,
            fresh_for_seconds: *fresh_for_seconds,
            valid_until: now.saturating_add_millis(i64::from(*valid_for_seconds) * 1000),
            shards: vec![epoch.shard_ref],
        };
        Self {
            head: File::new(head.sign(&epoch.online, &epoch.keyring)),
            epoch,
            signed_at: now,
        }
    }

    fn file(&self, part: Part) -> Arc<File> {
        Arc::clone(match part {
            Part::Head => &self.head,
            Part::Shard => &self.epoch.shard,
        })
    }

    fn age(&self, now: Timestamp) -> Age {
        let tenth = i64::from(self.epoch.keyspace.fresh_for_seconds) * 100;
        if is_far_behind(now, self.signed_at) {
            Age::OfAnotherTime
        } else if now.as_millis() - self.signed_at.as_millis() >= tenth {
            Age::Worn
        } else {
            Age::Current
        }
    }
}

fn is_far_behind(now: Timestamp, signed_at: Timestamp) -> bool {
    signed_at.as_millis() - now.as_millis() > PATIENCE_WITH_CLOCK
}

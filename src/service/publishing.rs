//! Publishing: the files that edges fetch, made when somebody asks and kept until they are out of date.
//!
//! A shard is a function of the epoch alone, so that one epoch never means two contents, also across restarts. A head
//! is signed anew when the epoch has risen or a tenth of its freshness is gone. Within one epoch no head says that it
//! was signed before an earlier one, for edges refuse such heads: a clock that was set back a little is waited for, one
//! that was set back further begins a new epoch.
//!
//! To make the files takes long where there are many keys. Whoever asks gets an [`Order`], looks whether the shelf has
//! what it names, and only otherwise has it made.
//!
//! The shard lies in memory once, inside the verifier that was opened from it: the server itself decides by the files
//! that it gives out, as long as they are those of the present epoch (`verifying`).

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::error::ServiceError;
use super::tokens::Touch;
use super::{Principal, Service, principal};
use crate::key::{Digest, KeyId};
use crate::snapshot::{Head, ShardBuilder, ShardRef, SignedKeyring, SigningKey, open_own_shard};
use crate::store::{Act, Edition, KeyFilter, Keyspace, Right};
use crate::time::Timestamp;
use crate::verify::{RecordId, Verifier};

/// How far behind a signature the clock may be without a new epoch; edges bear with heads from so far ahead.
const PATIENCE_WITH_CLOCK: i64 = 5 * 60_000;

/// How many of the keys that cannot be published the log names each time.
const NAMED_AT_MOST: usize = 10;

/// A single key is looked up in the database in the time in which files are made of so many.
const KEYS_PER_LOOKUP: u64 = 64;

/// A published file.
#[derive(Debug)]
pub struct File {
    content: Content,
    /// A strong entity tag (RFC 9110 section 8.8.3), quotes included.
    pub etag: String,
}

#[derive(Debug)]
enum Content {
    Head(Vec<u8>),
    Shard(Arc<Verifier>),
}

impl File {
    fn new(content: Content) -> Arc<Self> {
        let digest = Digest::sha256_of(content.bytes()).to_string();
        let etag = format!("\"{}\"", digest.rsplit(':').next().unwrap_or(&digest));
        Arc::new(Self { content, etag })
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        self.content.bytes()
    }
}

impl Content {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Head(bytes) => bytes,
            Self::Shard(verifier) => verifier.table().bytes(),
        }
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
    /// How often the files would have been of use since they were last made.
    missed: AtomicU64,
}

impl Shelf {
    fn place(&self, keyspace: &str) -> Arc<Place> {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(places.entry(keyspace.to_owned()).or_default())
    }

    fn known_place(&self, keyspace: &str) -> Option<Arc<Place>> {
        let places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        places.get(keyspace).map(Arc::clone)
    }

    fn places(&self) -> Vec<(String, Arc<Place>)> {
        let places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let places = places.iter();
        places
            .map(|(id, place)| (id.clone(), Arc::clone(place)))
            .collect()
    }
}

impl Place {
    fn published(&self) -> Option<Arc<Published>> {
        let published = self.published.lock();
        published.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn put(&self, published: Option<Arc<Published>>) {
        let mut place = self
            .published
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *place = published;
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
    live: Live,
}

/// The live keys of an epoch, ready to decide.
#[derive(Clone)]
pub(super) struct Live {
    /// Decides as every edge does that has these files.
    pub(super) verifier: Arc<Verifier>,
    /// Keys that are known by two secrets, ascending: which of the two was presented, the files do not say.
    rotating: Arc<[KeyId]>,
}

impl Live {
    fn of(verifier: Verifier) -> Self {
        let table = verifier.table();
        let ids = (0..table.len()).filter_map(|record| match table.id(record) {
            RecordId::Key(id) => Some(id),
            RecordId::Ordinal(_) => None,
        });
        let mut ids = ids.collect::<Vec<_>>();
        ids.sort_unstable();
        let mut rotating = ids
            .array_windows()
            .filter_map(|[one, next]| (one == next).then_some(*one))
            .collect::<Vec<_>>();
        rotating.dedup();
        Self {
            verifier: Arc::new(verifier),
            rotating: rotating.into(),
        }
    }

    pub(super) fn is_rotating(&self, id: KeyId) -> bool {
        self.rotating.binary_search(&id).is_ok()
    }
}

impl Service {
    /// Asks for the signed head of a keyspace.
    pub fn order_head(&self, caller: &Principal, keyspace: &str) -> Result<Order, ServiceError> {
        caller.must(Right::SnapshotRead, principal::Place::Keyspace(keyspace))?;
        self.touch(caller, Touch::Read);
        self.order(keyspace, Part::Head)
    }

    /// Asks for a shard of a keyspace's snapshot; so far there is one, with the number 0.
    pub fn order_shard(
        &self,
        caller: &Principal,
        keyspace: &str,
        number: &str,
    ) -> Result<Order, ServiceError> {
        caller.must(Right::SnapshotRead, principal::Place::Keyspace(keyspace))?;
        self.touch(caller, Touch::Read);
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
        let published = if let Some(published) = earlier {
            match published.age(now) {
                Age::Current => return Ok(published.file(order.part)),
                Age::Worn => Published::sign(Arc::clone(&published.epoch), now),
                Age::OfAnotherTime => {
                    self.begin_epoch(&published.epoch.keyspace, now)?;
                    self.build(&order.keyspace, now)?
                }
            }
        } else {
            // Nobody is given those of an earlier epoch any more, and while new ones are made there would be two of
            // them.
            place.put(None);
            self.build(&order.keyspace, now)?
        };
        let published = Arc::new(published);
        place.put(Some(Arc::clone(&published)));
        place.missed.store(0, Ordering::Relaxed);
        Ok(published.file(order.part))
    }

    /// The live keys of a keyspace in this edition, where its files have been made; otherwise it is noted that they
    /// would have been of use. The keyspace must exist.
    pub(super) fn live(&self, keyspace: &str, edition: Edition) -> Option<Live> {
        let live = self.live_at_hand(keyspace, edition);
        if live.is_none() {
            let place = self.shelf.place(keyspace);
            place.missed.fetch_add(1, Ordering::Relaxed);
        }
        live
    }

    /// The same, without a note.
    pub(super) fn live_at_hand(&self, keyspace: &str, edition: Edition) -> Option<Live> {
        let published = self.shelf.known_place(keyspace)?.published()?;
        let is_current = published.epoch.keyspace.edition == edition;
        is_current.then(|| published.epoch.live.clone())
    }

    /// Makes the files of keyspaces in which making them costs less than doing without has cost: whoever verifies keys
    /// in a keyspace that changes all the time would otherwise pay for a million keys with every change.
    pub fn refresh_verifiers(&self) -> Result<(), ServiceError> {
        let mut result = Ok(());
        for (keyspace, place) in self.shelf.places() {
            if let Err(error) = self.refresh_verifier(&keyspace, &place) {
                tracing::error!(keyspace, %error, "its files could not be made");
                result = result.and(Err(error));
            }
        }
        result
    }

    fn refresh_verifier(&self, keyspace: &str, place: &Place) -> Result<(), ServiceError> {
        let missed = place.missed.load(Ordering::Relaxed);
        if missed == 0 {
            return Ok(());
        }
        let Some(keys) = self.store.count_keys(keyspace, &KeyFilter::default())? else {
            return Ok(());
        };
        if missed > keys / KEYS_PER_LOOKUP {
            // What fails is not tried again before it would pay again.
            place.missed.store(0, Ordering::Relaxed);
            let order = self.order(keyspace, Part::Head)?;
            self.publish(&order)?;
        }
        Ok(())
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
        let Edition { era, epoch } = keyspace.edition;
        let live = open_own_shard(shard, era, epoch, Vec::new())
            .map(Live::of)
            .map_err(ServiceError::internal)?;
        // No head of this epoch, also none from before a restart, was signed before the change that made it.
        let signed_at = now.max(keyspace.changed_at);
        let epoch = Epoch {
            keyspace,
            online,
            keyring,
            shard: File::new(Content::Shard(Arc::clone(&live.verifier))),
            shard_ref,
            live,
        };
        Ok(Published::sign(Arc::new(epoch), signed_at))
    }

    fn build_shard(&self, id: &str) -> Result<(Keyspace, Vec<u8>), ServiceError> {
        // By the rules of the very state whose keys these are: they may be others by now.
        let new_builder = |keyspace: &Keyspace| {
            let Edition { era, epoch } = keyspace.edition;
            let loaded = self.profiles.of(keyspace)?;
            Ok::<_, ServiceError>(ShardBuilder::new(era, epoch, loaded.profile.clone()))
        };
        let mut builder = None;
        let mut left_out = 0_usize;
        let keyspace = self
            .store
            .live_keys(id, &mut |keyspace, key| {
                let Ok(builder) = builder.get_or_insert_with(|| new_builder(keyspace)) else {
                    return;
                };
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
            .unwrap_or_else(|| new_builder(&keyspace))?
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
        Ok(self.store.begin_epoch(&keyspace.id, Act::of_server(now))?)
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
            head: File::new(Content::Head(head.sign(&epoch.online, &epoch.keyring))),
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

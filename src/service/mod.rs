//! The use cases of the management core, as plain blocking calls: what an operator can do, and what an edge can read.
//!
//! Nothing here knows of HTTP or of the command line. Time and chance are handed in.

mod accounts;
mod audit;
mod cursor;
mod dialects;
mod directory;
mod error;
mod instant;
pub(crate) mod json;
mod keys;
mod keyspaces;
mod maintenance;
mod meta;
mod names;
mod notices;
mod operators;
mod portal_links;
mod principal;
mod profiles;
mod publishing;
mod readiness;
mod restore;
mod revocations;
mod rights;
mod root_key;
mod seal;
#[cfg(test)]
mod stage;
mod text;
mod tokens;
mod usage;
mod verifying;
mod worker;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

pub use self::accounts::{CreateAccount, MeteredAccount, UpdateAccount};
pub use self::audit::{AuditCheck, AuditQuery};
pub use self::dialects::{
    Calling, DialectChange, DialectDenial, DialectKey, DialectList, DialectPart, DialectRefusal,
    ShownKey,
};
pub use self::directory::{DataDirectory, DirectoryError};
pub use self::error::{Code, FieldError, ServiceError};
pub use self::instant::rfc3339;
pub use self::keys::{CreateKey, Created, KeyQuery, Once, RotateKey, UpdateKey, key_status};
pub use self::keyspaces::{CreateKeyspace, UpdateKeyspace};
pub use self::maintenance::Maintenance;
pub use self::notices::{
    Letter, MailServer, Malformed, Postman, Round, Sender, Smtp, Told, Undelivered,
};
pub use self::operators::CreateOperator;
pub use self::portal_links::CreatePortalLink;
pub use self::principal::{CallingKey, Issued, Place, Principal};
pub use self::publishing::{File, Order};
pub use self::restore::{Restore, RestoreError, Restored, restore};
pub use self::seal::{MalformedMasterKey, MasterKey, MasterKeys};
pub use self::tokens::CreateToken;
pub use self::usage::{Beacon, BeaconUse, KeyUse, UsageQuery};
pub use self::verifying::{Allowed, RateStanding, Verified, VerifyAsk};
pub use self::worker::{Rhythm, Worker};
pub use crate::store::{
    Account, AccountPath, AuditEntry, AuditFilter, FirstState, KeyRecord, KeyTransition, Keyspace,
    Operator, OperatorKind, Reach, Retiring, Right, Token,
};

use self::cursor::Cursors;
use self::dialects::Speakers;
use self::notices::Notices;
use self::profiles::Profiles;
use self::publishing::Shelf;
use self::readiness::Readiness;
use self::revocations::Revocations;
use self::tokens::Touches;
use self::usage::Uses;
use crate::env::{Clock, Entropy};
use crate::limit::MemoryLimiter;
use crate::store::{Act, Premise, Store};
use crate::time::Timestamp;

/// A part of a list, and where the next part starts.
#[derive(Debug)]
pub struct Page<T> {
    /// The items of this part.
    pub items: Vec<T>,
    /// What to hand in for the next part; `None` at the end.
    pub next: Option<String>,
}

/// Which part of a list is wanted.
#[derive(Clone, Debug)]
pub struct PageRequest {
    limit: u32,
    cursor: Option<String>,
}

impl PageRequest {
    /// The most items of one part.
    pub const MAX_LIMIT: u32 = 100;

    const DEFAULT_LIMIT: u32 = 50;

    /// At most `limit` items (1 to 100, default 50), from the start or from where `cursor` points.
    pub fn new(limit: Option<u32>, cursor: Option<String>) -> Result<Self, ServiceError> {
        let limit = limit.unwrap_or(Self::DEFAULT_LIMIT);
        if !(1..=Self::MAX_LIMIT).contains(&limit) {
            return Err(ServiceError::invalid_field(
                "limit",
                format!("must be from 1 to {}", Self::MAX_LIMIT),
            ));
        }
        Ok(Self { limit, cursor })
    }
}

/// What the core is told besides where its data is.
#[derive(Default)]
pub struct Options {
    /// What recoverable keys are sealed under; without one they cannot be made or shown.
    pub master_keys: MasterKeys,
    /// The address by which people reach the server's pages, such as `https://keys.example.com`; portal links lead
    /// there.
    pub public_url: Option<String>,
    /// Who takes letters to the owners of keys; without one, nobody is told of an end.
    pub postman: Option<Arc<dyn Postman>>,
}

/// The management core over one data directory.
pub struct Service {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    /// The latest instant that ends were judged by, in milliseconds since 1970.
    latest: AtomicI64,
    entropy: Arc<dyn Entropy + Send + Sync>,
    profiles: Profiles,
    speakers: Speakers,
    cursors: Cursors,
    master_keys: MasterKeys,
    shelf: Shelf,
    touches: Touches,
    public_url: Option<String>,
    revocations: Revocations,
    uses: Uses,
    limiter: MemoryLimiter,
    /// Held while a round of maintenance runs.
    maintaining: Mutex<()>,
    notices: Notices,
    readiness: Readiness,
    // Closed last: it holds the lock that keeps other servers out.
    directory: DataDirectory,
}

impl Service {
    /// Opens what `directory` holds, with nothing but the defaults.
    pub fn open(
        directory: DataDirectory,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy + Send + Sync>,
    ) -> Result<Self, ServiceError> {
        Self::open_with(directory, clock, entropy, Options::default())
    }

    /// Opens what `directory` holds. A new directory gets its database, then its root key: where one was used before
    /// and is gone, starting anew would hide it ([`Code::DatabaseLost`]).
    pub fn open_with(
        directory: DataDirectory,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy + Send + Sync>,
        options: Options,
    ) -> Result<Self, ServiceError> {
        let is_marked = directory.is_marked().map_err(ServiceError::internal)?;
        if (is_marked || directory.has_keys()) && crate::store::is_empty(&directory.database())? {
            return Err(database_lost(&directory));
        }
        directory
            .prepare_database()
            .map_err(ServiceError::internal)?;
        let store = crate::store::open(&directory.database())?;
        let prepared = if store.has_operators()? {
            directory.mark()
        } else if is_marked {
            return Err(database_lost(&directory));
        } else {
            directory.create_root_key(&*entropy)
        };
        prepared.map_err(ServiceError::internal)?;
        let mut fresh = [0; 32];
        entropy.fill(&mut fresh);
        let cursors = Cursors::new(store.cursor_secret(fresh)?);
        let revocations = Revocations::of(&directory, &*store)?;
        let service = Self {
            store,
            clock,
            latest: AtomicI64::default(),
            entropy,
            profiles: Profiles::load(),
            speakers: Speakers::default(),
            cursors,
            master_keys: options.master_keys,
            shelf: Shelf::default(),
            touches: Touches::default(),
            public_url: options.public_url,
            revocations,
            uses: Uses::default(),
            limiter: MemoryLimiter::default(),
            maintaining: Mutex::default(),
            notices: Notices::new(options.postman),
            readiness: Readiness::default(),
            directory,
        };
        service.adopt_profiles()?;
        Ok(service)
    }

    /// The data directory.
    pub const fn directory(&self) -> &DataDirectory {
        &self.directory
    }

    /// The address by which people reach the server, where it was told.
    pub fn public_url(&self) -> Option<&str> {
        self.public_url.as_deref()
    }

    /// The service's own time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// By when ends are judged: never earlier than before, so that a clock that is set back revives nothing in this
    /// process (threat 7), as it does not at the edge.
    fn judged_at(&self) -> Timestamp {
        let now = self.clock.now();
        let before = self.latest.fetch_max(now.as_millis(), Ordering::Relaxed);
        Timestamp::from_millis(before).map_or(now, |before| before.max(now))
    }

    /// Keyspaces publish their compiled profile. Where this version compiles one to other bytes than the last, that is
    /// a change like any other: a new epoch.
    fn adopt_profiles(&self) -> Result<(), ServiceError> {
        for keyspace in self.store.keyspaces()? {
            let profile = self.profiles.of(&keyspace)?;
            if profile.digest != keyspace.profile_digest {
                let act = Act::of_server(self.clock.now());
                self.store
                    .set_profile_digest(&keyspace.id, &profile.digest, act)?;
            }
            if profile.profile.lifecycle().recoverable && self.master_keys.current_id().is_none() {
                tracing::warn!(
                    keyspace = keyspace.id,
                    "the keys of this keyspace can be shown again, and the server has no master key: none can be made, \
                     rotated or shown until it is started with one"
                );
            }
        }
        Ok(())
    }

    /// What is to be written down of what `caller` does now.
    fn act(&self, caller: &Principal) -> Act {
        Act {
            actor: caller.id(),
            at: self.clock.now(),
            authority: caller.authority(),
            premise: Premise::default(),
        }
    }

    /// The position that the cursor of a request names, where it has one.
    fn position(
        &self,
        list: &cursor::List<'_>,
        request: &PageRequest,
    ) -> Result<Option<String>, ServiceError> {
        let cursor = request.cursor.as_deref();
        cursor
            .map(|cursor| self.cursors.open(list, cursor))
            .transpose()
    }

    /// Cuts one item more than wanted off a list: there is a next part if it is there.
    fn page<T>(
        &self,
        list: &cursor::List<'_>,
        request: &PageRequest,
        mut items: Vec<T>,
        position: impl Fn(&T) -> String,
    ) -> Page<T> {
        let wanted = usize::try_from(request.limit).unwrap_or(usize::MAX);
        let more = items.len() > wanted;
        items.truncate(wanted);
        let next = items
            .last()
            .filter(|_| more)
            .map(|last| self.cursors.seal(list, &position(last)));
        Page { items, next }
    }
}

fn database_lost(directory: &DataDirectory) -> ServiceError {
    let message = format!(
        "{} was in use, and its database {} is gone or empty; put it back from a backup, or name another directory to \
         start anew",
        directory.path().display(),
        crate::store::FILE_NAME
    );
    ServiceError::new(Code::DatabaseLost, message)
}

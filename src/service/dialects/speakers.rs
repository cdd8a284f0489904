//! The keyspaces that speak a dialect. They are few, each call asks for them, and they change only when a keyspace is
//! made or gets other rules: so they are read once, and kept until then.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::profile::{Dialect, Profile};
use crate::service::profiles::Loaded;
use crate::service::{Service, ServiceError};

/// A keyspace that answers in a dialect.
#[derive(Clone)]
pub(super) struct Speaker {
    /// Its id.
    pub(super) keyspace: String,
    dialect: Dialect,
    loaded: Arc<Loaded>,
}

impl Speaker {
    pub(super) fn profile(&self) -> &Profile {
        &self.loaded.profile
    }
}

/// All that there are, once somebody has asked.
#[derive(Default)]
pub(in crate::service) struct Speakers(Mutex<Option<Vec<Speaker>>>);

impl Speakers {
    /// Has them read anew by whoever asks next. To be called after a change was made, not before.
    pub(in crate::service) fn forget(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> MutexGuard<'_, Option<Vec<Speaker>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Service {
    /// The keyspaces that speak `dialect`.
    pub(super) fn speakers(&self, dialect: Dialect) -> Result<Vec<Speaker>, ServiceError> {
        // Held while they are read, so that what is read before a change is not kept after it.
        let mut known = self.speakers.lock();
        let all = match known.take() {
            Some(all) => all,
            None => self.read_speakers()?,
        };
        let speakers = all.iter().filter(|speaker| speaker.dialect == dialect);
        let speakers = speakers.cloned().collect();
        *known = Some(all);
        Ok(speakers)
    }

    fn read_speakers(&self) -> Result<Vec<Speaker>, ServiceError> {
        let mut speakers = Vec::new();
        for keyspace in self.store.keyspaces()? {
            let loaded = self.profiles.of(&keyspace)?;
            if let Some(dialect) = loaded.profile.dialect() {
                speakers.push(Speaker {
                    keyspace: keyspace.id,
                    dialect,
                    loaded,
                });
            }
        }
        Ok(speakers)
    }
}

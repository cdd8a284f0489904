//! Where keyspaces stand, in memory: every verification asks for it. Nobody but this process writes the database, and
//! whatever it writes makes it look again.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

use crate::store::{Edition, StoreError};

#[derive(Default)]
pub(super) struct Editions {
    /// How many changes there were.
    changes: AtomicU64,
    /// By keyspace, each with the number of changes before it was read.
    known: RwLock<HashMap<String, (u64, Edition)>>,
}

impl Editions {
    /// What is known, or what `read` finds. Whoever was told of a change before asking gets it or a later one.
    pub(super) fn get(
        &self,
        keyspace: &str,
        read: impl FnOnce() -> Result<Option<Edition>, StoreError>,
    ) -> Result<Option<Edition>, StoreError> {
        // Before reading: what is committed meanwhile makes this one be read again.
        let changes = self.changes.load(Ordering::SeqCst);
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(&(at, edition)) = known.get(keyspace)
            && at == changes
        {
            return Ok(Some(edition));
        }
        drop(known);
        let edition = read()?;
        if let Some(edition) = edition {
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            known.insert(keyspace.to_owned(), (changes, edition));
        }
        Ok(edition)
    }

    /// To be called after a commit, and before anybody is told of it.
    pub(super) fn changed(&self) {
        self.changes.fetch_add(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edition(epoch: u64) -> Edition {
        Edition { era: 1, epoch }
    }

    #[test]
    fn it_is_read_once_a_change() {
        let editions = Editions::default();
        let get = |epoch| {
            let found = editions.get("shop", || Ok(Some(edition(epoch))));
            found.expect("read").expect("there").epoch
        };
        assert_eq!((get(1), get(2)), (1, 1));
        editions.changed();
        assert_eq!((get(3), get(4)), (3, 3));
        assert_eq!(editions.get("other", || Ok(None)).expect("read"), None);
        let other = editions.get("other", || Ok(Some(edition(9))));
        assert_eq!(
            other.expect("read"),
            Some(edition(9)),
            "absence is not kept"
        );
    }

    #[test]
    fn a_change_while_reading_makes_it_read_again() {
        let editions = Editions::default();
        let read = || {
            editions.changed();
            Ok(Some(edition(1)))
        };
        assert_eq!(editions.get("shop", read).expect("read"), Some(edition(1)));
        let again = editions.get("shop", || Ok(Some(edition(2))));
        assert_eq!(again.expect("read"), Some(edition(2)));
    }
}

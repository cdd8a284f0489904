//! What nearly every request asks for, in memory: where keyspaces stand, and who calls. Nobody but this process writes
//! the database, and whatever it writes makes it look again.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crate::key::{Digest, DigestScheme};
use crate::store::{Edition, Operator, StoreError, Token};

/// How many of a kind are kept; with more, it starts anew.
const MOST: usize = if cfg!(test) { 4 } else { 4_096 };

#[derive(Default)]
pub(super) struct AtHand {
    /// How many changes there were.
    changes: AtomicU64,
    editions: Known<String, Edition>,
    operators: Known<Presented, Arc<Operator>>,
    tokens: Known<Presented, Arc<Token>>,
}

/// By a digest, as a key of a map.
type Presented = (DigestScheme, [u8; 32]);

/// What was found, each with the number of changes before it was read. Absence is not kept.
struct Known<K, V>(RwLock<HashMap<K, (u64, V)>>);

impl AtHand {
    pub(super) fn edition(&self, keyspace: &str) -> Option<Edition> {
        self.editions.at(keyspace, self.changes())
    }

    pub(super) fn edition_or(
        &self,
        keyspace: &str,
        read: impl FnOnce() -> Result<Option<Edition>, StoreError>,
    ) -> Result<Option<Edition>, StoreError> {
        self.editions.get(keyspace, self.changes(), read)
    }

    pub(super) fn operator(&self, digest: &Digest) -> Option<Arc<Operator>> {
        self.operators.at(&presented(digest), self.changes())
    }

    pub(super) fn operator_or(
        &self,
        digest: &Digest,
        read: impl FnOnce() -> Result<Option<Arc<Operator>>, StoreError>,
    ) -> Result<Option<Arc<Operator>>, StoreError> {
        let digest = presented(digest);
        self.operators.get(&digest, self.changes(), read)
    }

    pub(super) fn token(&self, digest: &Digest) -> Option<Arc<Token>> {
        self.tokens.at(&presented(digest), self.changes())
    }

    pub(super) fn token_or(
        &self,
        digest: &Digest,
        read: impl FnOnce() -> Result<Option<Arc<Token>>, StoreError>,
    ) -> Result<Option<Arc<Token>>, StoreError> {
        let digest = presented(digest);
        self.tokens.get(&digest, self.changes(), read)
    }

    /// To be called after a commit, and before anybody is told of it.
    pub(super) fn changed(&self) {
        self.changes.fetch_add(1, Ordering::SeqCst);
    }

    /// To be asked before reading: what is committed meanwhile makes it be read again.
    fn changes(&self) -> u64 {
        self.changes.load(Ordering::SeqCst)
    }
}

fn presented(digest: &Digest) -> Presented {
    (digest.scheme(), *digest.bytes())
}

impl<K, V> Default for Known<K, V> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<K: Eq + Hash, V: Clone> Known<K, V> {
    /// What is known after so many changes.
    fn at<Q: Eq + Hash + ?Sized>(&self, key: &Q, changes: u64) -> Option<V>
    where
        K: std::borrow::Borrow<Q>,
    {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let (at, value) = known.get(key)?;
        (*at == changes).then(|| value.clone())
    }

    /// What is known, or what `read` finds. Whoever was told of a change before asking gets it or a later one.
    fn get<Q: Eq + Hash + ToOwned<Owned = K> + ?Sized>(
        &self,
        key: &Q,
        changes: u64,
        read: impl FnOnce() -> Result<Option<V>, StoreError>,
    ) -> Result<Option<V>, StoreError>
    where
        K: std::borrow::Borrow<Q>,
    {
        if let Some(value) = self.at(key, changes) {
            return Ok(Some(value));
        }
        let found = read()?;
        if let Some(value) = &found {
            let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
            if known.len() >= MOST {
                known.clear();
            }
            known.insert(key.to_owned(), (changes, value.clone()));
        }
        Ok(found)
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
        let hand = AtHand::default();
        let get = |epoch| {
            let found = hand.edition_or("shop", || Ok(Some(edition(epoch))));
            found.expect("read").expect("there").epoch
        };
        assert_eq!(hand.edition("shop"), None);
        assert_eq!((get(1), get(2)), (1, 1));
        assert_eq!(hand.edition("shop"), Some(edition(1)));
        hand.changed();
        assert_eq!(hand.edition("shop"), None);
        assert_eq!((get(3), get(4)), (3, 3));
        assert_eq!(hand.edition_or("other", || Ok(None)).expect("read"), None);
        let other = hand.edition_or("other", || Ok(Some(edition(9))));
        assert_eq!(
            other.expect("read"),
            Some(edition(9)),
            "absence is not kept"
        );
    }

    #[test]
    fn a_change_while_reading_makes_it_read_again() {
        let hand = AtHand::default();
        let read = || {
            hand.changed();
            Ok(Some(edition(1)))
        };
        assert_eq!(
            hand.edition_or("shop", read).expect("read"),
            Some(edition(1))
        );
        assert_eq!(hand.edition("shop"), None);
        let again = hand.edition_or("shop", || Ok(Some(edition(2))));
        assert_eq!(again.expect("read"), Some(edition(2)));
    }

    #[test]
    fn it_does_not_grow_without_end() {
        let hand = AtHand::default();
        for number in 0..100 {
            let name = format!("shop-{number}");
            let found = hand.edition_or(&name, || Ok(Some(edition(number))));
            assert_eq!(found.expect("read"), Some(edition(number)));
        }
        assert!(hand.editions.0.read().expect("whole").len() <= MOST);
    }
}

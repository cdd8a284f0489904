//! List cursors: where the next part of a list starts, sealed so that nobody can make one up or carry one elsewhere.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::error::{Code, ServiceError};

/// How much of the authentication code travels: 128 bits.
const SEAL_LENGTH: usize = 16;

/// No cursor of ours is longer.
const MAX_LENGTH: usize = 256;

/// The list that a cursor belongs to.
pub(super) struct List<'a> {
    /// What is listed.
    pub(super) of: &'static str,
    /// The keyspace.
    pub(super) keyspace: &'a str,
    /// The account, or empty.
    pub(super) account: &'a str,
    /// What is asked of its items, as a text that no other question has; empty where nothing is.
    pub(super) filter: &'a str,
}

/// Seals and opens cursors.
pub(super) struct Cursors {
    secret: [u8; 32],
}

impl Cursors {
    pub(super) const fn new(secret: [u8; 32]) -> Self {
        Self { secret }
    }

    pub(super) fn seal(&self, list: &List<'_>, position: &str) -> String {
        let seal = self.mac(list, position.as_bytes()).finalize().into_bytes();
        let mut cursor = seal[..SEAL_LENGTH].to_vec();
        cursor.extend(position.as_bytes());
        URL_SAFE_NO_PAD.encode(cursor)
    }

    pub(super) fn open(&self, list: &List<'_>, cursor: &str) -> Result<String, ServiceError> {
        self.read(list, cursor).ok_or_else(|| {
            let message = "is not a cursor of this list; take `next_cursor` of its last answer, or start without one";
            ServiceError::about_field(Code::InvalidCursor, "cursor", message)
        })
    }

    fn read(&self, list: &List<'_>, cursor: &str) -> Option<String> {
        if cursor.len() > MAX_LENGTH {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (seal, position) = bytes.split_at_checked(SEAL_LENGTH)?;
        self.mac(list, position).verify_truncated_left(seal).ok()?;
        String::from_utf8(position.to_vec()).ok()
    }

    fn mac(&self, list: &List<'_>, position: &[u8]) -> Hmac<Sha256> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.secret).expect("HMAC takes a key of any length");
        for part in [list.of, list.keyspace, list.account, list.filter] {
            // So that no two lists are authenticated alike, whatever stands in a filter.
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac.update(position);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: List<'_> = List {
        of: "keys",
        keyspace: "shop",
        account: "acme",
        filter: "",
    };

    #[test]
    fn a_cursor_opens_where_it_was_made_and_nowhere_else() {
        let cursors = Cursors::new([7; 32]);
        let cursor = cursors.seal(&LIST, "key_000000001");
        assert_eq!(
            cursors.open(&LIST, &cursor).expect("its own"),
            "key_000000001"
        );
        assert!(
            cursors
                .open(
                    &List {
                        account: "other",
                        ..LIST
                    },
                    &cursor
                )
                .is_err()
        );
        assert!(
            cursors
                .open(
                    &List {
                        filter: "level=full",
                        ..LIST
                    },
                    &cursor
                )
                .is_err()
        );
        assert!(
            cursors
                .open(
                    &List {
                        of: "audit",
                        ..LIST
                    },
                    &cursor
                )
                .is_err()
        );
        assert!(Cursors::new([8; 32]).open(&LIST, &cursor).is_err());
    }

    #[test]
    fn every_changed_character_is_refused() {
        let cursors = Cursors::new([7; 32]);
        let cursor = cursors.seal(&LIST, "key_000000001");
        for at in 0..cursor.len() {
            let mut changed = cursor.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).expect("ASCII");
            assert!(cursors.open(&LIST, &changed).is_err(), "{at}");
        }
        for other in ["", "AAAA", "not base64!", &"A".repeat(1000)] {
            assert!(cursors.open(&LIST, other).is_err(), "{other}");
        }
    }
}

//! Peppers: secrets of the deployment, without which the digests of its keys say nothing, not even of keys that can be
//! guessed.

use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::{Digest, DigestScheme};
use crate::error::{Code, Error};

const MAX_ID_LENGTH: usize = 16;
const SECRET_LENGTHS: std::ops::RangeInclusive<usize> = 16..=1024;

/// The name of a pepper: 1 to 16 of `a-z`, `0-9`, `_` and `-`, such as `2026-05`.
///
/// It stands in every digest made with the pepper, so that one can follow another.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PepperId {
    /// Zeros after the name.
    text: [u8; MAX_ID_LENGTH],
    length: u8,
}

impl PepperId {
    /// The name.
    pub fn as_str(&self) -> &str {
        // Nothing but ASCII comes in.
        std::str::from_utf8(&self.text[..usize::from(self.length)]).unwrap_or_default()
    }
}

impl FromStr for PepperId {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let is_allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
        let mut text = [0; MAX_ID_LENGTH];
        match (u8::try_from(name.len()), text.get_mut(..name.len())) {
            (Ok(length @ 1..), Some(start)) if name.bytes().all(is_allowed) => {
                start.copy_from_slice(name.as_bytes());
                Ok(Self { text, length })
            }
            _ => Err(Error::new(
                Code::InvalidArgument,
                "a pepper's id is 1 to 16 characters of a-z, 0-9, `_` and `-`",
            )),
        }
    }
}

impl fmt::Display for PepperId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for PepperId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A pepper: the key of HMAC-SHA-256 (RFC 2104) over keys. It is overwritten when it is dropped.
pub struct Pepper {
    id: PepperId,
    // Boxed, so that moving the pepper leaves no copy behind.
    keyed: Box<Hmac<Sha256>>,
}

impl Pepper {
    /// A pepper of 16 to 1,024 bytes, which should be random ones.
    pub fn new(id: PepperId, secret: &[u8]) -> Result<Self, Error> {
        if !SECRET_LENGTHS.contains(&secret.len()) {
            return Err(Error::new(
                Code::InvalidArgument,
                format!(
                    "pepper '{id}' has {} bytes: use 16 to 1,024 random ones",
                    secret.len()
                ),
            ));
        }
        Ok(Self {
            id,
            keyed: Box::new(keyed(secret)),
        })
    }

    /// Its name.
    pub const fn id(&self) -> PepperId {
        self.id
    }

    /// Digests a whole key. Both blocks of the pepper were hashed when it was made, so that this takes two compressions
    /// for keys of up to 55 bytes, and one more for each further 64.
    pub fn digest(&self, key: &[u8]) -> Digest {
        let code = (*self.keyed).clone().chain_update(key).finalize();
        Digest::new(DigestScheme::HmacSha256(self.id), code.into_bytes().into())
    }

    fn wipe(&mut self) {
        *self.keyed = keyed(&[]);
        // Or the compiler drops the write, since nothing reads it.
        zeroize::optimization_barrier(&*self.keyed);
    }
}

impl fmt::Debug for Pepper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pepper({}, [elided])", self.id)
    }
}

impl Drop for Pepper {
    fn drop(&mut self) {
        self.wipe();
    }
}

fn keyed(secret: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(secret).expect("HMAC takes a key of any length")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: &str) -> PepperId {
        name.parse().expect("a good id")
    }

    #[test]
    fn the_codes_are_those_of_rfc_4231() {
        let code = |secret: &[u8], data: &[u8]| {
            let pepper = Pepper {
                id: id("rfc"),
                keyed: Box::new(keyed(secret)),
            };
            pepper.digest(data).to_string()
        };
        assert_eq!(
            code(&[0x0b; 20], b"Hi There"),
            "hmac-sha256:rfc:b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        );
        assert_eq!(
            code(b"Jefe", b"what do ya want for nothing?"),
            "hmac-sha256:rfc:5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            code(
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First"
            ),
            "hmac-sha256:rfc:60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }

    #[test]
    fn one_pepper_digests_many_keys_and_another_digests_them_otherwise() {
        let pepper = Pepper::new(id("a"), &[1; 32]).expect("32 bytes");
        let first = pepper.digest(b"key");
        assert_eq!(pepper.digest(b"key"), first);
        assert!(pepper.digest(b"kez") != first);
        let other = Pepper::new(id("a"), &[2; 32]).expect("32 bytes");
        assert!(other.digest(b"key") != first);
        let renamed = Pepper::new(id("b"), &[1; 32]).expect("32 bytes");
        assert_eq!(renamed.digest(b"key").bytes(), first.bytes());
        assert!(renamed.digest(b"key") != first);
    }

    #[test]
    fn a_wiped_pepper_knows_nothing() {
        let mut pepper = Pepper::new(id("a"), &[1; 32]).expect("32 bytes");
        let before = pepper.digest(b"key");
        pepper.wipe();
        assert!(pepper.digest(b"key") != before);
        let empty = keyed(&[]).chain_update(b"key").finalize().into_bytes();
        assert_eq!(pepper.digest(b"key").bytes(), &<[u8; 32]>::from(empty));
    }

    #[test]
    fn peppers_have_16_to_1024_bytes() {
        for (length, is_fine) in [
            (0, false),
            (15, false),
            (16, true),
            (1024, true),
            (1025, false),
        ] {
            let pepper = Pepper::new(id("a"), &vec![7; length]);
            assert_eq!(pepper.is_ok(), is_fine, "{length}");
            if let Err(error) = pepper {
                assert_eq!(error.code(), Code::InvalidArgument);
            }
        }
    }

    #[test]
    fn ids_are_short_lowercase_words() {
        for name in ["a", "2026-05", "blue_2", "0123456789abcdef"] {
            assert_eq!(id(name).as_str(), name);
        }
        for name in ["", "A", "a b", "a:b", "ä", "a\0", "0123456789abcdefg"] {
            let error = name.parse::<PepperId>().expect_err(name);
            assert_eq!(error.code(), Code::InvalidArgument);
        }
        assert!(id("a") != id("a-"));
    }

    #[test]
    fn debug_shows_the_id_and_no_secret() {
        let pepper = Pepper::new(id("blue"), b"a secret of 24 bytes, ok").expect("24 bytes");
        assert_eq!(format!("{pepper:?}"), "Pepper(blue, [elided])");
    }
}

//! The public identifier of a key record: 53 bits, ordered by time, made of chance and never of the secret.

use std::fmt;
use std::str::FromStr;

use super::base62;
use crate::env::Entropy;
use crate::error::{Code, Error};
use crate::time::Timestamp;

/// 2020-01-01T00:00:00Z; 40 bits of milliseconds from here reach into 2054.
const ORIGIN_MILLIS: u64 = 1_577_836_800_000;
const RANDOM_BITS: u32 = 13;
const PREFIX: &str = "key_";
const DIGITS: usize = 9;

/// A key's id: 40 bits of milliseconds since 2020 and 13 random bits.
///
/// A number that JavaScript holds exactly (dialects show it as one), and a text, `key_` and nine base62 digits, whose
/// alphabetical order is the order of creation. It tells when a key was made and not how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(u64);

impl KeyId {
    /// How many bytes the text has.
    pub const TEXT_LENGTH: usize = PREFIX.len() + DIGITS;

    const MAX: u64 = (1 << 53) - 1;

    /// A new id. Two made in the same millisecond are equal once in 8,192 times: the store's constraint decides.
    pub fn generate(now: Timestamp, entropy: &dyn Entropy) -> Self {
        let mut random = [0; 2];
        entropy.fill(&mut random);
        let millis = u64::try_from(now.as_millis())
            .unwrap_or(0)
            .saturating_sub(ORIGIN_MILLIS);
        let random = u64::from(u16::from_le_bytes(random)) & ((1 << RANDOM_BITS) - 1);
        Self((millis << RANDOM_BITS | random) & Self::MAX)
    }

    /// The lowest id that can be made at `at`.
    pub fn first_at(at: Timestamp) -> Self {
        let millis = u64::try_from(at.as_millis()).unwrap_or(0);
        let number = millis
            .saturating_sub(ORIGIN_MILLIS)
            .saturating_mul(1 << RANDOM_BITS);
        Self(number.min(Self::MAX))
    }

    /// When it was made, as far as it tells: for ids that were not made here that may be any time.
    pub fn made_at(self) -> Timestamp {
        let millis = (self.0 >> RANDOM_BITS) + ORIGIN_MILLIS;
        Timestamp::from_millis(millis.cast_signed()).unwrap_or(Timestamp::MAX)
    }

    /// This id, or the next one after `previous` where it would not be later: for whoever makes many in a millisecond.
    #[must_use]
    pub const fn later_than(self, previous: Self) -> Self {
        if self.0 > previous.0 || previous.0 == Self::MAX {
            self
        } else {
            Self(previous.0 + 1)
        }
    }

    /// The id with this number, or `None` above 2⁵³ − 1.
    pub const fn from_u64(number: u64) -> Option<Self> {
        if number <= Self::MAX {
            Some(Self(number))
        } else {
            None
        }
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The text as bytes: `key_` and nine base62 digits.
    pub fn to_ascii(self) -> [u8; Self::TEXT_LENGTH] {
        let mut text = [0; Self::TEXT_LENGTH];
        text[..PREFIX.len()].copy_from_slice(PREFIX.as_bytes());
        base62::write(self.0, &mut text[PREFIX.len()..]);
        text
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_ascii()
            .iter()
            .try_for_each(|&byte| fmt::Write::write_char(f, char::from(byte)))
    }
}

impl FromStr for KeyId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        text.strip_prefix(PREFIX)
            .filter(|digits| digits.len() == DIGITS)
            .and_then(|digits| base62::read(digits.as_bytes()))
            .and_then(Self::from_u64)
            .ok_or_else(|| {
                Error::new(
                    Code::InvalidArgument,
                    "a key id is `key_` and nine base62 digits",
                )
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(u8);

    impl Entropy for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis).expect("after 1970")
    }

    #[test]
    fn the_time_can_be_read_back() {
        let made = at(1_790_000_000_000);
        for random in [0, 0xff] {
            assert_eq!(KeyId::generate(made, &Fixed(random)).made_at(), made);
        }
        assert_eq!(KeyId::generate(made, &Fixed(0)), KeyId::first_at(made));
        assert!(KeyId::generate(made, &Fixed(0xff)) < KeyId::first_at(at(1_790_000_000_001)));
        assert_eq!(KeyId::first_at(at(1)).get(), 0, "before there were ids");
        assert_eq!(KeyId::first_at(Timestamp::MAX).get(), KeyId::MAX);
    }

    #[test]
    fn text_sorts_by_time_and_reads_back() {
        let early = KeyId::generate(at(1_790_000_000_000), &Fixed(0xff));
        let late = KeyId::generate(at(1_790_000_000_001), &Fixed(0));
        assert!(early < late && early.to_string() < late.to_string());
        assert_eq!(late.to_string().parse(), Ok(late));
        assert_eq!(early.later_than(early).get(), early.get() + 1);
        assert_eq!(late.later_than(early), late);
        assert!("key_zzzzzzzzz".parse::<KeyId>().is_err(), "beyond 53 bits");
        assert!("key_00000000".parse::<KeyId>().is_err());
    }
}

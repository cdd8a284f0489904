//! The checksum of a key: the CRC-32 (IEEE 802.3) of its body in six base62 digits, the arithmetic of GitHub's tokens.
//!
//! It finds typos before any hashing. Anyone can compute it, so it never accepts a key.

use std::sync::LazyLock;

use super::base62;
use super::checksummed::{BODY_LENGTH, SECRET_LENGTH};

/// How many digits a checksum has: 62⁶ > 2³².
pub(super) const LENGTH: usize = 6;

/// CRC-32 by four bytes at a time: a chain of eight steps instead of thirty. Made at first use, since tables do not
/// compress in the shipped module.
static TABLES: LazyLock<[[u32; 256]; 4]> = LazyLock::new(|| {
    let mut tables = [[0u32; 256]; 4];
    for byte in 0..=255u8 {
        let mut crc = u32::from(byte);
        for table in &mut tables {
            for _ in 0..8 {
                crc = if crc & 1 == 1 {
                    (crc >> 1) ^ 0xedb8_8320
                } else {
                    crc >> 1
                };
            }
            table[usize::from(byte)] = crc;
        }
    }
    tables
});

fn crc32(bytes: &[u8]) -> u32 {
    let [one, two, three, four] = &*TABLES;
    let (words, rest) = bytes.as_chunks::<4>();
    let crc = words.iter().fold(!0, |crc, word| {
        let [a, b, c, d] = (crc ^ u32::from_le_bytes(*word))
            .to_le_bytes()
            .map(usize::from);
        four[a] ^ three[b] ^ two[c] ^ one[d]
    });
    !rest.iter().fold(crc, |crc, &byte| {
        one[usize::from(crc.to_le_bytes()[0] ^ byte)] ^ (crc >> 8)
    })
}

/// The six checksum digits of `body`.
pub fn checksum(body: &[u8]) -> [u8; LENGTH] {
    let mut digits = [0; LENGTH];
    base62::write(u64::from(crc32(body)), &mut digits);
    digits
}

/// Whether a secret part consists of base62 digits, the last six of which are the checksum of the others.
pub(super) fn holds(secret: &[u8; SECRET_LENGTH]) -> bool {
    let (body, digits) = secret.split_at(BODY_LENGTH);
    let seen = body
        .iter()
        .fold(0, |seen, &byte| seen | base62::VALUE[usize::from(byte)]);
    // No digit has the top bit; INVALID has.
    seen & 0x80 == 0 && base62::read(digits) == Some(u64::from(crc32(body)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc32_is_the_ieee_one() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn a_small_checksum_is_padded_with_zeros() {
        assert_eq!(&checksum(b""), b"000000");
    }
}

//! The checksum of a key: the CRC-32 (IEEE 802.3) of its body in six base62 digits, the arithmetic of GitHub's tokens.
//!
//! It finds typos before any hashing. Anyone can compute it, so it never accepts a key.

use super::base62;

/// How many digits a checksum has: 62⁶ > 2³².
pub(super) const LENGTH: usize = 6;

/// CRC-32 by byte: 1 KiB. Larger tables are faster by a few nanoseconds and do not compress in the shipped module.
const TABLE: [u32; 256] = {
    let mut table = [0u32; 256];
    let mut index = 0;
    while index < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "below 256")]
        let mut crc = index as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 {
                (crc >> 1) ^ 0xedb8_8320
            } else {
                crc >> 1
            };
            bit += 1;
        }
        table[index] = crc;
        index += 1;
    }
    table
};

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, &byte| {
        TABLE[usize::from(crc.to_le_bytes()[0] ^ byte)] ^ (crc >> 8)
    })
}

/// The six checksum digits of `body`.
pub fn checksum(body: &[u8]) -> [u8; LENGTH] {
    let mut digits = [0; LENGTH];
    base62::write(u64::from(crc32(body)), &mut digits);
    digits
}

/// Whether `digits` are the checksum of `body`.
pub(super) fn matches(body: &[u8], digits: &[u8]) -> bool {
    digits.len() == LENGTH && base62::read(digits) == Some(u64::from(crc32(body)))
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

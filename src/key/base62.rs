//! Base62 in the order `0-9A-Za-z`, which is also ASCII order, so that fixed-width numbers sort as text.

use crate::env::Entropy;

pub(super) const ALPHABET: &[u8; 62] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Marks a byte that is no digit in [`VALUE`].
pub(super) const INVALID: u8 = 0xff;

/// The value of each ASCII digit; [`INVALID`] for every other byte.
pub(super) const VALUE: [u8; 256] = {
    let mut table = [INVALID; 256];
    let mut value = 0;
    while value < 62 {
        #[expect(clippy::cast_possible_truncation, reason = "below 62")]
        let digit = value as u8;
        table[ALPHABET[value] as usize] = digit;
        value += 1;
    }
    table
};

/// Writes `number` with leading zeros; the digits that do not fit are dropped.
pub(super) fn write(number: u64, digits: &mut [u8]) {
    // Halves of five digits fit 32 bits, whose division is a multiplication; that of 64 bits is a slow instruction.
    const HALF: u64 = 62 * 62 * 62 * 62 * 62;
    let mut rest = number;
    for half in digits.rchunks_mut(5) {
        let mut low = u32::try_from(rest % HALF).unwrap_or(0);
        rest /= HALF;
        for digit in half.iter_mut().rev() {
            *digit = ALPHABET[(low % 62) as usize];
            low /= 62;
        }
    }
}

/// Reads a number of at most ten digits; `None` at the first byte that is no digit.
pub(super) fn read(digits: &[u8]) -> Option<u64> {
    debug_assert!(digits.len() <= 10, "62^10 fits in 64 bits");
    let mut number = 0u64;
    for &digit in digits {
        let value = VALUE[usize::from(digit)];
        if value == INVALID {
            return None;
        }
        number = number * 62 + u64::from(value);
    }
    Some(number)
}

/// Appends `count` random digits, each as likely as any other.
pub(super) fn push_random(text: &mut String, count: usize, entropy: &dyn Entropy) {
    let end = text.len() + count;
    let mut random = zeroize::Zeroizing::new([0; 48]);
    while text.len() < end {
        entropy.fill(random.as_mut());
        // 248 = 4 × 62: the bytes above would make the first digits likelier.
        let digits = random
            .iter()
            .filter(|&&byte| byte < 248)
            .map(|byte| ALPHABET[usize::from(byte % 62)]);
        text.extend(digits.take(end - text.len()).map(char::from));
    }
}

//! Grams, and lists of those who have them.

use sha2::{Digest as _, Sha256};

/// One to three characters of a name as a number: 21 bits each, one more than the character's own number, the first one
/// highest.
pub(super) type Gram = i64;

const LONGEST: usize = 3;

/// All grams of a name, each once, rising.
pub(super) fn all(name: &str) -> Vec<Gram> {
    let characters = characters(name);
    let mut grams: Vec<_> = (1..=LONGEST)
        .flat_map(|length| characters.windows(length).map(gram))
        .collect();
    grams.sort_unstable();
    grams.dedup();
    grams
}

/// The grams that a name must have with this part in it: as few as say all that grams can say.
pub(super) fn of_part(part: &str) -> Vec<Gram> {
    let characters = characters(part);
    let length = characters.len().clamp(1, LONGEST);
    let mut grams: Vec<_> = characters.windows(length).map(gram).collect();
    grams.sort_unstable();
    grams.dedup();
    grams
}

/// Stands for an account: a number that no gram has. Two accounts may share one, for what is found is held against the
/// key.
pub(super) fn of_account(keyspace: &str, account: &str) -> Gram {
    let mut hash = Sha256::new();
    for part in [keyspace, account] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let hash: [u8; 32] = hash.finalize().into();
    let first = hash.first_chunk().copied().unwrap_or_default();
    i64::from_le_bytes(first) | i64::MIN
}

fn characters(text: &str) -> Vec<u32> {
    text.chars().map(u32::from).collect()
}

fn gram(characters: &[u32]) -> Gram {
    (0..LONGEST).fold(0, |gram, place| {
        let character = characters.get(place).map_or(0, |character| character + 1);
        gram << 21 | i64::from(character)
    })
}

/// Packs rising numbers: the distances between them, seven bits a byte, lowest first, the highest bit where more
/// follow.
pub(super) fn pack(numbers: impl IntoIterator<Item = u16>) -> Vec<u8> {
    let (mut bytes, mut previous) = (Vec::new(), 0);
    for number in numbers {
        let mut distance = number - previous;
        previous = number;
        while distance >= 0x80 {
            bytes.push(low_seven(distance) | 0x80);
            distance >>= 7;
        }
        bytes.push(low_seven(distance));
    }
    bytes
}

const fn low_seven(number: u16) -> u8 {
    (number & 0x7f) as u8
}

/// Unpacks them.
pub(super) fn unpack(bytes: &[u8]) -> impl Iterator<Item = u16> {
    let (mut number, mut shift, mut previous) = (0_u16, 0, 0_u16);
    bytes.iter().filter_map(move |byte| {
        number |= u16::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        shift += 7;
        if byte & 0x80 != 0 {
            return None;
        }
        previous = previous.wrapping_add(number);
        (number, shift) = (0, 0);
        Some(previous)
    })
}

/// Leaves in `rising` what is also in `others`, which rise too.
pub(super) fn intersect(rising: &mut Vec<u16>, others: impl Iterator<Item = u16>) {
    let mut others = others.peekable();
    rising.retain(|number| {
        while others.next_if(|other| other < number).is_some() {}
        others.peek() == Some(number)
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_a_name_has_no_gram_that_the_name_lacks() {
        for name in ["a", "ab", "billing sync", "рассылка №7", "aaaa", "🦀🦀 x"] {
            let of_name = all(name);
            let characters: Vec<char> = name.chars().collect();
            for start in 0..characters.len() {
                for end in start + 1..=characters.len() {
                    let part: String = characters[start..end].iter().collect();
                    let of_part = of_part(&part);
                    assert!(!of_part.is_empty());
                    assert!(
                        of_part.iter().all(|gram| of_name.contains(gram)),
                        "{part} of {name}"
                    );
                }
            }
        }
    }

    #[test]
    fn grams_differ_where_their_characters_do() {
        let grams = [
            "a",
            "aa",
            "aaa",
            "\0",
            "a\0",
            "ab",
            "b",
            "\u{10ffff}\u{10ffff}\u{10ffff}",
        ]
        .map(|text| of_part(text)[0]);
        let mut distinct = grams.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), grams.len());
        assert!(grams.iter().all(|gram| *gram > 0));
    }

    #[test]
    fn accounts_are_no_grams_and_differ_by_keyspace() {
        let accounts = [
            ("shop", "acme"),
            ("shop", "bolt"),
            ("other", "acme"),
            ("sho", "pacme"),
        ];
        let mut numbers = accounts.map(|(keyspace, account)| of_account(keyspace, account));
        assert!(numbers.iter().all(|number| *number < 0));
        numbers.sort_unstable();
        assert!(numbers.array_windows().all(|[one, next]| one != next));
    }

    #[test]
    fn packed_and_back() {
        for numbers in [
            vec![],
            vec![0],
            vec![0, 1, 127, 128, 4095, 65_535],
            vec![65_535],
            (0..=65_535).collect(),
        ] {
            let packed = pack(numbers.iter().copied());
            assert_eq!(unpack(&packed).collect::<Vec<_>>(), numbers);
        }
    }

    #[test]
    fn what_both_have() {
        let mut numbers = vec![1, 3, 5, 9, 4095];
        intersect(&mut numbers, [0, 3, 4, 9, 10, 4095].into_iter());
        assert_eq!(numbers, [3, 9, 4095]);
        intersect(&mut numbers, [].into_iter());
        assert!(numbers.is_empty());
    }
}

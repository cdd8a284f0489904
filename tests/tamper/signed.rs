//! Files that were damaged before they were signed: none panics, lets a stranger in, or takes memory or time for what
//! only a number claims.

use keyward::error::Code;

use crate::forge::{self, EPOCH, ERA, KEYSPACE, NOW, SECTIONS};
use crate::{files, open, open_signed, shard};

#[test]
fn no_flipped_bit_of_a_signed_shard_panics_or_lets_a_stranger_in() {
    let shard = shard(ERA, EPOCH);
    let mut opened = 0;
    for bit in 0..shard.len() * 8 {
        let mut flipped = shard.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        opened += u32::from(open_signed(&flipped).is_ok());
    }
    assert!(
        opened > 0,
        "a flipped digest alone is a good shard of another key"
    );
}

#[test]
fn signed_lengths_that_do_not_add_up_are_refused() {
    let shard = shard(ERA, EPOCH);
    let length = |section: usize| forge::sections(&shard)[section].len();
    let with = |changes: &[(usize, usize)]| {
        let mut changed = shard.clone();
        for &(section, length) in changes {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "lengths beyond 32 bits are to wrap"
            )]
            changed[24 + section * 4..][..4].copy_from_slice(&(length as u32).to_le_bytes());
        }
        open_signed(&changed)
    };
    for section in 0..SECTIONS {
        for wrong in [
            length(section) + 1,
            length(section) + 48,
            1 << 30,
            1 << 31,
            u32::MAX as usize,
        ] {
            assert!(
                with(&[(section, wrong)]).is_err(),
                "section {section} of {wrong}"
            );
        }
        for other in (0..SECTIONS).filter(|&other| other != section) {
            // The sum is right in 32 bits only.
            let wrapped = [
                (section, length(section) + (1 << 31)),
                (other, length(other) + (1 << 31)),
            ];
            assert!(
                with(&wrapped).is_err(),
                "sections {section} and {other} wrap"
            );
            // The sum is right, the border between the two is not.
            for moved in [1, 4, 28, 48] {
                if length(other) >= moved {
                    let _ = with(&[
                        (section, length(section) + moved),
                        (other, length(other) - moved),
                    ]);
                }
            }
        }
    }
    for length in 0..=shard.len() {
        let _ = open_signed(&shard[..length])
            .map_err(|error| assert_eq!(error.code(), Code::InvalidSnapshot));
    }
}

#[test]
fn signed_numbers_that_name_nothing_do_no_harm() {
    let shard = shard(ERA, EPOCH);
    let [
        profile,
        schemes,
        policies,
        records,
        directory,
        owners,
        accounts,
        note_index,
        notes,
        limit_index,
        limits,
    ] = forge::sections(&shard);
    let spoilt = |at: usize, bytes: &[u8]| {
        let mut changed = shard.clone();
        changed[at..at + bytes.len()].copy_from_slice(bytes);
        open_signed(&changed)
    };
    let refused = |at: usize, bytes: &[u8]| spoilt(at, bytes).expect_err("damaged").code();
    assert_eq!(
        refused(policies.start, &[3]),
        Code::InvalidSnapshot,
        "a status that does not exist"
    );
    assert_eq!(
        refused(policies.start + 1, &[2]),
        Code::InvalidSnapshot,
        "half of everything"
    );
    assert_eq!(
        refused(policies.start + 2, &[2, 0]),
        Code::InvalidSnapshot,
        "a level that does not exist"
    );
    assert_eq!(
        refused(policies.start + 2, &[1, 0]),
        Code::InvalidSnapshot,
        "another level than the scopes are of"
    );
    assert_eq!(
        refused(policies.start + 20, &[0; 4]),
        Code::InvalidSnapshot,
        "a window without a limit"
    );
    assert_eq!(
        refused(policies.start + 24, &[0; 4]),
        Code::InvalidSnapshot,
        "a limit without a window"
    );
    assert_eq!(
        refused(policies.start + 20, &[0xff; 4]),
        Code::InvalidSnapshot,
        "a rate beyond a million a second"
    );
    assert_eq!(
        refused(profile.start, b"kwprof"),
        Code::InvalidProfile,
        "no profile"
    );
    assert_eq!(
        refused(0, b"KWSHARD\x02"),
        Code::InvalidSnapshot,
        "version 2"
    );
    assert_eq!(refused(12, &[1]), Code::InvalidSnapshot, "shard 1 of one");

    // Every 32-bit number of the table at its bounds. What belongs to one record is read when that record is.
    for (section, read_at_once) in [
        (schemes, true),
        (records, false),
        (directory, true),
        (owners, false),
        (accounts, true),
        (note_index, false),
        (notes, false),
        (limit_index, false),
        (limits, false),
    ] {
        for at in section.start..section.end.saturating_sub(3) {
            for number in [
                0,
                1,
                2,
                0x3fff_ffff,
                0x4000_0000,
                0x7fff_ffff,
                0x8000_0000,
                u32::MAX - 1,
                u32::MAX,
            ] {
                if let Err(error) = spoilt(at, &number.to_le_bytes()) {
                    assert_eq!(error.code(), Code::InvalidSnapshot, "byte {at}");
                    assert!(read_at_once, "byte {at}: {error}");
                }
            }
        }
    }
    // Counts of a compiled profile: 16 bits each, and the 32 of its nodes.
    for at in profile.start + 8..profile.end.saturating_sub(3) {
        let _ = spoilt(at, &[0xff; 2]);
        let _ = spoilt(at, &[0xff; 4]);
    }
}

#[test]
fn signed_heads_that_state_nonsense_are_refused() {
    let (head, shard) = files();
    let (keyring, statement) = forge::payloads(&head);
    let code = |keyring: &[u8], statement: &[u8]| {
        open(&forge::sign_raw(keyring, statement), &shard)
            .map(|_| ())
            .map_err(|error| error.code())
    };
    assert_eq!(code(keyring, statement), Ok(()));
    let spoilt = |payload: &[u8], at: usize, bytes: &[u8]| {
        let mut changed = payload.to_vec();
        changed[at..at + bytes.len()].copy_from_slice(bytes);
        changed
    };
    let time = |millis: i64| millis.to_le_bytes();
    // After the keyspace: era 5, epoch 9, issued_at 17, fresh_for 25, valid_until 29, shard bits 37, shard 38, deltas
    // 74.
    for (what, at, bytes) in [
        ("a keyspace that is longer than all", 0, &[200][..]),
        ("a keyspace beyond 64 bytes", 0, &[65]),
        ("a keyspace that is not UTF-8", 1, &[0xff]),
        ("epoch 2^53", 9, &(1u64 << 53).to_le_bytes()),
        ("the last epoch of 64 bits", 9, &u64::MAX.to_le_bytes()),
        ("fresh for longer than valid", 25, &86_401u32.to_le_bytes()),
        ("fresh for 136 years", 25, &u32::MAX.to_le_bytes()),
        ("valid for 30 days and 1 ms", 29, &time(NOW + 2_592_000_001)),
        ("valid for ever", 29, &time((1 << 53) - 1)),
        ("issued at 0", 17, &time(0)),
        ("issued before 1970", 17, &time(-1)),
        ("issued beyond 2^53", 17, &time(1 << 53)),
        ("issued at the end of numbers", 17, &time(i64::MAX)),
        ("valid until 0", 29, &time(0)),
        ("valid until before it was issued", 29, &time(NOW - 1)),
        ("valid until it was issued", 29, &time(NOW)),
        ("two shards, one named", 37, &[1]),
        ("512 shards, one named", 37, &[9]),
        ("1,024 shards", 37, &[10]),
        ("2^255 shards", 37, &[255]),
        ("one delta", 74, &[1, 0]),
        ("65,535 deltas", 74, &[0xff, 0xff]),
    ] {
        assert_eq!(
            code(keyring, &spoilt(statement, at, bytes)),
            Err(Code::InvalidSnapshot),
            "{what}"
        );
    }
    for length in 0..statement.len() {
        assert_eq!(
            code(keyring, &statement[..length]),
            Err(Code::InvalidSnapshot),
            "statement cut at {length}"
        );
    }
    assert_eq!(
        code(keyring, &[statement, &[0]].concat()),
        Err(Code::InvalidSnapshot)
    );
    // 255 keys, one there; a keyring cut short; a keyring with something after it.
    assert_eq!(
        code(&spoilt(keyring, 9, &[255]), statement),
        Err(Code::InvalidSnapshot)
    );
    for length in 0..keyring.len() {
        assert_eq!(
            code(&keyring[..length], statement),
            Err(Code::InvalidSnapshot),
            "keyring cut at {length}"
        );
    }
    assert_eq!(
        code(&[keyring, &[0]].concat(), statement),
        Err(Code::InvalidSnapshot)
    );

    let mut several = forge::statement(KEYSPACE, ERA, EPOCH, &shard);
    several.shards.push(several.shards[0]);
    let several = several.sign(
        &forge::online(),
        &forge::keyring(KEYSPACE, ERA).sign(&forge::root()),
    );
    assert_eq!(
        open(&several, &shard)
            .map(|_| ())
            .map_err(|error| error.code()),
        Err(Code::InvalidSnapshot)
    );
}

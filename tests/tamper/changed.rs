//! Files that were changed or mixed after they were signed: none is accepted.

use keyward::error::Code;
use keyward::snapshot::{Head, SigningKey};

use crate::forge::{self, EPOCH, ERA, KEYSPACE, STRANGER};
use crate::{files, open, open_signed, shard};

#[test]
fn the_untouched_files_are_accepted() {
    let (head, shard) = files();
    assert!(open(&head, &shard).is_ok());
    assert_eq!(open_signed(&shard), Ok(()));
    let (keyring, statement) = forge::payloads(&head);
    assert_eq!(forge::sign_raw(keyring, statement), head);
}

#[test]
fn no_flipped_bit_is_accepted() {
    let (head, shard) = files();
    for bit in 0..head.len() * 8 {
        let mut flipped = head.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(open(&flipped, &shard).is_err(), "bit {bit} of the head");
    }
    for bit in 0..shard.len() * 8 {
        let mut flipped = shard.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(open(&head, &flipped).is_err(), "bit {bit} of the shard");
    }
}

#[test]
fn nothing_cut_off_or_added_is_accepted() {
    let (head, shard) = files();
    for length in 0..head.len() {
        assert!(
            open(&head[..length], &shard).is_err(),
            "head cut at {length}"
        );
        assert!(
            open(&head[length + 1..], &shard).is_err(),
            "head from {length}"
        );
    }
    for length in 0..shard.len() {
        assert!(
            open(&head, &shard[..length]).is_err(),
            "shard cut at {length}"
        );
        assert!(
            open(&head, &shard[length + 1..]).is_err(),
            "shard from {length}"
        );
    }
    for count in 1..=64 {
        for filler in [
            vec![0; count],
            vec![0xff; count],
            head[..count].to_vec(),
            shard[shard.len() - count..].to_vec(),
        ] {
            assert!(open(&[&head[..], &filler].concat(), &shard).is_err());
            assert!(open(&head, &[&shard[..], &filler].concat()).is_err());
        }
    }
    assert!(open(&[&head[..], &head].concat(), &shard).is_err());
    assert!(open(&head, &[&shard[..], &shard].concat()).is_err());
    assert!(open(&shard, &head).is_err());
}

#[test]
fn files_of_different_states_do_not_mix() {
    let states = [
        ("mail", 3, 7),
        ("mail", 3, 8),
        ("mail", 4, 7),
        ("news", 3, 7),
        ("mails", 3, 7),
    ];
    let published = states.map(|(keyspace, era, epoch)| {
        let shard = shard(era, epoch);
        (forge::head(keyspace, era, epoch, &shard), shard)
    });
    for (one, (head, _)) in states.iter().zip(&published) {
        for (two, (other, shard)) in states.iter().zip(&published) {
            // A shard says its era and epoch; which keyspace it is of says the head that names its digest.
            let fits = (one.1, one.2) == (two.1, two.2);
            assert_eq!(
                open(head, shard).is_ok(),
                fits,
                "{one:?} with the shard of {two:?}"
            );
            let file = [&other[..12], &other[12..84], &head[84..156]].concat();
            let (keyring, statement) = (forge::payloads(other).0, forge::payloads(head).1);
            let mut mixed = [&file[..], keyring, statement].concat();
            mixed[10..12]
                .copy_from_slice(&u16::try_from(statement.len()).expect("short").to_le_bytes());
            let fits = (one.0, one.1) == (two.0, two.1);
            let opened = Head::open(&mixed, &[forge::root().public()], None);
            assert_eq!(opened.is_ok(), fits, "{one:?} under the keyring of {two:?}");
        }
    }
}

#[test]
fn signatures_count_only_from_whom_they_must_come() {
    let (head, shard) = files();
    let statement = forge::statement(KEYSPACE, ERA, EPOCH, &shard);
    let keyring = forge::keyring(KEYSPACE, ERA);
    let stranger = SigningKey::from_seed(&STRANGER);
    let code = |head: &[u8]| {
        open(head, &shard)
            .map(|_| ())
            .expect_err("not signed as it must be")
            .code()
    };
    // The online key is no root, the root no online key, and a stranger neither.
    for (root, online) in [
        (forge::online(), forge::online()),
        (forge::root(), forge::root()),
        (stranger, forge::online()),
    ] {
        assert_eq!(
            code(&statement.sign(&online, &keyring.sign(&root))),
            Code::BadSignature
        );
    }
    let mut nobody = keyring.clone();
    nobody.keys.clear();
    assert_eq!(
        code(&statement.sign(&forge::online(), &nobody.sign(&forge::root()))),
        Code::BadSignature
    );
    // A signature of one role does not hold for the other.
    let (keyring, statement) = forge::payloads(&head);
    assert_eq!(
        code(&forge::sign_raw(statement, keyring)),
        Code::InvalidSnapshot
    );
}

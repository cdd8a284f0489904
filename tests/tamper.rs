//! Snapshots that were changed on the way (threat 8), mixed (threats 10 and 14), or signed although they are damaged
//! (threat 9): none is accepted, none panics, none takes memory or time for what only a number claims.
#![cfg(not(target_family = "wasm"))]

mod forge;

use keyward::error::{Code, Error};
use keyward::profile::Profile;
use keyward::snapshot::{Head, Snapshot};
use keyward::verify::{Ask, Decision, Reason};

use forge::{EPOCH, ERA, Issued, KEYSPACE, NOW, STRANGER};

const KEY: &str = "es_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17";
const OTHER: &str = "es_000000000000000000000000000000";

const PROFILE: &str = r#"
    schema_version = 1
    id = "small"
    title = ""
    key = { prefix = "es" }
    request = { transports = ["bearer"], realm = "" }
    scopes = [{ id = "read", title = "" }]
    levels = [{ id = "some", title = "", scopes = ["read"] }]
    routes = [{ scope = "read", calls = ["GET /x/{id}"] }]
"#;

fn profile() -> Profile {
    Profile::from_toml(PROFILE).expect("a good profile")
}

/// A well-formed key that was never issued.
fn other() -> String {
    let digits = keyward::key::checksum(&OTHER.as_bytes()[3..]);
    format!("{OTHER}{}", std::str::from_utf8(&digits).expect("ASCII"))
}

fn shard(era: u32, epoch: u64) -> Vec<u8> {
    let issued = Issued {
        key: KEY,
        level: "some",
        account: "acme",
        expires_at: Some(NOW + 60_000),
        subject: Some("app"),
        meta: Some("{}"),
    };
    forge::shard(era, epoch, profile(), &[issued])
}

fn files() -> (Vec<u8>, Vec<u8>) {
    let shard = shard(ERA, EPOCH);
    (forge::head(KEYSPACE, ERA, EPOCH, &shard), shard)
}

fn open(head: &[u8], shard: &[u8]) -> Result<Snapshot, Error> {
    Snapshot::open(
        head,
        shard.to_vec(),
        &[forge::root().public()],
        None,
        (0, 0),
    )
}

/// Opens a shard under a head that was signed over exactly these bytes, and asks it everything. What was never issued
/// stays unknown, whatever the shard says.
fn open_signed(shard: &[u8]) -> Result<(), Error> {
    let number = |at: usize| {
        shard.get(at..at + 4).map_or(0, |bytes| {
            u32::from_le_bytes(bytes.try_into().expect("four"))
        })
    };
    let epoch = u64::from(number(20)) << 32 | u64::from(number(16));
    let snapshot = open(&forge::head(KEYSPACE, number(8), epoch, shard), shard)?;
    let call = Ask::Call {
        method: b"GET",
        path: b"/x/1",
    };
    let verifier = &snapshot.verifier;
    if let Decision::Allow(grant) = verifier.verify_key(KEY.as_bytes(), call, forge::at(NOW)) {
        let _ = (
            grant.key_id(),
            grant.account(),
            grant.subject(),
            grant.meta(),
        );
        let _ = (
            grant.level(),
            grant.scopes(),
            grant.expires_at(),
            grant.route(),
        );
    }
    let _ = verifier.explain_key(KEY.as_bytes(), call, Some(forge::at(NOW)));
    let stranger = verifier.verify_key(other().as_bytes(), Ask::Alive, forge::at(NOW));
    assert!(matches!(
        stranger.reason(),
        Some(Reason::UnknownKey | Reason::MalformedKey)
    ));
    Ok(())
}

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
    let stranger = keyward::snapshot::SigningKey::from_seed(&STRANGER);
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
    for section in 0..8 {
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
        for other in (0..8).filter(|&other| other != section) {
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
            for moved in [1, 4, 20, 48] {
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
        policies,
        records,
        directory,
        owners,
        accounts,
        note_index,
        notes,
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
        refused(policies.start + 2, &[1, 0]),
        Code::InvalidSnapshot,
        "a level that does not exist"
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

    // Every 32-bit number of the table at its bounds; a lookup reads them only in place.
    for section in [records, directory, owners, accounts, note_index, notes] {
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
                assert_eq!(spoilt(at, &number.to_le_bytes()), Ok(()), "byte {at}");
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
    // After the keyspace: era 5, epoch 9, issued_at 17, fresh_for 25, valid_until 29, shard bits 37, shard 38, deltas 74.
    for (what, at, bytes) in [
        ("a keyspace that is longer than all", 0, &[200][..]),
        ("a keyspace beyond 64 bytes", 0, &[65]),
        ("a keyspace that is not UTF-8", 1, &[0xff]),
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

use std::os::unix::fs::PermissionsExt as _;
use std::sync::atomic::{AtomicI64, Ordering};

use super::{look_into, number, open};
use crate::store::contract::{Directory, make, stage};
use crate::store::{Store, backup, check};

#[test]
fn a_copy_beside_a_server_has_all_that_was_acknowledged() {
    let place = Directory::new();
    let (store, path) = open(&place);
    stage(&store);
    let made = AtomicI64::new(0);
    std::thread::scope(|scope| {
        for worker in 1..=4 {
            let (store, made) = (&store, &made);
            scope.spawn(move || {
                for number in 0..50 {
                    make(store, number * 4 + worker);
                    made.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        for round in 0..5 {
            let copy = place.path().join(format!("copy {round}"));
            let acknowledged = made.load(Ordering::SeqCst);
            backup(&path, &copy).expect("a copy");
            check(&copy).expect("sound");
            let db = look_into(&copy);
            let copied = number(&db, "SELECT count(*) FROM keys");
            assert!(copied >= acknowledged, "{copied} of {acknowledged}");
            let changes = number(
                &db,
                "SELECT count(*) FROM audit WHERE action = 'key.create'",
            );
            assert_eq!(copied, changes, "one state");
            let permissions = std::fs::metadata(&copy)
                .expect("the copy")
                .permissions()
                .mode();
            assert_eq!(permissions & 0o777, 0o600);
        }
    });
    let copy = place.path().join("last");
    backup(&path, &copy).expect("a copy");
    drop(store);
    let restored = super::SqliteStore::open(&copy).expect("a database like any other");
    assert_eq!(
        restored
            .count_keys("shop", &crate::store::KeyFilter::default())
            .expect("an answer"),
        Some(200)
    );
}

#[test]
fn nothing_is_overwritten_and_nothing_half_done_is_left() {
    let place = Directory::new();
    let (_store, path) = open(&place);
    let taken = place.path().join("taken");
    std::fs::write(&taken, "something else").expect("written");
    assert!(backup(&path, &taken).is_err());
    assert_eq!(
        std::fs::read(&taken).expect("still there"),
        b"something else"
    );

    let copy = place.path().join("copy");
    let missing = place.path().join("missing.db");
    let refused = backup(&missing, &copy).expect_err("there is nothing to copy");
    assert!(refused.to_string().contains("no database"), "{refused}");
    std::fs::write(
        &missing,
        "this is no database at all, but is long enough for a header".repeat(9),
    )
    .expect("written");
    assert!(backup(&missing, &copy).is_err());
    assert!(!copy.exists());
}

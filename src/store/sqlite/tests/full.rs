//! Threat 3: on a full disk, keys can still be revoked.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use crate::store::contract::{Directory, act, make, new_key, path, read, stage};
use crate::store::sqlite::SqliteStore;
use crate::store::{KeyTransition, Store};

/// A small file system of its own, for as long as the value lives.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    /// `None` where this user may not mount anything.
    fn at(place: &'a Path) -> Option<Self> {
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=16m", "tmpfs"])
            .arg(place)
            .output();
        mounted
            .is_ok_and(|mounted| mounted.status.success())
            .then_some(Self(place))
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(self.0).status());
    }
}

#[test]
fn keys_are_revoked_where_none_can_be_made() {
    let place = Directory::new();
    let Some(disk) = SmallDisk::at(place.path()) else {
        eprintln!("not tested: this user may not mount a small file system");
        return;
    };
    let store = SqliteStore::open(&disk.0.join("keyward.db")).expect("a new database");
    let reserve = disk.0.join("keyward.reserve");
    stage(&store);
    for made in 1..=60 {
        make(&store, made);
    }
    let ballast = disk.0.join("ballast");
    fill(&ballast);
    let mut acknowledged: Vec<i64> = (1..=60).collect();
    let refused = (61..5000).find_map(|made| {
        let created = store.insert_key(path(made), new_key(&made.to_string()), None, act(made));
        match created {
            Ok(_) => {
                acknowledged.push(made);
                fill(&ballast);
                None
            }
            Err(error) => Some(error),
        }
    });
    let refused = refused.expect("the disk is full at last");
    assert!(refused.is_unavailable() && refused.is_full(), "{refused}");
    assert!(reserve.exists(), "kept for those who revoke");

    for made in 1..=20 {
        let disabled = store.change_key(path(made), KeyTransition::Disable, None, act(9000));
        disabled.expect("revoking goes on").expect("the key");
    }
    for made in 21..=40 {
        let gone = store.change_key(path(made), KeyTransition::Deactivate, None, act(9000));
        gone.expect("revoking goes on").expect("the key");
    }
    for made in 41..=60 {
        store
            .delete_key(path(made), None, act(9000))
            .expect("revoking goes on");
    }
    assert!(!reserve.exists(), "it was needed");
    let refused = store.insert_key(path(7777), new_key("7777"), None, act(9001));
    assert!(refused.expect_err("no space").is_full());
    let refused = store.change_key(path(1), KeyTransition::Enable, None, act(9001));
    assert!(refused.expect_err("no revocation").is_full());
    assert_eq!(read(&store, &path(1)).state.as_str(), "disabled");
    assert_eq!(read(&store, &path(21)).state.as_str(), "deactivated");

    fs::remove_file(&ballast).expect("there");
    make(&store, 8888);
    assert!(reserve.exists(), "taken back");
    let store = {
        drop(store);
        SqliteStore::open(&disk.0.join("keyward.db")).expect("sound")
    };
    crate::store::check(&disk.0.join("keyward.db")).expect("sound");
    for made in acknowledged {
        let key = store.key(&path(made)).expect("an answer");
        let state = key.as_ref().map(|key| key.state.as_str());
        let expected = match made {
            1..=20 => Some("disabled"),
            21..=40 => Some("deactivated"),
            41..=60 => None,
            _ => Some("active"),
        };
        assert_eq!(state, expected, "{made}");
    }
}

/// Writes until nothing more can be written.
fn fill(path: &Path) {
    let mut file = File::options()
        .append(true)
        .create(true)
        .open(path)
        .expect("a file");
    for size in [65_536, 4096, 1] {
        while file.write_all(&vec![0; size]).is_ok() {}
    }
}

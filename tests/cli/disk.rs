//! Threat 3: a disk that is full, under a running server. Reading and revoking go on, nothing that was acknowledged is
//! lost, and when there is space again the server goes on by itself.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::program::directory::Directory;
use crate::program::{Program, Signal};
use crate::text;
use serde_json::{Value, json};

const KEYS: &str = "/v1/keyspaces/shop/accounts/acme/keys";

/// How many keys there are of each kind before the disk is full.
const OF_EACH: usize = 8;

/// A small file system of its own, for as long as the value lives.
struct SmallDisk {
    place: Directory,
}

impl SmallDisk {
    /// `None` where this user may not mount anything: printed, so that nobody takes it for tested; in CI a failure.
    fn of(size: &str) -> Option<Self> {
        let place = Directory::new();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(place.path())
            .output();
        if mounted.is_ok_and(|mounted| mounted.status.success()) {
            return Some(Self { place });
        }
        let is_ci = std::env::var_os("CI").is_some();
        assert!(
            !is_ci,
            "no disk of {size} can be mounted here, and CI leaves nothing out"
        );
        eprintln!("LEFT OUT: a full disk of {size}; only root on Linux can mount one");
        None
    }

    fn ballast(&self) -> PathBuf {
        self.place.path().join("ballast")
    }

    /// Leaves no byte.
    fn fill(&self) {
        let mut file = File::options()
            .append(true)
            .create(true)
            .open(self.ballast())
            .expect("a file");
        for size in [65_536, 4096, 1] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
    }

    fn empty(&self) {
        fs::remove_file(self.ballast()).expect("it is there");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let place = self.place.path();
        drop(Command::new("umount").arg("-l").arg(place).status());
    }
}

/// A server on a small disk, and what it acknowledged.
struct Shop {
    program: Program,
    operator: String,
    /// The state of each key, by id; deleted ones are in it without one.
    states: BTreeMap<String, Option<&'static str>>,
    made: usize,
}

impl Shop {
    fn on(data: &Path, log: &Path) -> Self {
        let program = Program::serve(data, log);
        let operator = fs::read_to_string(data.join("operator.key")).expect("the key");
        let shop = Self {
            program,
            operator: operator.trim_end().to_owned(),
            states: BTreeMap::new(),
            made: 0,
        };
        let keyspace = json!({ "id": "shop", "profile": "keyward" });
        for (path, body) in [
            ("/v1/keyspaces", keyspace),
            ("/v1/keyspaces/shop/accounts", json!({ "id": "acme" })),
        ] {
            shop.program.json(&shop.operator, "POST", path, Some(body));
        }
        shop
    }

    fn call(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let answer = self.program.call(&self.operator, method, path, body);
        let (status, body) = answer.expect("the server keeps up");
        let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
        (status, body)
    }

    /// The id and the text of a new key; what it says where there is no room.
    fn make(&mut self) -> Result<(String, String), (u16, Value)> {
        self.made += 1;
        let body = json!({ "name": format!("key {}", self.made), "level": "full" });
        let (status, body) = self.call("POST", KEYS, Some(body));
        if status != 201 {
            return Err((status, body));
        }
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let made = (text(&body["record"]["id"]), text(&body["key"]));
        self.states.insert(made.0.clone(), Some("active"));
        Ok(made)
    }

    fn revoke(&mut self, id: &str, method: &str, verb: &str, state: Option<&'static str>) {
        let (status, body) = self.call(method, &format!("{KEYS}/{id}{verb}"), None);
        assert!((200..300).contains(&status), "{id}{verb}: {status} {body}");
        self.states.insert(id.to_owned(), state);
    }

    fn refusal(&self, key: &str) -> Option<String> {
        let ask = json!({ "key": key, "method": "GET", "path": "/" });
        let (status, decision) = self.call("POST", "/v1/keyspaces/shop/verify", Some(ask));
        assert_eq!(status, 200, "{decision}");
        decision["reason"].as_str().map(str::to_owned)
    }

    /// Holds the server to what it acknowledged.
    fn check(&self) {
        for (id, state) in &self.states {
            let (status, record) = self.call("GET", &format!("{KEYS}/{id}"), None);
            let expected = state.map_or(404, |_| 200);
            assert_eq!(status, expected, "{id}: {record}");
            assert_eq!(record["status"].as_str(), *state, "{id}");
        }
        let (_, check) = self.call("GET", "/v1/audit/check", None);
        assert_eq!(check["intact"], true, "{check}");
    }
}

#[test]
fn revoking_and_reading_go_on_where_nothing_can_be_made() {
    // With room for the whole reserve, and for a small one only.
    for size in ["16m", "4m"] {
        let Some(disk) = SmallDisk::of(size) else {
            return;
        };
        on_a_full_disk(&disk);
    }
}

fn on_a_full_disk(disk: &SmallDisk) {
    let data = disk.place.path().join("data");
    let elsewhere = Directory::new();
    let log = elsewhere.path().join("log");
    let mut shop = Shop::on(&data, &log);
    let keys: Vec<_> = (0..=OF_EACH * 3)
        .map(|_| shop.make().expect("there is room"))
        .collect();
    let (kept, revoked) = keys.split_last().expect("keys");

    disk.fill();
    let mut further = 0;
    let (status, problem) = loop {
        match shop.make() {
            Ok(_) => {
                further += 1;
                disk.fill();
            }
            Err(refused) => break refused,
        }
    };
    assert_eq!(
        (status, problem["code"].as_str()),
        (503, Some("unavailable"))
    );
    assert!(further < 5000, "a full disk that takes everything");

    assert_eq!(shop.refusal(&kept.1), None);
    assert_eq!(shop.call("GET", KEYS, None).0, 200);
    assert_eq!(shop.call("GET", "/v1/keyspaces/shop/head", None).0, 200);
    assert_eq!(shop.call("GET", "/healthz", None).0, 200);
    let [disabled, deactivated, deleted] =
        [0, 1, 2].map(|part| &revoked[part * OF_EACH..][..OF_EACH]);
    for (id, key) in disabled {
        shop.revoke(id, "POST", "/disable", Some("disabled"));
        assert_eq!(shop.refusal(key).as_deref(), Some("disabled"));
    }
    for (id, key) in deactivated {
        shop.revoke(id, "POST", "/deactivate", Some("deactivated"));
        assert_eq!(shop.refusal(key).as_deref(), Some("deactivated"));
    }
    for (id, key) in deleted {
        shop.revoke(id, "DELETE", "", None);
        assert_eq!(shop.refusal(key).as_deref(), Some("unknown_key"));
    }
    let (status, _) = shop.make().expect_err("the reserve is for revocations");
    assert_eq!(status, 503);
    let enable = format!("{KEYS}/{}/enable", disabled[0].0);
    assert_eq!(
        shop.call("POST", &enable, None).0,
        503,
        "nothing comes back"
    );
    assert_eq!(shop.refusal(&kept.1), None);

    disk.empty();
    shop.make()
        .expect("space is back, and nobody had to do anything");
    shop.revoke(&kept.0, "POST", "/disable", Some("disabled"));
    let lines = fs::read_to_string(data.join("revocations.log")).expect("the log");
    for (id, _) in &keys {
        assert!(lines.contains(id), "{id} is not in the log of revocations");
    }
    shop.check();
    let reserve = fs::metadata(data.join("keyward.reserve")).expect("made again");
    assert!(reserve.len() >= 256 * 1024);

    // Full again, and killed: what was acknowledged on the full disk is there.
    disk.fill();
    let last = shop
        .states
        .iter()
        .find(|(_, state)| **state == Some("active"));
    let last = last
        .expect("one of those that were made meanwhile")
        .0
        .clone();
    shop.revoke(&last, "POST", "/deactivate", Some("deactivated"));
    shop.program.signal(Signal::KILL);
    disk.empty();
    shop.program = Program::serve(&data, &log);
    shop.check();
    shop.make().expect("there is room");
    let said = text(&fs::read(&log).expect("the server's log"));
    assert!(!said.contains("panicked"), "{said}");
}

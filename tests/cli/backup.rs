//! `keyward backup` and `keyward restore`. Threat 6: a backup brings nothing back that was revoked since it was made.

mod rotated;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::program::directory::Directory;
use crate::program::{Program, Signal, keyward};
use crate::{output, text};
use keyward::snapshot::{Head, PublicKey};
use serde_json::{Value, json};

const KEYS: &str = "/v1/keyspaces/shop/accounts/acme/keys";

/// A server with one keyspace and account, and what a test does with it.
struct Shop {
    place: Directory,
    program: Program,
    operator: String,
    root: PublicKey,
}

impl Shop {
    fn new() -> Self {
        Self::with(&[])
    }

    /// With these variables of the server's.
    fn with(variables: &[(&str, &str)]) -> Self {
        let place = Directory::new();
        let (data, log) = (place.path().join("data"), place.path().join("log"));
        let program = Program::serve_with(&data, &log, variables);
        let operator = fs::read_to_string(data.join("operator.key")).expect("the key");
        let operator = operator.trim_end().to_owned();
        let keyspace = json!({ "id": "shop", "profile": "keyward" });
        let keyspace = program.json(&operator, "POST", "/v1/keyspaces", Some(keyspace));
        let root = keyspace["public_keys"][0].as_str().expect("a key").parse();
        let account = json!({ "id": "acme" });
        program.json(
            &operator,
            "POST",
            "/v1/keyspaces/shop/accounts",
            Some(account),
        );
        Self {
            place,
            program,
            operator,
            root: root.expect("a public key"),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    #[track_caller]
    fn call(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        self.program.json(&self.operator, method, path, body)
    }

    /// A new key and its id.
    fn key(&self, name: &str) -> (String, String) {
        let created = self.call("POST", KEYS, Some(json!({ "name": name, "level": "full" })));
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        (text(&created["key"]), text(&created["record"]["id"]))
    }

    fn delete(&self, path: &str) {
        let answer = self.program.call(&self.operator, "DELETE", path, None);
        let (status, _) = answer.expect("an answer");
        assert!((200..300).contains(&status), "{path}: {status}");
    }

    /// Why a key is refused; `None` where it is not.
    fn refusal(&self, key: &str) -> Option<String> {
        let ask = json!({ "key": key, "method": "GET", "path": "/" });
        let decision = self.call("POST", "/v1/keyspaces/shop/verify", Some(ask));
        decision["reason"].as_str().map(str::to_owned)
    }

    fn head(&self) -> Head {
        let answer = self
            .program
            .call(&self.operator, "GET", "/v1/keyspaces/shop/head", None);
        let (status, head) = answer.expect("an answer");
        assert_eq!(status, 200, "{}", text(&head));
        Head::open(&head, &[self.root], Some("shop")).expect("a signed head")
    }

    /// A backup of the running server.
    fn back_up(&self, name: &str) -> PathBuf {
        let to = self.path(name);
        let data = self.path("data");
        let made = output(&["backup", "--data", of(&data), "--to", of(&to)]);
        assert!(made.status.success(), "{}", text(&made.stderr));
        to
    }

    /// Loses the server, and restores `backup` into `name` with these arguments; what was printed.
    fn restore(&mut self, backup: &Path, name: &str, arguments: &[&str]) -> String {
        let restored = self.try_restore(backup, name, arguments);
        assert!(restored.status.success(), "{}", text(&restored.stderr));
        let (data, log) = (self.path(name), self.path("log"));
        self.program.signal(Signal::KILL);
        self.program = Program::serve(&data, &log);
        text(&restored.stdout)
    }

    fn try_restore(&self, backup: &Path, name: &str, arguments: &[&str]) -> std::process::Output {
        let (data, root) = (self.path(name), self.path("data/root.key"));
        keyward(&["restore", "--from", of(backup), "--data", of(&data)])
            .args(["--root-key", of(&root)])
            .args(arguments)
            .output()
            .expect("the program runs")
    }

    fn log(&self) -> PathBuf {
        self.path("data/revocations.log")
    }
}

fn of(path: &Path) -> &str {
    path.to_str().expect("text")
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path)
        .expect("it is there")
        .permissions()
        .mode()
        & 0o777
}

#[test]
fn a_backup_beside_a_running_server_is_whole_private_and_overwrites_nothing() {
    let shop = Shop::new();
    let (key, _) = shop.key("kept");
    let copy = shop.back_up("copy.db");
    assert_eq!(mode(&copy), 0o600);
    assert!(!text(&fs::read(&copy).expect("readable")).contains(&key));
    let before = fs::read(&copy).expect("readable");
    let data = shop.path("data");
    let again = output(&["backup", "--data", of(&data), "--to", of(&copy)]);
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again.stderr).contains("exists already; nothing is overwritten"));
    assert!(fs::read(&copy).expect("readable") == before);

    let none = output(&[
        "backup",
        "--data",
        of(shop.place.path()),
        "--to",
        of(&shop.path("x.db")),
    ]);
    assert_eq!(none.status.code(), Some(3), "{}", text(&none.stderr));
    let made = output(&[
        "backup",
        "--data",
        of(&data),
        "--to",
        of(&shop.path("second.db")),
    ]);
    for missing in ["root.key", "the master key", "revocations.log"] {
        assert!(
            text(&made.stderr).contains(missing),
            "{}",
            text(&made.stderr)
        );
    }
    let left: Vec<_> = fs::read_dir(shop.place.path())
        .expect("a directory")
        .map(|entry| entry.expect("an entry").file_name())
        .filter(|name| {
            Path::new(name)
                .extension()
                .is_some_and(|ending| ending == "new")
        })
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn what_was_revoked_after_the_backup_stays_revoked() {
    let mut shop = Shop::new();
    let alive = shop.key("alive");
    let disabled = shop.key("disabled");
    let deactivated = shop.key("deactivated");
    let deleted = shop.key("deleted");
    let rotated = shop.key("rotated");
    let shortened = shop.key("shortened");
    let before = shop.key("disabled before, enabled since");
    shop.call("POST", &format!("{KEYS}/{}/disable", before.1), None);
    shop.call("POST", &format!("{KEYS}/{}/enable", before.1), None);
    let token = json!({ "rights": ["snapshot.read"] });
    let token = shop.call("POST", "/v1/keyspaces/shop/tokens", Some(token));
    let in_grace = shop.key("rotated with grace");
    let operators = ["removed", "rotated"].map(|name| {
        let operator = json!({ "name": name, "rights": ["keyspaces.read"] });
        let made = shop.call("POST", "/v1/operators", Some(operator));
        ["/key", "/operator/id"].map(|place| {
            made.pointer(place)
                .and_then(Value::as_str)
                .expect("a text")
                .to_owned()
        })
    });
    let backup = shop.back_up("backup.db");

    let [[removed, removed_id], [replaced, replaced_id]] = operators;
    shop.delete(&format!("/v1/operators/{removed_id}"));
    let rotated_operator = shop.call("POST", &format!("/v1/operators/{replaced_id}/rotate"), None);
    let replacement = rotated_operator["key"].as_str().expect("a key").to_owned();
    let grace = json!({ "grace_seconds": 3600 });
    let grace = shop.call(
        "POST",
        &format!("{KEYS}/{}/rotate", in_grace.1),
        Some(grace),
    );
    let after_grace = grace["key"].as_str().expect("a key").to_owned();
    shop.call("POST", &format!("{KEYS}/{}/disable", disabled.1), None);
    shop.call(
        "POST",
        &format!("{KEYS}/{}/deactivate", deactivated.1),
        None,
    );
    shop.delete(&format!("{KEYS}/{}", deleted.1));
    let second = shop.call("POST", &format!("{KEYS}/{}/rotate", rotated.1), None);
    let second = second["key"].as_str().expect("a key").to_owned();
    let soon = json!({ "expires_at": "2100-01-01T00:00:00Z" });
    shop.call("PATCH", &format!("{KEYS}/{}", shortened.1), Some(soon));
    let id = token["record"]["id"].as_str().expect("an id");
    shop.delete(&format!("/v1/keyspaces/shop/tokens/{id}"));
    let young = shop.key("younger than the backup");
    shop.call("POST", &format!("{KEYS}/{}/disable", young.1), None);

    let log = shop.log();
    let told = shop.restore(&backup, "restored", &["--revocations", of(&log)]);
    assert!(
        told.contains("revoked again: 9; known to the backup: 1"),
        "{told}"
    );
    assert!(
        told.contains(&format!(
            "key {} of shop/acme: is not in the backup",
            young.1
        )),
        "{told}"
    );
    for (key, expected) in [
        (&alive.0, None),
        (&before.0, None),
        (&disabled.0, Some("disabled")),
        (&deactivated.0, Some("deactivated")),
        (&deleted.0, Some("unknown_key")),
        (&rotated.0, Some("unknown_key")),
        (&second, None),
        (&young.0, Some("unknown_key")),
        (&in_grace.0, None),
        (&after_grace, None),
    ] {
        assert_eq!(shop.refusal(key).as_deref(), expected, "{told}");
    }
    for (operator, expected) in [(&removed, 401), (&replaced, 401), (&replacement, 200)] {
        let answer = shop.program.call(operator, "GET", "/v1/keyspaces", None);
        assert_eq!(answer.expect("an answer").0, expected, "{told}");
    }
    let record = shop.call("GET", &format!("{KEYS}/{}", in_grace.1), None);
    assert_eq!(
        record["retiring"]["ends_at"],
        grace["record"]["retiring"]["ends_at"]
    );
    assert!(record["retiring"]["ends_at"].is_string(), "{record}");
    let record = shop.call("GET", &format!("{KEYS}/{}", shortened.1), None);
    assert_eq!(record["expires_at"], "2100-01-01T00:00:00.000Z");
    let tokens = shop.call("GET", "/v1/keyspaces/shop/tokens", None);
    assert_eq!(tokens["data"], json!([]));
}

#[test]
fn an_edge_follows_the_new_era_and_refuses_the_old() {
    let mut shop = Shop::new();
    let backup = shop.back_up("backup.db");
    for number in 0..3 {
        shop.key(&number.to_string());
    }
    let seen = shop.head();
    assert_eq!((seen.era, seen.epoch), (1, 5));
    let log = shop.log();
    let told = shop.restore(&backup, "restored", &["--revocations", of(&log)]);
    let new = shop.head();
    assert_eq!((new.era, new.epoch), (2, 1), "{told}");
    new.check_follows(&seen).expect("a later era");
    assert_eq!(
        seen.check_follows(&new)
            .expect_err("an earlier one")
            .code()
            .as_str(),
        "rollback"
    );

    // The same backup once more, with the log that the first restore goes on with: its era is over as well.
    let log = shop.path("restored/revocations.log");
    shop.restore(&backup, "again", &["--revocations", of(&log)]);
    let third = shop.head();
    assert_eq!((third.era, third.epoch), (3, 1));
    third.check_follows(&new).expect("later still");

    let check = shop.call("GET", "/v1/audit/check", None);
    assert_eq!(
        check["intact"], true,
        "the chain goes on behind the backup's: {check}"
    );
    let entries = shop.call("GET", "/v1/keyspaces/shop/audit", None);
    let era = &entries["data"][0];
    assert_eq!(
        (era["action"].as_str(), era["actor"].as_str()),
        (Some("keyspace.era"), Some("system"))
    );
}

#[test]
fn without_a_log_it_must_be_accepted_that_revocations_are_lost() {
    let mut shop = Shop::new();
    let (key, id) = shop.key("disabled");
    let backup = shop.back_up("backup.db");
    shop.call("POST", &format!("{KEYS}/{id}/disable"), None);
    let refused = shop.try_restore(&backup, "restored", &[]);
    assert_eq!(refused.status.code(), Some(2), "{}", text(&refused.stderr));
    assert!(text(&refused.stderr).contains("--accept-lost-revocations"));
    assert!(!shop.path("restored").exists());
    let told = shop.restore(
        &backup,
        "restored",
        &["--accept-lost-revocations", "--min-era", "7"],
    );
    assert!(
        told.contains("no log of revocations: what was revoked since the backup works again"),
        "{told}"
    );
    assert_eq!(shop.refusal(&key), None);
    assert_eq!(shop.head().era, 7);
}

#[test]
fn wrong_places_keys_and_files_are_refused_and_leave_nothing() {
    let shop = Shop::new();
    let backup = shop.back_up("backup.db");
    let log = shop.log();
    let accepted = ["--revocations", of(&log)];
    let refused = |from: &Path, name: &str, arguments: &[&str], code: i32, why: &str| {
        let refused = shop.try_restore(from, name, arguments);
        let said = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(code), "{said}");
        assert!(said.contains(why), "{why} in {said}");
    };
    refused(
        &backup,
        "data",
        &accepted,
        3,
        "is not empty; a backup is restored into a new directory",
    );
    refused(&shop.path("none.db"), "restored", &accepted, 1, "none.db");
    refused(
        &shop.path("data/keyward.db"),
        "restored",
        &accepted,
        1,
        "is the database of a server and no backup",
    );
    let half = shop.path("half.db");
    let bytes = fs::read(&backup).expect("readable");
    fs::write(&half, &bytes[..bytes.len() / 2]).expect("writable");
    refused(&half, "restored", &accepted, 1, "");
    let nonsense = shop.path("nonsense.log");
    fs::write(&nonsense, "{}\n").expect("writable");
    refused(
        &backup,
        "restored",
        &["--revocations", of(&nonsense)],
        1,
        "line 1 is no line of a revocation log",
    );
    let stranger = shop.path("stranger.key");
    fs::write(&stranger, "ab".repeat(32)).expect("writable");
    let data = shop.path("restored");
    let run = |root: &[&str]| {
        let mut command = keyward(&["restore", "--from", of(&backup), "--data", of(&data)]);
        let output = command.args(accepted).args(root).output();
        text(&output.expect("the program runs").stderr)
    };
    let said = run(&["--root-key", of(&stranger)]);
    assert!(
        said.contains("this is not the root key of keyspace shop"),
        "{said}"
    );
    let said = run(&[]);
    assert!(said.contains("name its file with --root-key"), "{said}");
    let left = fs::read_dir(&data).map_or(0, Iterator::count);
    assert_eq!(left, 0, "so that it can be tried again at once");
    assert!(
        shop.try_restore(&backup, "restored", &accepted)
            .status
            .success()
    );
}

#[test]
fn no_server_uses_a_directory_whose_restore_was_cut_off() {
    let shop = Shop::new();
    let backup = shop.back_up("backup.db");
    let data = shop.path("cut");
    fs::create_dir(&data).expect("a directory");
    fs::write(data.join("keyward.lock"), "restoring\n").expect("writable");
    fs::copy(&backup, data.join("keyward.db")).expect("copied");
    let refused = output(&["serve", "--listen", "127.0.0.1:0", "--data", of(&data)]);
    assert_eq!(refused.status.code(), Some(3));
    assert!(
        text(&refused.stderr)
            .contains("keys may work there that were revoked; remove the directory"),
        "{}",
        text(&refused.stderr)
    );
}

/// Killed at many moments; a file under the final name is whole, always.
#[test]
fn a_backup_that_is_killed_leaves_no_half_file() {
    let shop = Shop::new();
    for number in 0..20 {
        shop.key(&number.to_string());
    }
    let data = shop.path("data");
    let mut finished = 0;
    for round in 0..20_u64 {
        let to = shop.path(&format!("copy-{round}.db"));
        let mut command = keyward(&["backup", "--data", of(&data), "--to", of(&to)]);
        let mut child = command
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("the program runs");
        // Not a wait for something: the moment of the kill, another one in every round.
        std::thread::sleep(std::time::Duration::from_micros(round * 1_700));
        drop(child.kill());
        child.wait().expect("it ends");
        if to.exists() {
            finished += 1;
            let whole: String = rusqlite::Connection::open(&to)
                .and_then(|db| db.query_row("PRAGMA integrity_check", [], |row| row.get(0)))
                .expect("a database");
            assert_eq!(whole, "ok");
        }
    }
    assert!(finished < 20, "every copy was faster than the kill");
    shop.back_up("last.db");
}

//! `keyward init` and `keyward serve`.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::program::directory::Directory;
use crate::program::{Program, Signal, keyward};
use crate::{output, text};
use serde_json::{Value, json};

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path)
        .expect("it is there")
        .permissions()
        .mode()
        & 0o777
}

/// Every file below `directory`, one after another.
fn content(directory: &Path) -> Vec<u8> {
    let files = std::fs::read_dir(directory)
        .expect("a directory")
        .map(|file| file.expect("an entry").path());
    files
        .filter(|path| path.is_file())
        .flat_map(|path| std::fs::read(path).expect("readable"))
        .collect()
}

fn contains(haystack: &[u8], needle: &str) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle.as_bytes())
}

#[test]
fn init_prints_the_key_alone_and_closes_the_directory() {
    let place = Directory::new();
    let data = place.path().join("new/data");
    let path = data.to_str().expect("text");
    let made = output(&["init", "--data", path]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let key = text(&made.stdout);
    assert!(
        key.starts_with("kw_op_") && key.ends_with('\n') && key.lines().count() == 1,
        "{key:?}"
    );
    assert_eq!(
        text(&made.stderr),
        "",
        "nothing but the key where nobody looks on"
    );
    assert_eq!(mode(&data), 0o700);
    for file in ["keyward.db", "root.key", "keyward.lock"] {
        assert_eq!(mode(&data.join(file)), 0o600, "{file}");
    }
    assert!(
        !contains(&content(&data), key.trim_end()),
        "only its digest is kept"
    );

    let again = output(&["init", "--data", path]);
    assert_eq!(
        (again.status.code(), text(&again.stdout)),
        (Some(3), String::new())
    );
    assert!(
        text(&again.stderr).contains("initialised already"),
        "{}",
        text(&again.stderr)
    );

    let program = Program::serve(&data, &place.path().join("log"));
    program.json(key.trim_end(), "GET", "/v1/keyspaces", None);
}

#[test]
#[cfg(target_os = "linux")]
fn a_key_that_could_not_be_printed_does_not_count() {
    let place = Directory::new();
    let data = place.path().join("data");
    let path = data.to_str().expect("text");
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .expect("Linux has it");
    let status = keyward(&["init", "--data", path])
        .stdout(full)
        .status()
        .expect("the program runs");
    assert_eq!(status.code(), Some(1));
    let again = output(&["init", "--data", path]);
    assert!(again.status.success(), "{}", text(&again.stderr));
}

#[test]
fn serve_initialises_an_empty_directory_and_puts_the_key_into_a_file() {
    let place = Directory::new();
    let (data, log) = (place.path().join("data"), place.path().join("log"));
    let program = Program::serve(&data, &log);
    let file = data.join("operator.key");
    assert_eq!(mode(&file), 0o600);
    let key = std::fs::read_to_string(&file).expect("the key");
    program.json(key.trim_end(), "GET", "/v1/keyspaces", None);
    assert!(
        !contains(&std::fs::read(&log).expect("a log"), key.trim_end()),
        "never into a log"
    );
}

#[test]
fn a_second_server_is_refused_until_the_first_has_ended() {
    let place = Directory::new();
    let (data, log) = (place.path().join("data"), place.path().join("log"));
    let mut first = Program::serve(&data, &log);
    let path = data.to_str().expect("text");
    for command in [
        &["serve", "--listen", "127.0.0.1:0", "--data", path][..],
        &["init", "--data", path],
    ] {
        let second = output(command);
        assert_eq!(second.status.code(), Some(3), "{}", text(&second.stderr));
        assert!(
            text(&second.stderr).contains("another Keyward server is using"),
            "{}",
            text(&second.stderr)
        );
    }
    first.signal(Signal::TERM);
    assert!(
        first.child.wait().expect("it ends").success(),
        "SIGTERM is an orderly end"
    );
    assert!(
        !data.join("keyward.db-wal").exists(),
        "the log was folded into the file"
    );
    Program::serve(&data, &log);
}

#[test]
fn wrong_places_and_arguments_are_refused_with_their_exit_codes() {
    let place = Directory::new();
    std::fs::write(place.path().join("thesis.txt"), "mine").expect("a file");
    let foreign = place.path().to_str().expect("text");
    let mode_before = mode(place.path());
    let refused = output(&["init", "--data", foreign]);
    assert_eq!(refused.status.code(), Some(3));
    assert!(
        text(&refused.stderr).contains("is not empty and holds no Keyward data"),
        "{}",
        text(&refused.stderr)
    );
    assert_eq!(mode(place.path()), mode_before, "left as it was");

    assert_eq!(output(&["init"]).status.code(), Some(2));
    assert_eq!(
        output(&["serve", "--data", "x", "--listen", "nowhere"])
            .status
            .code(),
        Some(2)
    );
    let data = place.path().join("data");
    let data = data.to_str().expect("text");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("bound").to_string();
    let refused = output(&["serve", "--data", data, "--listen", &address]);
    assert_eq!(refused.status.code(), Some(4), "{}", text(&refused.stderr));
    let refused = output(&[
        "serve",
        "--data",
        data,
        "--listen",
        "127.0.0.1:0",
        "--pages",
        foreign,
    ]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("cargo xtask build"));

    for arguments in [&["--help"][..], &["init", "--help"], &["serve", "--help"]] {
        let help = output(arguments);
        assert!(
            help.status.success()
                && (text(&help.stdout).contains("Exit codes")
                    || text(&help.stdout).contains("Examples"))
        );
    }
}

#[test]
fn a_lost_database_is_not_replaced_by_a_new_one() {
    let place = Directory::new();
    let (data, log) = (place.path().join("data"), place.path().join("log"));
    let path = data.to_str().expect("text");
    drop(Program::serve(&data, &log));
    let key = std::fs::read(data.join("operator.key")).expect("the key");
    let database = data.join("keyward.db");
    for file in ["keyward.db", "keyward.db-wal", "keyward.db-shm"] {
        drop(std::fs::remove_file(data.join(file)));
    }
    let refused = |why: &str| {
        for command in [
            &["serve", "--listen", "127.0.0.1:0", "--data", path][..],
            &["init", "--data", path],
        ] {
            let refused = output(command);
            assert_eq!(refused.status.code(), Some(3), "{why}");
            let said = text(&refused.stderr);
            assert!(
                said.contains("keyward.db is gone or empty"),
                "{why}: {said}"
            );
        }
        let kept = std::fs::read(data.join("operator.key")).expect("the key");
        assert_eq!(kept, key, "{why}");
    };
    refused("no file");
    assert!(!database.exists(), "nothing was made in its place");
    std::fs::write(&database, "").expect("an empty file");
    refused("an empty file");

    let made = place.path().join("made");
    assert!(
        output(&["init", "--data", made.to_str().expect("text")])
            .status
            .success()
    );
    std::fs::rename(made.join("keyward.db"), &database).expect("one file system");
    let db = rusqlite::Connection::open(&database).expect("the file");
    db.execute("DELETE FROM operators", []).expect("emptied");
    db.close().expect("closed");
    refused("no operator");
    std::fs::remove_file(&database).expect("there");
    for file in ["operator.key", "root.key"] {
        std::fs::remove_file(data.join(file)).expect("there");
        let refused = output(&["init", "--data", path]);
        assert_eq!(refused.status.code(), Some(3), "without {file}");
    }

    drop(std::fs::remove_file(&database));
    for file in std::fs::read_dir(&data).expect("a directory") {
        std::fs::remove_file(file.expect("an entry").path()).expect("a file");
    }
    std::fs::create_dir(data.join("lost+found")).expect("a directory");
    let anew = output(&["init", "--data", path]);
    assert!(anew.status.success(), "{}", text(&anew.stderr));
}

/// Threat 40: every endpoint, also with a key where none belongs; then whatever was written is searched.
#[test]
fn no_secret_is_in_the_database_its_log_or_the_servers_log() {
    let place = Directory::new();
    let (data, log) = (place.path().join("data"), place.path().join("log"));
    let operator = text(&output(&["init", "--data", data.to_str().expect("text")]).stdout)
        .trim_end()
        .to_owned();
    let program = Program::serve(&data, &log);
    let call =
        |method: &str, path: &str, body: Option<Value>| program.json(&operator, method, path, body);
    call(
        "POST",
        "/v1/keyspaces",
        Some(json!({ "id": "shop", "profile": "esputnik" })),
    );
    call(
        "POST",
        "/v1/keyspaces/shop/accounts",
        Some(json!({ "id": "acme" })),
    );
    let keys = "/v1/keyspaces/shop/accounts/acme/keys";
    let created = call(
        "POST",
        keys,
        Some(json!({ "description": "CRM", "level": "full" })),
    );
    let key = created["key"].as_str().expect("a key").to_owned();
    let id = created["record"]["id"].as_str().expect("an id").to_owned();
    let token = call(
        "POST",
        "/v1/keyspaces/shop/tokens",
        Some(json!({ "rights": ["snapshot.read"] })),
    );
    let token = token["token"].as_str().expect("a token").to_owned();

    for secret in [&key, &operator, &token] {
        for (method, path) in [
            ("GET", format!("/{secret}")),
            ("GET", format!("/v1/{secret}")),
            ("GET", format!("{keys}/{secret}")),
            ("DELETE", format!("{keys}/{secret}")),
            ("POST", format!("{keys}/{id}/disable?key={secret}")),
            ("GET", format!("{keys}?cursor={secret}")),
            ("GET", format!("{keys}?{secret}=1")),
            ("GET", format!("/v1/keyspaces/{secret}/head")),
            (&secret[..5], "/v1/keyspaces".to_owned()),
        ] {
            program.call(secret, method, &path, None);
            program.call(&operator, method, &path, None);
        }
        for body in [
            json!({ "level": secret }),
            json!({ secret.as_str(): "x" }),
            json!(secret),
            json!([secret]),
        ] {
            program.call(&operator, "POST", keys, Some(body));
            program.call(&format!("{secret} {secret}"), "POST", keys, None);
        }
    }
    program.call(&token, "GET", "/v1/keyspaces/shop/head", None);
    call("POST", &format!("{keys}/{id}/enable"), None);

    let running = content(&data);
    drop(program);
    let log = std::fs::read(&log).expect("a log");
    assert!(
        contains(&log, "/v1/keyspaces/{keyspace}/head"),
        "the log tells which route was asked for"
    );
    for secret in [&key, &operator, &token] {
        let body = secret.rsplit('_').next().expect("a body");
        assert!(!contains(&running, body), "in the data directory");
        assert!(
            !contains(&content(&data), body),
            "in the data directory after the end"
        );
        assert!(!contains(&log, body), "in the log");
    }
}

//! What people get wrong in their first five minutes: each is told with the way out.

use std::net::TcpListener;
use std::process::Output;

use crate::program::directory::Directory;
use crate::program::{Program, keyward};
use crate::{output, text};

/// Holds a failure to its exit code, with nothing on stdout, and to words that it has to say.
#[track_caller]
fn told(failed: &Output, exit: i32, words: &[&str]) {
    let said = text(&failed.stderr);
    assert_eq!(failed.status.code(), Some(exit), "{said}");
    assert_eq!(text(&failed.stdout), "");
    for word in words {
        assert!(said.contains(word), "{word} is not in: {said}");
    }
}

#[test]
fn an_operator_key_that_is_missing_or_in_the_wrong_place() {
    let list = ["keyspace", "list"];
    let way_out = [
        "KEYWARD_OPERATOR_KEY",
        "`keyward init`",
        "--operator-key-file",
    ];
    told(&output(&list), 2, &way_out);
    // What `export KEYWARD_OPERATOR_KEY=$(…)` leaves of a command that failed.
    let empty = keyward(&list).env("KEYWARD_OPERATOR_KEY", "").output();
    told(&empty.expect("the program runs"), 2, &way_out);

    let place = Directory::new();
    let named = |content: &str| {
        let file = place.path().join("operator.key");
        std::fs::write(&file, content).expect("a file");
        let file = file.to_str().expect("text").to_owned();
        output(&["keyspace", "list", "--operator-key-file", &file])
    };
    told(&named("\n"), 2, &["operator.key: it is empty"]);
    told(&named("two words"), 2, &["no spaces"]);

    let key = "kw_op_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17";
    let verify = ["key", "verify", "-k", "shop", "--key-file", key];
    for (arguments, exit) in [
        (&["keyspace", "list", "--operator-key-file", key][..], 2),
        (&verify, 2),
    ] {
        let mut command = keyward(arguments);
        let failed = command.env("KEYWARD_OPERATOR_KEY", "kw_op_x").output();
        let failed = failed.expect("the program runs");
        told(&failed, exit, &["name the file", "make another key"]);
        assert!(!text(&failed.stderr).contains(key), "it is shown again");
    }
    let unknown = output(&["keyspace", "list", "--operator-key", key]);
    told(&unknown, 2, &["--operator-key-file"]);
    assert!(!text(&unknown.stderr).contains(key), "it is shown again");
}

#[test]
fn a_key_of_somebody_else_and_an_address_of_something_else() {
    let place = Directory::new();
    let program = Program::serve(&place.path().join("data"), &place.path().join("log"));
    let ask = |url: &str, key: &str| {
        let mut command = keyward(&["keyspace", "list", "--url", url]);
        let failed = command.env("KEYWARD_OPERATOR_KEY", key).output();
        failed.expect("the program runs")
    };
    let foreign = "kw_op_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17";
    let way_out = ["invalid_credential", "an operator of this server"];
    told(&ask(&program.url, foreign), 5, &way_out);
    told(&ask("localhost:8787", foreign), 2, &["with its scheme"]);
    let below = format!("{}/keyward", program.url);
    told(&ask(&below, foreign), 5, &["--url"]);
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let nobody = format!("http://{}", free.local_addr().expect("bound"));
    drop(free);
    told(&ask(&nobody, foreign), 6, &["keyward serve", "--url"]);
}

#[test]
fn a_port_that_is_taken_and_a_directory_that_is_none() {
    let place = Directory::new();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("bound").to_string();
    let data = place.path().join("data");
    let data = data.to_str().expect("text");
    let failed = output(&["serve", "--data", data, "--listen", &address]);
    told(&failed, 4, &[&address, "--listen"]);
    told(&output(&["serve"]), 2, &["--data DIR"]);
    told(&output(&["serve", "--dat", data]), 2, &["'--data'"]);

    let file = place.path().join("file");
    std::fs::write(&file, "x").expect("a file");
    let file = file.to_str().expect("text");
    told(&output(&["init", "--data", file]), 1, &["is a file"]);
}

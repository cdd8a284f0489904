//! Where the keys that the program is given or makes go, and where they never do.

use std::io::Write as _;
use std::net::TcpListener;
use std::process::Stdio;

use crate::program::directory::Directory;
use crate::program::{Program, keyward};
use crate::scripted::{CREATE, OPERATOR, Scripted, answer, asking, made, read};
use crate::text;

#[test]
fn the_operator_key_goes_nowhere_it_should_not() {
    for (url, expected) in [
        ("http://keys.example.com", "add --insecure-http"),
        ("http://192.0.2.1:8787", "add --insecure-http"),
        ("http://me:pass@127.0.0.1", "must not hold a user name"),
        ("ftp://127.0.0.1", "must start with https://"),
        ("keys.example.com", "write an address"),
    ] {
        let output = asking(url, &["operator", "whoami"])
            .output()
            .expect("the program runs");
        assert_eq!(output.status.code(), Some(2), "{url}");
        assert!(
            text(&output.stderr).contains(expected),
            "{url}: {}",
            text(&output.stderr)
        );
    }
    let given = keyward(&["operator", "whoami", "--operator-key", OPERATOR]).output();
    assert_eq!(
        given.expect("the program runs").status.code(),
        Some(2),
        "no argument takes a key"
    );

    // Plain HTTP never goes through a proxy, which would read the key.
    let server = Scripted::new(vec![answer("200 OK", "", "{\"id\":\"op_1\"}")]);
    let mut command = server.command(&["operator", "whoami"]);
    for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        command.env(name, "http://127.0.0.1:1");
    }
    let output = command.output().expect("the program runs");
    assert_eq!(
        text(&output.stdout),
        "id  op_1\n",
        "{}",
        text(&output.stderr)
    );

    for (credential, expected) in [
        ("", "no operator key"),
        ("two words", "is none"),
        ("schlüssel", "is none"),
    ] {
        let mut command = keyward(&["operator", "whoami"]);
        let output = command
            .env("KEYWARD_OPERATOR_KEY", credential)
            .output()
            .expect("the program runs");
        assert_eq!(output.status.code(), Some(2));
        let said = text(&output.stderr);
        assert!(
            said.contains(expected) && (credential.is_empty() || !said.contains(credential)),
            "{said}"
        );
    }
    let nobody = keyward(&["operator", "whoami"])
        .output()
        .expect("the program runs");
    assert_eq!(nobody.status.code(), Some(2));
    assert!(
        text(&nobody.stderr).contains("set KEYWARD_OPERATOR_KEY"),
        "{}",
        text(&nobody.stderr)
    );
}

#[test]
fn ps_shows_no_key() {
    let place = Directory::new();
    let (file, presented) = (
        place.path().join("operator.key"),
        place.path().join("crm.key"),
    );
    std::fs::write(&file, format!("{OPERATOR}\n")).expect("a file");
    std::fs::write(&presented, "em_live_presented\n").expect("a file");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    let mut command = keyward(&["key", "verify", "-k", "shop", "--url", &url]);
    command
        .arg("--operator-key-file")
        .arg(&file)
        .arg("--key-file")
        .arg(&presented);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().expect("the program runs");
    let (stream, _) = listener.accept().expect("a connection");
    let asked = read(&stream);
    let arguments = std::fs::read(format!("/proc/{}/cmdline", child.id())).expect("it runs");
    assert_eq!(asked.headers["authorization"], format!("Bearer {OPERATOR}"));
    assert_eq!(asked.body, r#"{"key":"em_live_presented"}"#);
    let arguments = text(&arguments);
    assert!(
        arguments.contains("verify")
            && !arguments.contains("em_live")
            && !arguments.contains("kw_op"),
        "{arguments}"
    );
    let denied = answer(
        "200 OK",
        "",
        r#"{"allowed":false,"reason":"expired","status":401}"#,
    );
    (&stream).write_all(denied.as_bytes()).expect("written");
    drop(stream);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(
        (output.status.code(), text(&output.stdout)),
        (Some(1), "denied: expired, 401\n".to_owned())
    );
}

#[test]
fn a_key_that_nobody_takes_is_a_failure() {
    let server = Scripted::new(vec![made()]);
    let mut command = server.command(&CREATE);
    command.stdout(
        std::fs::File::options()
            .write(true)
            .open("/dev/full")
            .expect("a full device"),
    );
    let output = command.output().expect("the program runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stderr).contains("was made and could not be written"),
        "{}",
        text(&output.stderr)
    );
}

/// Not even where whoever starts it has allowed them.
#[cfg(target_os = "linux")]
#[test]
fn a_server_that_crashes_leaves_no_core() {
    let place = Directory::new();
    let program = Program::serve(&place.path().join("data"), &place.path().join("log"));
    let limits = format!("/proc/{}/limits", program.child.id());
    let limits = std::fs::read_to_string(limits).expect("it runs");
    let mut lines = limits.lines();
    let core = lines.find_map(|line| line.strip_prefix("Max core file size"));
    let core: Vec<_> = core.expect("a limit").split_whitespace().collect();
    assert_eq!(core[..2], ["0", "0"], "{limits}");
}

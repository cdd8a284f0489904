//! The settings of `keyward serve`, and where the master key comes from.

use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::time::Duration;

use crate::program::directory::Directory;
use crate::program::{Program, Signal, keyward};
use crate::{output, text};

fn write(path: &Path, content: &str, mode: u32) {
    std::fs::write(path, content).expect("writable");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("its owner");
}

/// `keyward serve` with these arguments and variables, which is refused: its exit code and what it says.
#[track_caller]
fn refused(arguments: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let mut command = keyward(&["serve", "--listen", "127.0.0.1:0"]);
    let output = command
        .args(arguments)
        .envs(variables.iter().copied())
        .output()
        .expect("the program runs");
    assert_eq!(text(&output.stdout), "", "it did not listen");
    (output.status.code(), text(&output.stderr))
}

#[test]
fn print_config_tells_what_holds_and_from_where_and_starts_nothing() {
    let place = Directory::new();
    let file = place.path().join("keyward.toml");
    std::fs::write(
        &file,
        "data = \"data\"\npublic_url = \"https://keys.example.com\"\n",
    )
    .expect("writable");
    let secret = "5e".repeat(32);
    let printed = keyward(&["serve", "--print-config", "--listen", "127.0.0.1:1"])
        .env("KEYWARD_CONFIG", &file)
        .env("KEYWARD_MASTER_KEY", &secret)
        .output()
        .expect("the program runs");
    assert!(printed.status.success(), "{}", text(&printed.stderr));
    let page = text(&printed.stdout);
    let says = |name: &str, value: &str, from: &str| {
        let line = page
            .lines()
            .find(|line| line.starts_with(&format!("{name} ")));
        let line = line.unwrap_or_else(|| panic!("{name} in\n{page}"));
        let cells: Vec<_> = line
            .split("  ")
            .filter(|cell| !cell.is_empty())
            .map(str::trim)
            .collect();
        assert_eq!(cells, [name, value, from]);
    };
    let data = place.path().join("data");
    let from = |line: u32| format!("{} line {line}", file.display());
    says("data", data.to_str().expect("text"), &from(1));
    says("public_url", "https://keys.example.com", &from(2));
    says("listen", "127.0.0.1:1", "flag --listen");
    says("master_key", "[elided]", "environment KEYWARD_MASTER_KEY");
    says("farewell_seconds", "10", "default");
    says("pages", "–", "not set");
    assert!(!page.contains(&secret));
    assert!(!data.exists(), "nothing was started");
}

#[test]
fn unknown_settings_are_refused_in_every_place() {
    let place = Directory::new();
    let file = place.path().join("keyward.toml");
    std::fs::write(&file, "data = \"d\"\nmaintenance_intervall_seconds = 5\n").expect("writable");
    let file = file.to_str().expect("text");
    let (code, said) = refused(&["--config", file], &[]);
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("line 2: there is no setting `maintenance_intervall_seconds`; did you mean `maintenance_interval_seconds`?"),
        "{said}"
    );
    let (code, said) = refused(&["--data", "d"], &[("KEYWARD_LISTN", "127.0.0.1:1")]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("did you mean KEYWARD_LISTEN?"), "{said}");
    assert_eq!(refused(&["--data", "d", "--listn", "x"], &[]).0, Some(2));
    assert_eq!(refused(&["--config", "no/such/file"], &[]).0, Some(1));
}

#[test]
fn a_new_master_key_is_printed_alone_and_serves() {
    let place = Directory::new();
    let new = output(&["master-key", "new"]);
    let key = text(&new.stdout);
    assert!(
        new.status.success() && new.stderr.is_empty(),
        "{}",
        text(&new.stderr)
    );
    assert!(
        key.len() == 65
            && key
                .trim_end()
                .bytes()
                .all(|digit| digit.is_ascii_hexdigit()),
        "64 hexadecimal digits and the end of the line"
    );
    assert_ne!(key, text(&output(&["master-key", "new"]).stdout));

    let file = place.path().join("master.key");
    write(&file, &key, 0o400);
    let path = file.to_str().expect("text");
    let command = format!("cat {path}");
    let (data, log) = (place.path().join("data"), place.path().join("log"));
    for (name, value) in [
        ("KEYWARD_MASTER_KEY_FILE", path),
        ("KEYWARD_MASTER_KEY_COMMAND", &command),
        ("KEYWARD_MASTER_KEY", key.trim_end()),
    ] {
        let program = Program::serve_with(&data, &log, &[(name, value)]);
        let (status, _) = program.call("", "GET", "/readyz", None).expect("an answer");
        assert_eq!(status, 200, "{name}");
    }
    let logged = std::fs::read_to_string(&log).expect("a log");
    assert!(!logged.contains(key.trim_end()), "never into a log");
}

#[test]
fn a_master_key_that_others_can_read_or_that_lies_with_the_data_is_refused() {
    let place = Directory::new();
    let data = place.path().join("data");
    std::fs::create_dir(&data).expect("a new directory");
    let key = "0f".repeat(32);
    let (outside, inside) = (place.path().join("master.key"), data.join("master.key"));
    write(&outside, &key, 0o400);
    write(&inside, &key, 0o400);
    write(&data.join("keyward.lock"), "", 0o600);
    let link = place.path().join("link");
    std::os::unix::fs::symlink(&inside, &link).expect("a link");
    let broken = place.path().join("broken");
    write(&broken, "0f", 0o400);
    let open = |mode| {
        let path = place.path().join(format!("mode-{mode:o}"));
        write(&path, &key, mode);
        path
    };
    let (to_group, to_world) = (open(0o440), open(0o604));
    for (file, why) in [
        (&inside, "lies in the data directory"),
        (&link, "lies in the data directory"),
        (
            &to_group,
            "can be read by others (mode 440); run: chmod 400",
        ),
        (&to_world, "can be read by others (mode 604)"),
        (&broken, "a master key is 32 random bytes"),
        (&place.path().join("none"), "No such file"),
    ] {
        let (data, file) = (data.to_str().expect("text"), file.to_str().expect("text"));
        for arguments in [
            ["--data", data, "--master-key-file", file],
            ["--data", data, "--previous-master-key-files", file],
        ] {
            let (code, said) = refused(&arguments, &[]);
            assert_eq!(code, Some(1), "{said}");
            assert!(said.contains(why), "{why} in {said}");
            assert!(!said.contains(&key));
        }
    }
    // A credential of the service manager's, whose files may be open to the group for the manager's own reasons.
    let credentials = place.path().to_str().expect("text");
    let file = to_group.to_str().expect("text");
    let log = place.path().join("log");
    drop(Program::serve_with(
        &data,
        &log,
        &[
            ("CREDENTIALS_DIRECTORY", credentials),
            ("KEYWARD_MASTER_KEY_FILE", file),
        ],
    ));
}

#[test]
fn a_command_that_gives_no_master_key_ends_the_start() {
    let place = Directory::new();
    let data = place.path().join("data");
    let data = data.to_str().expect("text");
    for (command, why) in [
        ("exit 7", "exit status: 7"),
        ("echo short", "a master key is 32 random bytes"),
        ("exec cat", "a master key is 32 random bytes"),
    ] {
        let (code, said) = refused(&["--data", data, "--master-key-command", command], &[]);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains(why), "{command}: {said}");
    }
}

#[test]
fn the_service_manager_is_told_of_start_and_end() {
    let place = Directory::new();
    let socket = place.path().join("notify");
    let manager = UnixDatagram::bind(&socket).expect("a socket");
    manager
        .set_read_timeout(Some(Duration::from_secs(20)))
        .expect("a limit");
    let told = || {
        let mut message = [0; 64];
        let length = manager.recv(&mut message).expect("a message");
        text(&message[..length])
    };
    let (data, log) = (place.path().join("data"), place.path().join("log"));
    let variables = [("NOTIFY_SOCKET", socket.to_str().expect("text"))];
    let mut program = Program::serve_with(&data, &log, &variables);
    assert_eq!(told(), "READY=1");
    program.signal(Signal::TERM);
    assert_eq!(told(), "STOPPING=1");
    assert!(program.child.wait().expect("it ends").success());
}

#[test]
fn health_tells_whether_a_server_is_ready() {
    let place = Directory::new();
    let program = Program::serve(&place.path().join("data"), &place.path().join("log"));
    let address = program
        .url
        .strip_prefix("http://")
        .expect("an address")
        .to_owned();
    let healthy = output(&["health", "--listen", &address]);
    assert!(healthy.status.success(), "{}", text(&healthy.stderr));
    assert!(healthy.stdout.is_empty() && healthy.stderr.is_empty());
    let everywhere = address.replace("127.0.0.1", "0.0.0.0");
    assert!(
        output(&["health", "--listen", &everywhere])
            .status
            .success()
    );
    drop(program);
    let gone = output(&["health", "--listen", &address]);
    assert_eq!(gone.status.code(), Some(1));
    assert!(
        text(&gone.stderr).contains("no server answers at"),
        "{}",
        text(&gone.stderr)
    );
}

#[test]
fn logs_are_what_they_were_set_to() {
    let place = Directory::new();
    for (format, level, is_json, is_silent) in [
        ("auto", "info", true, false),
        ("json", "info", true, false),
        ("text", "info", false, false),
        ("text", "error", false, true),
    ] {
        let name = format!("{format}-{level}");
        let (data, log) = (
            place.path().join(&name),
            place.path().join(format!("{name}.log")),
        );
        let variables = [("KEYWARD_LOG_FORMAT", format), ("KEYWARD_LOG_LEVEL", level)];
        let program = Program::serve_with(&data, &log, &variables);
        program.call("", "GET", "/v1/me", None).expect("an answer");
        drop(program);
        let lines = std::fs::read_to_string(&log).expect("a log");
        assert_eq!(lines.is_empty(), is_silent, "{name}: {lines}");
        assert_eq!(lines.starts_with('{'), is_json, "{name}: {lines}");
    }
}

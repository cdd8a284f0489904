//! What people are asked at a terminal, and what of it is shown.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::text;
use crate::world::World;

/// A program at a terminal of its own; what it prints on stdout goes elsewhere.
struct AtTerminal {
    child: Child,
    terminal: File,
    seen: String,
}

impl AtTerminal {
    fn new(command: &Command) -> Self {
        let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&terminal).expect("ours");
        unlockpt(&terminal).expect("ours");
        let other_end = ptsname(&terminal, Vec::new()).expect("a name");
        // The first terminal that the leader of a session opens is the session's.
        let mut session = Command::new("setsid");
        session
            .args(["sh", "-c", "exec \"$@\" <\"$0\" 2>\"$0\""])
            .arg(other_end.to_str().expect("text"))
            .arg(command.get_program())
            .args(command.get_args())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => session.env(name, value),
                None => session.env_remove(name),
            };
        }
        Self {
            child: session.spawn().expect("util-linux's setsid"),
            terminal: terminal.into(),
            seen: String::new(),
        }
    }

    /// Waits until the terminal has shown `text`.
    #[track_caller]
    fn wait_for(&mut self, expected: &str) {
        let mut part = [0; 1024];
        while !self.seen.contains(expected) {
            let length = self.terminal.read(&mut part).unwrap_or(0);
            assert!(length > 0, "{expected}: {}", self.seen);
            self.seen.push_str(&text(&part[..length]));
        }
    }

    fn types(&mut self, line: &str) {
        writeln!(self.terminal, "{line}").expect("somebody reads");
    }

    /// The exit code, stdout, and all that the terminal has shown.
    fn end(mut self) -> (Option<i32>, String, String) {
        let mut part = [0; 1024];
        // A terminal whose other end is closed gives an error, which is its end.
        while let Ok(length @ 1..) = self.terminal.read(&mut part) {
            self.seen.push_str(&text(&part[..length]));
        }
        let output = self.child.wait_with_output().expect("it ends");
        (output.status.code(), text(&output.stdout), self.seen)
    }
}

#[test]
fn keys_are_asked_for_and_not_shown() {
    let world = World::of("emailit");
    let (key, _) = world.key(&["--level", "full", "--field", "name=CRM"]);
    let mut command = world.command(&["key", "verify", "-k", "shop"]);
    command.env_remove("KEYWARD_OPERATOR_KEY");
    let mut person = AtTerminal::new(&command);
    person.wait_for("Operator key: ");
    person.types(&world.operator);
    person.wait_for("Key (not shown): ");
    person.types(&key);
    let (exit, out, seen) = person.end();
    assert!(out.starts_with("allowed\n"), "{seen}");
    assert_eq!(exit, Some(0));
    for secret in [&key, &world.operator] {
        let body = secret.rsplit('_').next().expect("a body");
        assert!(!seen.contains(body), "{seen}");
    }

    let mut person = AtTerminal::new(&command);
    person.wait_for("Operator key: ");
    person.types("");
    let (exit, _, seen) = person.end();
    assert_eq!(exit, Some(2), "{seen}");
    assert!(seen.contains("nothing was typed"), "{seen}");
}

#[test]
fn what_is_final_is_asked_about() {
    let world = World::of("emailit");
    let (_, id) = world.key(&["--level", "full", "--field", "name=CRM"]);
    let delete = world.command(&["key", "delete", &id, "-k", "shop", "-a", "acme"]);
    for answer in ["", "n", "nein", "yesterday"] {
        let mut person = AtTerminal::new(&delete);
        person.wait_for("It cannot be restored. [y/N] ");
        person.types(answer);
        let (exit, _, seen) = person.end();
        assert_eq!(exit, Some(1), "{seen}");
        assert!(
            seen.contains(&format!("Delete {id} (CRM, em_live_")),
            "{seen}"
        );
        assert!(seen.contains("keyward: nothing was done"), "{seen}");
    }
    world.says(&["key", "show", &id, "-k", "shop", "-a", "acme"]);
    let mut person = AtTerminal::new(&delete);
    person.wait_for("[y/N] ");
    person.types("y");
    let (exit, _, seen) = person.end();
    assert_eq!(exit, Some(0), "{seen}");
    world.fails(5, &["key", "show", &id, "-k", "shop", "-a", "acme"]);
}

#[test]
fn a_count_runs_along_while_a_list_goes_elsewhere() {
    let world = World::of("emailit");
    for number in 0..101 {
        let body = serde_json::json!({ "id": format!("a{number:03}") });
        world.server.json(
            &world.operator,
            "POST",
            "/v1/keyspaces/shop/accounts",
            Some(body),
        );
    }
    let person = AtTerminal::new(&world.command(&["account", "list", "-k", "shop"]));
    let (exit, out, seen) = person.end();
    assert_eq!((exit, out.lines().count()), (Some(0), 103));
    assert!(
        seen.contains("\r102 so far") && seen.ends_with("\r\u{1b}[K"),
        "{seen:?}"
    );
}

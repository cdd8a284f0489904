//! What people read: help, and colours where they look on.

use std::path::Path;
use std::process::{Command, Output};

use crate::program::Program;
use crate::program::directory::Directory;
use crate::text;
use crate::world::World;

#[test]
fn every_command_has_help_with_examples() {
    let help = |arguments: &[&str]| text(&crate::output(&[arguments, &["--help"]].concat()).stdout);
    let commands = |page: &str| -> Vec<String> {
        let lines = page.lines().skip_while(|line| *line != "Commands:").skip(1);
        let names = lines
            .take_while(|line| !line.is_empty())
            .filter(|line| line.starts_with("  ") && !line.starts_with("   "));
        names
            .filter_map(|line| line.split_whitespace().next())
            .filter(|name| *name != "help")
            .map(str::to_owned)
            .collect()
    };
    let top = help(&[]);
    for code in 0..=7 {
        assert!(
            top.contains(&format!("\n  {code}  ")),
            "exit code {code}: {top}"
        );
    }
    let mut seen = 0;
    for group in [
        "keyspace",
        "account",
        "key",
        "operator",
        "token",
        "portal-link",
        "audit",
    ] {
        assert!(commands(&top).contains(&group.to_owned()), "{top}");
        for command in commands(&help(&[group])) {
            let page = help(&[group, &command]);
            assert!(
                page.contains("Examples:\n  ") && page.contains("--json") && page.contains("--url"),
                "{group} {command}: {page}"
            );
            seen += 1;
        }
    }
    assert_eq!(seen, 34);
}

/// What a shell makes of these lines.
fn shell(place: &Path, url: &str, lines: &[&str]) -> Output {
    let program = Path::new(env!("CARGO_BIN_EXE_keyward")).parent();
    let mut path = vec![program.expect("a directory").to_path_buf()];
    let others = std::env::var_os("PATH").unwrap_or_default();
    path.extend(std::env::split_paths(&others));
    let output = Command::new("sh")
        .args(["-ec", &lines.join("\n")])
        .current_dir(place)
        .env("PATH", std::env::join_paths(path).expect("no colons"))
        .env("KEYWARD_URL", url)
        .output();
    let output = output.expect("a shell");
    assert!(output.status.success(), "{}", text(&output.stderr));
    output
}

#[test]
fn the_first_steps_lead_to_a_key() {
    let help = text(&crate::output(&["--help"]).stdout);
    let (_, steps) = help.split_once("First steps:\n").expect("first steps");
    let steps = steps.lines().take_while(|line| !line.is_empty());
    // What is behind a wide gap is said to people.
    let steps: Vec<_> = steps
        .filter_map(|line| line.trim().split("   ").next())
        .collect();
    let serve = steps
        .iter()
        .position(|step| step.starts_with("keyward serve"));
    let (before, after) = steps.split_at(serve.expect("a server is started"));
    let place = Directory::new();
    shell(place.path(), "http://127.0.0.1:1", before);
    let data = place.path().join("keyward-data");
    let program = Program::serve(&data, &place.path().join("log"));
    let made = shell(place.path(), &program.url, &after[1..]);
    let key = text(&made.stdout);
    assert!(
        key.lines()
            .last()
            .is_some_and(|key| key.starts_with("kw_live_")),
        "{key}"
    );
}

#[test]
fn colours_are_for_terminals() {
    let world = World::of("emailit");
    world.key(&["--level", "full", "--field", "name=CRM"]);
    let list = world.says(&["key", "list", "-k", "shop"]);
    assert!(!list.contains('\u{1b}'), "{list}");
    let mut command = world.command(&["key", "list", "-k", "shop"]);
    let coloured = command
        .env("CLICOLOR_FORCE", "1")
        .output()
        .expect("the program runs");
    assert!(
        text(&coloured.stdout).contains("\u{1b}[32mactive"),
        "{}",
        text(&coloured.stdout)
    );
}

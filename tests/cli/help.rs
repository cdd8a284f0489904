//! What people read: help, and colours where they look on.

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

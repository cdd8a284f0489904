//! `keyward profile`.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keyward::profile::Profile;
use serde_json::{Value, json};

use crate::program::directory::Directory;
use crate::{output, text};

/// What a command that has to succeed prints.
#[track_caller]
fn printed(arguments: &[&str]) -> String {
    let output = output(arguments);
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[track_caller]
fn refused(arguments: &[&str], exit: i32, expected: &str) {
    let output = output(arguments);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(exit), "{arguments:?}: {said}");
    assert!(said.contains(expected), "{arguments:?}: {said}");
}

#[test]
fn the_presets_are_listed_one_a_line_without_colours() {
    let list = printed(&["profile", "list"]);
    let names: Vec<_> = list
        .lines()
        .skip(1)
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(names, Profile::PRESETS);
    assert!(!list.contains('\u{1b}'), "stdout is no terminal here");
    let emailit = list.lines().find(|line| line.starts_with("emailit"));
    let emailit = emailit.expect("a line");
    for part in ["Emailit", "full, sending", "em_live_", "bearer"] {
        assert!(emailit.contains(part), "{emailit}");
    }
}

#[test]
fn show_counts_what_each_level_may_call() {
    let page = printed(&["profile", "show", "esputnik"]);
    for expected in [
        "24 of 51 calls",
        "41 of 51 calls",
        "51 of 51 calls, and what is not listed",
        "switched off when unused for 90 days",
        "/api/contact/{id}/subscriptions",
        "Made up here",
    ] {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    let page = printed(&["profile", "show", "smashfly"]);
    for expected in [
        "after 90, 180, 365 days",
        "switched off for good",
        "closed",
        "Contact Import takes no API key",
        "announced 30 days before",
        "the secret before ends at once",
        "contact_email, level, description, created_at, expires_at, status",
        "no two active keys of an account and level have the same",
        "lists show 40",
        "Configuration System",
    ] {
        assert!(page.contains(expected), "{expected}: {page}");
    }
    assert!(!page.contains("Dialect"), "{page}");
    let page = printed(&["profile", "show", "optimove"]);
    assert!(page.contains("may count for 7 more days"), "{page}");

    let shown = printed(&["profile", "show", "esputnik", "--json"]);
    let shown: Value = serde_json::from_str(&shown).expect("JSON");
    let levels = shown["levels"].as_array().expect("a list").iter();
    let counts: Vec<_> = levels
        .map(|level| (&level["id"], &level["calls"], &level["of"]))
        .collect();
    assert_eq!(
        counts,
        [
            (&json!("full"), &json!(51), &json!(51)),
            (&json!("events"), &json!(24), &json!(51)),
            (&json!("events_and_contacts"), &json!(41), &json!(51)),
        ]
    );
    assert_eq!(shown["lifecycle"]["idleDisableDays"], json!(90));
    assert_eq!(shown.get("dialect"), None);
    assert_eq!(shown["columns"][1], json!("created_by"));
    let shown = printed(&["profile", "show", "smashfly", "--json"]);
    let shown: Value = serde_json::from_str(&shown).expect("JSON");
    assert_eq!(shown["fields"][0]["unique"], json!("account_and_level"));
    assert_eq!(shown["fields"][1]["shownCharacters"], json!(40));
    assert_eq!(shown["lifecycle"]["maxExpiresInDays"], json!(365));
    assert_eq!(
        shown["privileges"][1],
        json!({ "name": "Developers' Corner", "rights": ["keys.write"] })
    );
    let shown = printed(&["profile", "show", "emailit", "--json"]);
    let shown: Value = serde_json::from_str(&shown).expect("JSON");
    assert_eq!(shown["dialect"], json!("emailit"));
    refused(&["profile", "show", "nobody"], 1, "nobody is no preset");
}

#[test]
fn check_finds_every_mistake_with_its_line() {
    let place = Directory::new();
    let good = place.path().join("good.toml");
    let bad = place.path().join("bad.toml");
    let preset = Profile::preset_toml("emailit").expect("a preset");
    std::fs::write(&good, preset).expect("a file");
    let wrong = preset
        .replacen("prefix = \"em_live\"", "prefix = \"em live\"", 1)
        .replacen("max_values = 1\n", "max_values = 0\n", 1);
    std::fs::write(&bad, &wrong).expect("a file");
    let path = |path: &Path| path.to_str().expect("text").to_owned();
    let (good, bad) = (path(&good), path(&bad));

    let all_good = printed(&["profile", "check", &good, "keyward"]);
    assert_eq!(all_good.lines().count(), 2);
    assert!(
        all_good.lines().all(|line| line.contains(": ok (")),
        "{all_good}"
    );

    let checked = output(&["profile", "check", &good, &bad]);
    assert_eq!(checked.status.code(), Some(1));
    let line = |text: &str| {
        1 + wrong[..wrong.find(text).expect("it is there")]
            .matches('\n')
            .count()
    };
    let expected = [
        format!("{good}: ok (emailit: 2 levels, 10 rules)"),
        format!("{bad}: line {}: key prefix 'em live'", line("em live")),
        format!(
            "{bad}: line {}: max_values 0: a key lists from 1 to 1000",
            line("max_values")
        ),
    ];
    let report = text(&checked.stdout);
    assert_eq!(report.lines().count(), expected.len(), "{report}");
    for (line, expected) in report.lines().zip(&expected) {
        assert!(line.starts_with(expected), "{line}, not {expected}");
    }
    assert!(text(&checked.stderr).contains("1 of 2 profiles"));
    assert_eq!(output(&["profile", "check"]).status.code(), Some(2));
}

#[test]
fn compile_writes_bytes_base64_or_a_module() {
    let compiled = Profile::preset("optimove").expect("a preset").compile();
    let piped = output(&["profile", "compile", "optimove"]);
    assert_eq!(piped.stdout, compiled, "bytes where no terminal is");
    let base64 = printed(&["profile", "compile", "optimove", "--base64"]);
    assert_eq!(
        STANDARD.decode(base64.trim_end()).expect("base64"),
        compiled
    );

    let place = Directory::new();
    let file = place.path().join("out.profile");
    let path = file.to_str().expect("text");
    assert_eq!(
        printed(&["profile", "compile", "optimove", "--out", path]),
        ""
    );
    assert_eq!(std::fs::read(&file).expect("written"), compiled);

    let module = printed(&["profile", "compile", "optimove", "--typescript"]);
    let preset = include_str!("../../pkg/src/presets/esputnik.ts");
    let shape = |module: &str| -> Vec<String> {
        let known = [
            "import type { Preset }",
            "/**",
            "export const",
            "  id: ",
            "  compiled:",
            "};",
        ];
        let starts = |line: &str| known.iter().find(|known| line.starts_with(**known));
        module
            .lines()
            .filter_map(starts)
            .map(ToString::to_string)
            .collect()
    };
    assert_eq!(
        shape(&module),
        shape(preset),
        "as the presets' own modules look"
    );
    assert!(module.contains(&format!("    \"{}\",", STANDARD.encode(&compiled))));
    refused(
        &["profile", "compile", "optimove", "--typescript", "--base64"],
        2,
        "cannot be used with",
    );
}

#[test]
fn the_schema_is_the_published_one() {
    let printed: Value = serde_json::from_str(&printed(&["profile", "schema"])).expect("JSON");
    let published = include_str!("../../docs/profile.schema.json");
    assert_eq!(
        printed,
        serde_json::from_str::<Value>(published).expect("JSON")
    );
}

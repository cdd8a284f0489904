//! What each of the six presets decides, row by row of docs/systems.md.
//!
//! A system's file holds its table: keys, calls, and what comes of them, written down from the vendor's document and
//! never from the preset. The tables are written out as `tests/vectors/systems.json`, for launchers in other languages,
//! and the tests here run what stands there, natively, under Node and in a browser; their names begin with the row.
//!
//! There are no native-only tests here: a launcher may count on as many tests everywhere.

mod emailit;
mod esputnik;
mod inboxfirst;
mod keyward;
mod launch;
mod optimove;
mod preset;
mod sheet;
mod smashfly;
mod vector;

use std::collections::{BTreeMap, BTreeSet};

#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use sheet::Sheet;

fn sheets() -> [Sheet; 6] {
    [
        esputnik::sheet(),
        emailit::sheet(),
        optimove::sheet(),
        smashfly::sheet(),
        inboxfirst::sheet(),
        keyward::sheet(),
    ]
}

/// `KEYWARD_BLESS=1 cargo test --test systems` writes it anew.
#[test]
fn the_vectors_are_what_the_tables_say() {
    let written = vector::write(&sheets());
    #[cfg(not(target_family = "wasm"))]
    if std::env::var_os("KEYWARD_BLESS").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/systems.json");
        std::fs::write(path, written).expect("a file");
        return;
    }
    assert!(
        written == vector::TEXT,
        "tests/vectors/systems.json is stale: run KEYWARD_BLESS=1 cargo test --test systems"
    );
}

#[test]
fn every_row_has_a_call_that_is_allowed_and_one_that_is_not() {
    let vectors = vector::read();
    let mut outcomes: BTreeMap<&str, BTreeSet<bool>> = BTreeMap::new();
    let mut names = BTreeSet::new();
    for case in &vectors.cases {
        assert!(names.insert(&case.name), "{} stands there twice", case.name);
        assert!(
            case.name.starts_with(&format!("{} ", case.row)),
            "{}",
            case.name
        );
        outcomes
            .entry(&case.row)
            .or_default()
            .insert(case.expect.allowed);
    }
    assert!(outcomes.keys().copied().eq({
        let mut rows: Vec<&str> = vectors.rows.iter().map(String::as_str).collect();
        rows.sort_unstable();
        rows
    }));
    for (row, outcomes) in outcomes {
        assert_eq!(outcomes.len(), 2, "{row}");
    }
}

/// Digests, prefixes and checksums are the only things that tables take from this crate, so they are held here.
#[test]
fn every_key_is_one_of_its_preset_unless_it_says_otherwise() {
    let vectors = vector::read();
    let mut seen = 0;
    for (name, keys) in &vectors.keys {
        let profile = preset::read(name);
        for given in keys {
            profile
                .key_format()
                .parse(given.key.as_bytes())
                .unwrap_or_else(|error| panic!("{name}, {}: {error}", given.name));
            seen += 1;
        }
    }
    assert!(seen >= 40, "{seen}");
}

/// Whatever a key can go through, a page finds the words for it.
#[test]
fn every_preset_has_the_words_of_its_pages() {
    for name in vector::read().keys.keys() {
        let profile = preset::read(name);
        let lifecycle = profile.lifecycle();
        preset::has_words(
            &profile,
            &[
                "place",
                "create",
                "submit",
                "level",
                "column_level",
                "column_status",
                "status_active",
            ],
        );
        preset::has_words(
            &profile,
            if lifecycle.reversible {
                &[
                    "disable",
                    "disable_confirm",
                    "enable",
                    "enable_confirm",
                    "status_disabled",
                ]
            } else {
                &["deactivate", "deactivate_confirm", "status_deactivated"]
            },
        );
        if !lifecycle.recoverable {
            preset::has_words(&profile, &["shown_once"]);
        }
        for days in &lifecycle.expires_in_days {
            preset::has_words(&profile, &["expiry", &format!("expires_in_{days}")]);
        }
        let advice = |(word, _): &&(Box<str>, Box<str>)| word.starts_with("advice_");
        for (word, _) in profile.vocabulary().iter().filter(advice) {
            let place = word.split('_').nth(1);
            assert!(
                matches!(place, Some("form" | "key" | "list")),
                "{name}: {word}"
            );
        }
    }
}

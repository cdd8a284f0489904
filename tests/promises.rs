//! The documents name the test that proves each of their lines: every test that they name is there.
#![cfg(not(target_family = "wasm"))]

use std::fs;
use std::path::{Path, PathBuf};

const DOCUMENTS: [&str; 2] = ["docs/security.md", "docs/systems.md"];

/// Where tests live, and the endings of their files.
const ROOMS: [&str; 8] = [
    "src", "tests", "fuzz", "benches", "xtask", "examples", "pkg/src", "www",
];
const ENDINGS: [&str; 4] = ["rs", "mjs", "ts", "tsx"];

/// Folders with what others wrote or what was built.
const SKIPPED: [&str; 4] = ["node_modules", "target", "dist", "corpus"];

/// The sources, and the names of their files and folders.
struct Sources {
    text: String,
    names: Vec<String>,
}

#[test]
fn every_test_that_the_documents_name_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = Sources {
        text: String::new(),
        names: Vec::new(),
    };
    for room in ROOMS {
        sources.read(&root.join(room));
    }
    let mut missing = Vec::new();
    let mut named = 0;
    for document in DOCUMENTS {
        let text = fs::read_to_string(root.join(document)).expect("the document");
        // What stands between backquotes, also where a line ends within it.
        for quoted in text.split('`').skip(1).step_by(2) {
            let quoted = quoted.split_whitespace().collect::<Vec<_>>().join(" ");
            if let Some(is_there) = sources.look_for(&quoted) {
                named += 1;
                if !is_there {
                    missing.push(format!("{document}: `{quoted}`"));
                }
            }
        }
    }
    assert!(missing.is_empty(), "no such test:\n{}", missing.join("\n"));
    assert!(named > 120, "only {named} names of tests were recognised");
}

impl Sources {
    fn read(&mut self, place: &Path) {
        let mut entries: Vec<PathBuf> = fs::read_dir(place)
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect();
        entries.sort();
        for entry in entries {
            let name = entry.file_name().unwrap_or_default().to_string_lossy();
            if SKIPPED.contains(&&*name) {
                continue;
            }
            let stem = name.split('.').next().unwrap_or_default().to_owned();
            if entry.is_dir() {
                self.names.push(stem);
                self.read(&entry);
            } else if entry
                .extension()
                .is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known))
            {
                self.names.push(stem);
                let text = fs::read_to_string(&entry).expect("a source is text");
                self.text.push_str(&text.replace("\\\"", "\""));
            }
        }
    }

    /// Whether the test is there; `None` where `quoted` names none: a path of modules, a long name of a function, or
    /// the title of a test in words.
    fn look_for(&self, quoted: &str) -> Option<bool> {
        if let Some((_, last)) = quoted.rsplit_once("::") {
            let is_suite = last.is_empty();
            return (!is_suite).then(|| self.has_function(last) || self.has_module(last));
        }
        let is_name = |text: &str| {
            text.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        };
        if is_name(quoted) && quoted.matches('_').count() >= 4 {
            return Some(self.has_function(quoted));
        }
        let is_title = quoted.split(' ').count() > 4
            && quoted.chars().all(|character| {
                character.is_alphanumeric() || " ,:'’-./{}*()".contains(character)
            });
        is_title.then(|| self.text.contains(quoted))
    }

    fn has_function(&self, name: &str) -> bool {
        self.text.contains(&format!("fn {name}("))
    }

    fn has_module(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
            || self.text.contains(&format!("mod {name} {{"))
    }
}

//! Who may use whom: holds the paths in `src` against the table below, and foreign crates, SQL, clocks and
//! random sources to the one room that may name them.
//!
//! The sources are read as tokens, so that comments and strings say nothing, and macros' bodies say what they use.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The pure core. A room uses those before it in this list.
const PURE: [&str; 10] = [
    "time", "error", "env", "key", "limit", "request", "access", "profile", "verify", "snapshot",
];

/// The rooms around the core: what each uses besides the core and itself.
const OUTER: [(&str, &[&str]); 9] = [
    ("wasm", &[]),
    ("tower", &[]),
    ("store", &[]),
    // The trait's own module opens its backends; they are named by nobody else.
    ("store::sqlite", &["store"]),
    ("store::memory", &["store"]),
    ("service", &["store"]),
    ("http", &["service"]),
    ("cli", &["http", "service", "store"]),
    ("main", &["cli"]),
];

/// Foreign crates, and the rooms that may name them.
const FOREIGN: [(&str, &[&str]); 18] = [
    ("wasm_bindgen", &["wasm"]),
    ("serde_wasm_bindgen", &["wasm"]),
    ("js_sys", &["wasm"]),
    ("tower_layer", &["tower"]),
    ("tower_service", &["tower"]),
    ("axum", &["http"]),
    ("tower_http", &["http"]),
    ("utoipa_axum", &["http"]),
    ("prometheus_client", &["http"]),
    ("lettre", &["service"]),
    ("rusqlite", &["store::sqlite"]),
    ("clap", &["cli", "main"]),
    ("anstream", &["cli", "main"]),
    ("clap_complete", &["cli"]),
    ("percent_encoding", &["cli"]),
    ("ureq", &["cli"]),
    // Profiles, and the settings of `keyward serve`.
    ("toml", &["profile", "cli"]),
    ("getrandom", &["env"]),
];

/// Types whose `now` reads a clock.
const CLOCKS: [&str; 4] = ["SystemTime", "Instant", "Timestamp", "Zoned"];

/// How statements begin.
const SQL: [&str; 10] = [
    "SELECT ",
    "INSERT ",
    "UPDATE ",
    "DELETE FROM ",
    "CREATE ",
    "ALTER ",
    "DROP ",
    "PRAGMA ",
    "BEGIN ",
    "WITH ",
];

#[test]
fn the_sources_keep_to_the_table() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    assert!(
        files.len() > 20,
        "only {} sources found below {}",
        files.len(),
        root.display()
    );

    let mut violations = Vec::new();
    for file in files {
        let source = fs::read_to_string(&file).expect("sources are readable");
        let path = file.strip_prefix(&root).expect("collected below the root");
        violations.extend(check(path, &source));
    }
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

/// What one source does that it must not, a line each.
fn check(path: &Path, source: &str) -> Vec<String> {
    let modules = modules(path);
    let room = room(&modules);
    let tokens: TokenStream = match source.parse() {
        Ok(tokens) => tokens,
        Err(error) => return vec![format!("{}: cannot be read: {error}", path.display())],
    };
    let mut uses = Uses::default();
    uses.read(&tokens.into_iter().collect::<Vec<_>>(), &modules);

    let mut wrong = Vec::new();
    for (line, used) in &uses.rooms {
        if !may_use(&room, used) {
            wrong.push((*line, format!("{room} uses {used}")));
        }
    }
    for (line, name) in &uses.names {
        if let Some((_, rooms)) = FOREIGN.iter().find(|(foreign, _)| foreign == name)
            && !rooms.contains(&room.as_str())
        {
            wrong.push((
                *line,
                format!("{room} names {name}, which is for {}", rooms.join(", ")),
            ));
        }
    }
    if room != "env" {
        wrong.extend(
            uses.clocks
                .iter()
                .map(|(line, clock)| (*line, format!("{clock}::now() outside src/env.rs"))),
        );
    }
    if !room.starts_with("store::") {
        wrong.extend(
            uses.sql
                .iter()
                .map(|(line, text)| (*line, format!("SQL outside a backend: {text}"))),
        );
    }
    wrong
        .into_iter()
        .map(|(line, what)| format!("src/{}:{line}: {what}", path.display()))
        .collect()
}

/// The table itself.
fn may_use(room: &str, used: &str) -> bool {
    let family = |name: &str| name.split("::").next().unwrap_or_default().to_owned();
    if room == used || room == "lib" || (room == "store" && family(used) == "store") {
        return true;
    }
    let place = |name: &str| PURE.iter().position(|pure| *pure == name);
    match (place(room), place(used)) {
        (Some(own), Some(other)) => other < own,
        (Some(_), None) => false,
        (None, Some(_)) => OUTER.iter().any(|(outer, _)| *outer == room),
        (None, None) => OUTER
            .iter()
            .any(|(outer, allowed)| *outer == room && allowed.contains(&used)),
    }
}

/// The module path of a source: `key/format.rs` is `[key, format]`, `key/mod.rs` is `[key]`, `lib.rs` the root.
fn modules(path: &Path) -> Vec<String> {
    let mut modules: Vec<_> = path
        .with_extension("")
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    if modules.last().is_some_and(|last| last == "mod") {
        modules.pop();
    }
    modules
}

/// The room of a module: its first part, or for a backend its first two.
fn room(modules: &[String]) -> String {
    match modules {
        [store, backend, ..] if store == "store" && is_backend(backend) => {
            format!("store::{backend}")
        }
        [first, ..] => first.clone(),
        [] => "lib".to_owned(),
    }
}

fn is_backend(name: &str) -> bool {
    OUTER
        .iter()
        .any(|(room, _)| room.strip_prefix("store::") == Some(name))
}

/// What a source names, with the lines.
#[derive(Default)]
struct Uses {
    rooms: BTreeSet<(usize, String)>,
    names: BTreeSet<(usize, String)>,
    clocks: BTreeSet<(usize, String)>,
    sql: BTreeSet<(usize, String)>,
}

impl Uses {
    /// Reads tokens that stand in the module `modules`.
    fn read(&mut self, tokens: &[TokenTree], modules: &[String]) {
        for (at, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Group(group) => {
                    let inner: Vec<_> = group.stream().into_iter().collect();
                    let mut inside = modules.to_vec();
                    if let [.., TokenTree::Ident(keyword), TokenTree::Ident(name)] = &tokens[..at]
                        && keyword == "mod"
                    {
                        inside.push(name.to_string());
                    }
                    self.read(&inner, &inside);
                }
                TokenTree::Ident(ident) => {
                    let (name, line) = (ident.to_string(), ident.span().start().line);
                    let begins = !at
                        .checked_sub(1)
                        .is_some_and(|before| is_colon(&tokens[before]));
                    let path = path(&tokens[at..]);
                    if begins && (name == "crate" || name == "keyward" && room(modules) == "main") {
                        self.use_rooms(line, &path[1..], &[]);
                    } else if begins && name == "super" {
                        let climbed = path.iter().take_while(|part| part.is("super")).count();
                        let left = modules.len().saturating_sub(climbed);
                        self.use_rooms(line, &path[climbed..], &modules[..left]);
                    }
                    if CLOCKS.contains(&name.as_str())
                        && path.get(1).is_some_and(|part| part.is("now"))
                    {
                        self.clocks.insert((line, name.clone()));
                    }
                    self.names.insert((line, name));
                }
                TokenTree::Literal(literal) => {
                    let text = literal.to_string();
                    let text = text.trim_start_matches(['r', 'b', '#', '"']).trim_start();
                    if SQL.iter().any(|verb| text.starts_with(verb)) {
                        self.sql
                            .insert((literal.span().start().line, text.chars().take(40).collect()));
                    }
                }
                TokenTree::Punct(_) => {}
            }
        }
    }

    /// Notes the rooms to which a path leads that starts in `base`.
    fn use_rooms(&mut self, line: usize, path: &[Part], base: &[String]) {
        match path {
            // Enough is known once a backend could have been named.
            _ if base.len() >= 2 => {
                self.rooms.insert((line, room(base)));
            }
            [Part::Name(name), rest @ ..] => {
                let base: Vec<_> = base.iter().cloned().chain([name.clone()]).collect();
                self.use_rooms(line, rest, &base);
            }
            [Part::Branches(branches), ..] => {
                for branch in branches {
                    self.use_rooms(line, branch, base);
                }
            }
            [] if base.is_empty() => {}
            [] => {
                self.rooms.insert((line, room(base)));
            }
        }
    }
}

/// A part of a path: a name, or the branches of a `use` group.
enum Part {
    Name(String),
    Branches(Vec<Vec<Part>>),
}

impl Part {
    fn is(&self, name: &str) -> bool {
        matches!(self, Self::Name(own) if own == name)
    }
}

/// The path that begins here: `a::b::{c, d::e}`.
fn path(tokens: &[TokenTree]) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = tokens;
    loop {
        match rest {
            [TokenTree::Ident(name), after @ ..] => {
                parts.push(Part::Name(name.to_string()));
                rest = after;
            }
            [TokenTree::Group(group), ..]
                if !parts.is_empty() && group.delimiter() == Delimiter::Brace =>
            {
                let inner: Vec<_> = group.stream().into_iter().collect();
                let branches = inner.split(
                    |token| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ','),
                );
                parts.push(Part::Branches(
                    branches
                        .map(path)
                        .filter(|branch| !branch.is_empty())
                        .collect(),
                ));
                return parts;
            }
            _ => return parts,
        }
        match rest {
            [first, second, after @ ..] if is_colon(first) && is_colon(second) => rest = after,
            _ => return parts,
        }
    }
}

fn is_colon(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(mark) if mark.as_char() == ':')
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("source directories are readable") {
        let path = entry.expect("source directories are readable").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

mod planted {
    use super::check;
    use std::path::Path;

    #[track_caller]
    fn refused(path: &str, source: &str, line: usize, what: &str) {
        assert_eq!(
            check(Path::new(path), source),
            [format!("src/{path}:{line}: {what}")]
        );
    }

    #[track_caller]
    fn accepted(path: &str, source: &str) {
        assert_eq!(check(Path::new(path), source), [""; 0]);
    }

    #[test]
    fn an_inner_room_that_uses_an_outer_one() {
        refused(
            "key/format.rs",
            "\nuse crate::verify::Record;",
            2,
            "key uses verify",
        );
        refused(
            "verify/mod.rs",
            "fn f() -> crate::snapshot::Head { todo!() }",
            1,
            "verify uses snapshot",
        );
        refused(
            "error.rs",
            "use crate::{time::Timestamp, http};",
            1,
            "error uses http",
        );
        refused(
            "service/keys.rs",
            "use crate::http::Problem;",
            1,
            "service uses http",
        );
        refused(
            "http/mod.rs",
            "use crate::store::Store;",
            1,
            "http uses store",
        );
    }

    #[test]
    fn also_through_super_and_in_inner_modules() {
        refused(
            "key/format.rs",
            "use super::super::profile::Profile;",
            1,
            "key uses profile",
        );
        refused(
            "key/mod.rs",
            "mod tests { use super::super::http::{self}; }",
            1,
            "key uses http",
        );
        refused(
            "key/mod.rs",
            "vec![crate::wasm::Engine]",
            1,
            "key uses wasm",
        );
        accepted(
            "key/mod.rs",
            "mod tests { use super::*; use super::format::KeyFormat; }",
        );
    }

    #[test]
    fn a_backend_named_from_outside() {
        refused(
            "service/mod.rs",
            "use crate::store::sqlite::SqliteStore;",
            1,
            "service uses store::sqlite",
        );
        refused(
            "service/mod.rs",
            "use crate::store::{Store, sqlite};",
            1,
            "service uses store::sqlite",
        );
        accepted(
            "store/mod.rs",
            "mod sqlite; use crate::store::sqlite::SqliteStore;",
        );
    }

    #[test]
    fn a_foreign_crate_out_of_its_room() {
        refused(
            "key/mod.rs",
            "use wasm_bindgen::prelude::*;",
            1,
            "key names wasm_bindgen, which is for wasm",
        );
        refused(
            "service/mod.rs",
            "use axum::Json;",
            1,
            "service names axum, which is for http",
        );
        refused(
            "store/mod.rs",
            "use rusqlite::Connection;",
            1,
            "store names rusqlite, which is for store::sqlite",
        );
        accepted("wasm/mod.rs", "#[wasm_bindgen] pub fn f() {}");
    }

    #[test]
    fn sql_clocks_and_random_bytes() {
        refused(
            "service/keys.rs",
            "const Q: &str = \"SELECT id FROM keys\";",
            1,
            "SQL outside a backend: SELECT id FROM keys\"",
        );
        refused(
            "key/id.rs",
            "let now = std::time::SystemTime::now();",
            1,
            "SystemTime::now() outside src/env.rs",
        );
        refused(
            "key/id.rs",
            "getrandom::fill(&mut bytes);",
            1,
            "key names getrandom, which is for env",
        );
        accepted(
            "env.rs",
            "fn now() { std::time::SystemTime::now(); getrandom::fill(&mut []); }",
        );
        accepted("store/sqlite/keys.rs", "const Q: &str = r#\"SELECT 1\"#;");
    }

    #[test]
    fn comments_and_strings_say_nothing() {
        accepted(
            "key/mod.rs",
            "//! See [`crate::verify`].\n/// Not axum.\nconst A: &str = \"crate::http axum\";",
        );
    }
}

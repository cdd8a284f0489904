//! Holds that `docs/profile.schema.json` is what the types give, that it takes every good profile, and that it refuses
//! what it can see to be wrong. `KEYWARD_BLESS=1 cargo test --test profile_schema` writes it anew.
#![cfg(not(target_family = "wasm"))]

use std::fs;
use std::path::Path;

use boon::{Compiler, SchemaIndex, Schemas};
use keyward::profile::Profile;
use serde_json::{Value, json};

/// One of everything that a profile can hold.
const EVERYTHING: &str = include_str!("../src/profile/schema/everything.toml");

#[test]
fn the_schema_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/profile.schema.json");
    let made = Profile::json_schema();
    if std::env::var_os("KEYWARD_BLESS").is_some() {
        fs::write(&path, made).expect("a file");
        return;
    }
    // As values: in which order members are written depends on who else is built.
    let read = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
    let kept = fs::read_to_string(&path).unwrap_or_else(|_| "null".into());
    assert!(
        read(&kept) == read(&made),
        "docs/profile.schema.json is stale: run KEYWARD_BLESS=1 cargo test --test profile_schema"
    );
}

fn compile(schemas: &mut Schemas) -> SchemaIndex {
    let mut compiler = Compiler::new();
    let schema = serde_json::from_str(&Profile::json_schema()).expect("JSON");
    compiler
        .add_resource("profile.json", schema)
        .expect("a resource");
    compiler.compile("profile.json", schemas).expect("a schema")
}

fn document(text: &str) -> Value {
    toml::from_str(text).expect("TOML")
}

#[test]
fn every_good_profile_is_valid() {
    let mut schemas = Schemas::new();
    let schema = compile(&mut schemas);
    let presets = Profile::PRESETS.iter().map(|name| {
        let text = Profile::preset_toml(name).expect("it is listed");
        (*name, text)
    });
    for (name, text) in presets.chain([("everything", EVERYTHING)]) {
        if let Err(error) = schemas.validate(&document(text), schema) {
            panic!("{name}: {error:#}");
        }
    }
}

#[test]
fn what_can_be_seen_to_be_wrong_is_invalid() {
    let mut schemas = Schemas::new();
    let schema = compile(&mut schemas);
    for (place, wrong) in [
        ("/schema_version", json!(2)),
        ("/id", json!("Upper")),
        ("/title", json!(null)),
        ("/title", json!("x".repeat(201))),
        ("/unknown", json!(1)),
        ("/key/format", json!("hex")),
        ("/key/prefix", json!("a b")),
        ("/request/transports", json!([])),
        ("/request/transports/0", json!("header(X-Api-Key)")),
        ("/request/realm", json!("\"")),
        ("/levels", json!([])),
        ("/levels/0/scopes/0", json!("mails*")),
        ("/levels/1/rate/limit", json!(0)),
        ("/levels/1/rate/burst", json!(1)),
        ("/routes/0/closed", json!("and a scope")),
        ("/routes/0/calls", json!([])),
        ("/routes/0/calls/0", json!("GET/x")),
        ("/routes/1/cost", json!(1_000_001)),
        ("/constraints/0/kind", json!("number")),
        ("/constraints/0/applies_to", json!([])),
        ("/constraints/0/max_values", json!(0)),
        ("/fields/0/max_length", json!(0)),
        ("/fields/0/unique", json!("keyspace")),
        ("/fields/0/shown_characters", json!(0)),
        ("/fields/1/kind", json!("phone")),
        ("/lifecycle/expires_in_days", json!([])),
        ("/lifecycle/idle_disable_days", json!(0)),
        ("/lifecycle/max_expires_in_days", json!(0)),
        ("/lifecycle/rotation_grace_days", json!(-1)),
        ("/lifecycle/notice_days", json!(36_501)),
        ("/lifecycle/reversible", json!("no")),
        ("/dialect", json!("esputnik")),
        ("/columns", json!([])),
        ("/columns/0", json!("Name")),
        ("/privileges/Look", json!([])),
        ("/privileges/Look", json!(["Keys"])),
        ("/vocabulary/create", json!(1)),
    ] {
        let mut changed = document(EVERYTHING);
        let (parent, member) = place.rsplit_once('/').expect("a pointer");
        let parent = changed.pointer_mut(parent).expect(place);
        match parent {
            Value::Array(items) => items[member.parse::<usize>().expect("a number")] = wrong,
            parent => parent[member] = wrong,
        }
        assert!(schemas.validate(&changed, schema).is_err(), "{place}");
    }
}

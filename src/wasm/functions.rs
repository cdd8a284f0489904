//! What needs no verifier: making, digesting and parsing keys, inspecting heads, reading profiles.

#![expect(
    unreachable_pub,
    reason = "wasm-bindgen exports what is `pub`, whatever module it stands in"
)]

use std::cell::Cell;

use serde::{Serialize, Serializer};
use wasm_bindgen::prelude::*;

use super::engine::read_keys;
use super::{number, thrown, to_js};
use crate::env::SystemEntropy;
use crate::error::{Code, Error};
use crate::key::{Digest, KeyId};
use crate::profile::Profile;
use crate::snapshot::Head;
use crate::time::Timestamp;

thread_local! {
    /// Keys are made in loops, many in a millisecond: no two of one instance share an id.
    static LAST_ID: Cell<Option<KeyId>> = const { Cell::new(None) };
}

/// Makes a key: `{ key, id, digest, hint }`.
#[wasm_bindgen(js_name = generateKey)]
pub fn generate_key(profile: &[u8], now: f64) -> Result<JsValue, JsValue> {
    let profile = Profile::decode(profile).map_err(|error| thrown(&error))?;
    let now = Timestamp::from_js(now).ok_or_else(|| {
        thrown(&Error::new(
            Code::InvalidArgument,
            "the time is not a number of milliseconds after 1970",
        ))
    })?;
    let key = profile.key_format().generate(&SystemEntropy);
    let id = LAST_ID.with(|last| {
        let id = last.get().map_or_else(
            || KeyId::generate(now, &SystemEntropy),
            |last| KeyId::generate(now, &SystemEntropy).later_than(last),
        );
        last.set(Some(id));
        id
    });
    Ok(to_js(&GeneratedKey {
        id: id.to_string(),
        digest: Digest::sha256_of(key.expose().as_bytes()).to_string(),
        hint: profile.key_format().hint(&key),
        key: key.expose(),
    }))
}

/// The digest of a key, as text.
#[wasm_bindgen(js_name = digestKey)]
pub fn digest_key(key: &str) -> String {
    Digest::sha256_of(key.as_bytes()).to_string()
}

/// The parts of a key, or where it goes wrong.
#[wasm_bindgen(js_name = parseKey)]
pub fn parse_key(key: &str, profile: &[u8]) -> Result<JsValue, JsValue> {
    let profile = Profile::decode(profile).map_err(|error| thrown(&error))?;
    Ok(match profile.key_format().parse(key.as_bytes()) {
        Ok(parsed) => to_js(&Parsed {
            ok: true,
            prefix: parsed.prefix,
            body: parsed.body,
            checksum: parsed.checksum,
        }),
        Err(error) => to_js(&NotParsed {
            ok: false,
            code: error.code(),
            at: error.at(),
            message: error.to_string(),
        }),
    })
}

/// A head's content, after its signatures were checked.
#[wasm_bindgen(js_name = inspectHead)]
pub fn inspect_head(head: &[u8], public_keys: &str, keyspace: &str) -> Result<JsValue, JsValue> {
    read_keys(public_keys)
        .and_then(|roots| Head::open(head, &roots, Some(keyspace).filter(|name| !name.is_empty())))
        .map(|head| to_js(&head_info(&head)))
        .map_err(|error| thrown(&error))
}

/// What pages show of a profile.
#[wasm_bindgen(js_name = profileInfo)]
pub fn profile_info(profile: &[u8]) -> Result<JsValue, JsValue> {
    let profile = Profile::decode(profile).map_err(|error| thrown(&error))?;
    let scope = |index: u16| {
        profile
            .scopes()
            .get(usize::from(index))
            .map_or("", |scope| &*scope.id)
    };
    Ok(to_js(&ProfileInfo {
        id: profile.id(),
        title: profile.title(),
        description: profile.description(),
        prefix: profile.key_format().prefix(),
        transports: profile
            .transports()
            .iter()
            .map(|transport| transport.as_str())
            .collect(),
        base_path: profile.base_path(),
        version_segment: profile.has_version_segment(),
        scopes: profile
            .scopes()
            .iter()
            .map(|scope| ScopeInfo {
                id: &scope.id,
                title: &scope.title,
            })
            .collect(),
        levels: profile
            .levels()
            .iter()
            .map(|level| LevelInfo {
                id: &level.id,
                title: &level.title,
                help: &level.help,
                everything: level.everything,
                scopes: level.scopes.iter().map(scope).collect(),
            })
            .collect(),
        routes: profile
            .routes()
            .rules()
            .iter()
            .map(|rule| RouteInfo {
                method: &rule.method,
                pattern: &rule.pattern,
                scope: scope(rule.scope),
            })
            .collect(),
        fields: profile
            .fields()
            .iter()
            .map(|field| FieldInfo {
                name: &field.name,
                label: &field.label,
                help: &field.help,
                required: field.required,
                max_length: field.max_length,
            })
            .collect(),
        vocabulary: profile.vocabulary(),
        idle_disable_days: profile.lifecycle().idle_disable_days,
    }))
}

pub(super) fn head_info(head: &Head) -> HeadInfo<'_> {
    let millis = |at: Timestamp| number(u64::try_from(at.as_millis()).unwrap_or(0));
    let hex = |digest: &[u8; 32]| Digest::from_sha256(*digest).to_string();
    HeadInfo {
        keyspace: &head.keyspace,
        era: head.era,
        epoch: number(head.epoch),
        issued_at: millis(head.issued_at),
        fresh_for: head.fresh_for_seconds,
        valid_until: millis(head.valid_until),
        shards: head
            .shards
            .iter()
            .map(|shard| ShardInfo {
                digest: hex(&shard.digest),
                length: shard.length,
            })
            .collect(),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HeadInfo<'a> {
    keyspace: &'a str,
    era: u32,
    epoch: f64,
    issued_at: f64,
    fresh_for: u32,
    valid_until: f64,
    shards: Vec<ShardInfo>,
}

#[derive(Serialize)]
struct ShardInfo {
    digest: String,
    length: u32,
}

#[derive(Serialize)]
struct GeneratedKey<'a> {
    key: &'a str,
    id: String,
    digest: String,
    hint: String,
}

#[derive(Serialize)]
struct Parsed<'a> {
    ok: bool,
    prefix: &'a str,
    body: &'a str,
    checksum: &'a str,
}

#[derive(Serialize)]
struct NotParsed {
    ok: bool,
    code: &'static str,
    at: usize,
    message: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProfileInfo<'a> {
    id: &'a str,
    title: &'a str,
    description: &'a str,
    prefix: &'a str,
    transports: Vec<&'a str>,
    base_path: &'a str,
    version_segment: bool,
    scopes: Vec<ScopeInfo<'a>>,
    levels: Vec<LevelInfo<'a>>,
    routes: Vec<RouteInfo<'a>>,
    fields: Vec<FieldInfo<'a>>,
    #[serde(serialize_with = "as_map")]
    vocabulary: &'a [(Box<str>, Box<str>)],
    idle_disable_days: Option<u16>,
}

/// Pairs as the members of an object.
fn as_map<S: Serializer>(
    pairs: &&[(Box<str>, Box<str>)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(word, text)| (word, text)))
}

#[derive(Serialize)]
struct ScopeInfo<'a> {
    id: &'a str,
    title: &'a str,
}

#[derive(Serialize)]
struct LevelInfo<'a> {
    id: &'a str,
    title: &'a str,
    help: &'a str,
    everything: bool,
    scopes: Vec<&'a str>,
}

#[derive(Serialize)]
struct RouteInfo<'a> {
    method: &'a str,
    pattern: &'a str,
    scope: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FieldInfo<'a> {
    name: &'a str,
    label: &'a str,
    help: &'a str,
    required: bool,
    max_length: u16,
}

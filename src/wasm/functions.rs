//! What needs no verifier: making, digesting and parsing keys, inspecting heads.

#![expect(
    unreachable_pub,
    reason = "wasm-bindgen exports what is `pub`, whatever module it stands in"
)]

use std::cell::Cell;

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::engine::{floor, read_keys};
use super::info::head_info;
use super::json::Json;
use super::{number, peppers, thrown, to_js};
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
#[expect(
    clippy::needless_pass_by_value,
    reason = "wasm-bindgen takes a text that may be absent only so"
)]
pub fn generate_key(profile: &[u8], account: Option<String>, now: f64) -> Result<JsValue, JsValue> {
    let profile = Profile::decode(profile).map_err(|error| thrown(&error))?;
    let now = Timestamp::from_js(now).ok_or_else(|| {
        thrown(&Error::new(
            Code::InvalidArgument,
            "the time is not a number of milliseconds after 1970",
        ))
    })?;
    let key = profile
        .key_format()
        .generate(account.as_deref(), &SystemEntropy)
        .map_err(|error| thrown(&error))?;
    let id = LAST_ID.with(|last| {
        let id = last.get().map_or_else(
            || KeyId::generate(now, &SystemEntropy),
            |last| KeyId::generate(now, &SystemEntropy).later_than(last),
        );
        last.set(Some(id));
        id
    });
    Ok(Json::to_js(|json| {
        json.key("key").text(key.expose());
        json.key("id").text(&id.to_string());
        let digest = Digest::sha256_of(key.expose().as_bytes());
        json.key("digest").text(&digest.to_string());
        json.key("hint").text(&profile.key_format().hint(&key));
    }))
}

/// The digest of a key, as text; with an empty `pepper_id` the plain one.
#[wasm_bindgen(js_name = digestKey)]
pub fn digest_key(key: &str, pepper_id: &str, pepper: &[u8]) -> Result<String, JsValue> {
    if pepper_id.is_empty() {
        return Ok(Digest::sha256_of(key.as_bytes()).to_string());
    }
    peppers::one(pepper_id, pepper)
        .map(|pepper| pepper.digest(key.as_bytes()).to_string())
        .map_err(|error| thrown(&error))
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
            account: parsed.account.map(number),
        }),
        Err(error) => to_js(&NotParsed {
            ok: false,
            code: error.code(),
            at: error.at(),
            message: error.to_string(),
        }),
    })
}

#[derive(Serialize)]
struct Parsed<'a> {
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    prefix: Option<&'a str>,
    body: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<f64>,
}

#[derive(Serialize)]
struct NotParsed {
    ok: bool,
    code: &'static str,
    at: usize,
    message: String,
}

/// A head's content, after its signatures were checked: not below the floor, and one that may follow `seen`, which is
/// another head or empty.
#[wasm_bindgen(js_name = inspectHead)]
pub fn inspect_head(
    head: &[u8],
    public_keys: &str,
    keyspace: &str,
    min_era: f64,
    min_epoch: f64,
    seen: &[u8],
) -> Result<JsValue, JsValue> {
    let inspect = || {
        let roots = read_keys(public_keys)?;
        let keyspace = Some(keyspace).filter(|name| !name.is_empty());
        let (min_era, min_epoch) = floor(min_era, min_epoch)?;
        let head = Head::open(head, &roots, keyspace)?;
        head.check_floor(min_era, min_epoch)?;
        if !seen.is_empty() {
            head.check_follows(&Head::open(seen, &roots, keyspace)?)?;
        }
        Ok(head)
    };
    inspect()
        .map(|head| head_info(&head))
        .map_err(|error| thrown(&error))
}

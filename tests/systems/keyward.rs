//! Rows K, which are of docs/systems.md alone: Keyward's own preset.

use serde_json::json;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::launch::row;
use crate::preset;
use crate::sheet::{Grants, Sheet, basic, checksummed, mistyped};

const LEVELS: &[(&str, Grants)] = &[
    ("read", Grants::Scopes(&["read"])),
    ("full", Grants::Everything),
];

const LACKING: &str = "insufficient_scope";
const OUTSIDE: &str = "constraint_violated";

pub(crate) fn sheet() -> Sheet {
    let mut sheet = Sheet::new(
        "keyward",
        "api.example",
        |key| ("authorization", format!("Bearer {key}")),
        LEVELS,
    );
    let key = |name: &str| checksummed("kw_live", name);
    for (level, _) in LEVELS {
        sheet.key(level, key(level), level);
    }
    sheet.scoped("only write", key("only write"), "write");
    sheet.key("office", key("office"), "read").limited(
        "ip",
        json!(["192.0.2.0/24", "198.51.100.7", "2001:db8::/32"]),
    );
    sheet
        .key("anywhere", key("anywhere"), "full")
        .limited("ip", "all");
    sheet.key("off", key("off"), "full").disabled();
    levels(&mut sheet);
    transport(&mut sheet);
    networks(&mut sheet);
    sheet
}

fn levels(sheet: &mut Sheet) {
    for call in ["GET /things", "GET /things/5/parts?page=2", "HEAD /things"] {
        sheet.allow("K1", "", "read", call);
        sheet.allow("K1", "", "full", call);
        sheet.deny("K1", "", "only write", call, LACKING);
        sheet.deny("K1", "", "off", call, "disabled");
    }
    for call in ["POST /things", "DELETE /things/5", "OPTIONS /things"] {
        sheet.allow("K1", "", "only write", call);
    }
    for call in [
        "POST /things",
        "DELETE /things/5",
        "OPTIONS /things",
        "GET /",
        "GET /things/",
    ] {
        sheet.allow("K1", "", "full", call);
        sheet.deny("K1", "", "read", call, LACKING);
    }
}

fn transport(sheet: &mut Sheet) {
    let (key, call) = (sheet.secret("read").to_owned(), "GET /things");
    sheet.allow("K2", "as Bearer", "read", call);
    sheet
        .allow("K2", "in a header of its own", "read", call)
        .sent_as("x-api-key", &key);
    for (why, value, reason) in [
        ("as Basic", basic("a", &key), "missing_credential"),
        (
            "a typo",
            format!("Bearer {}", mistyped(&key)),
            "bad_checksum",
        ),
    ] {
        sheet
            .deny("K2", why, "read", call, reason)
            .sent_as("authorization", &value);
    }
    sheet
        .deny("K2", "in both places", "read", call, "ambiguous_credential")
        .with("x-api-key", &key);
}

fn networks(sheet: &mut Sheet) {
    let call = "GET /things";
    for address in [
        "192.0.2.0",
        "192.0.2.255",
        "198.51.100.7",
        "2001:db8::1",
        "2001:0DB8:ffff::",
    ] {
        sheet
            .allow("K3", &format!("from {address}"), "office", call)
            .from(address);
    }
    for address in [
        "192.0.1.255",
        "192.0.3.0",
        "198.51.100.8",
        "2001:db9::1",
        "::1",
        "127.0.0.1",
    ] {
        sheet
            .deny("K3", &format!("from {address}"), "office", call, OUTSIDE)
            .from(address);
    }
    sheet.deny("K3", "from nobody knows where", "office", call, OUTSIDE);
    sheet
        .deny(
            "K3",
            "an address in a header is hearsay",
            "office",
            call,
            OUTSIDE,
        )
        .with("x-forwarded-for", "192.0.2.1");
    sheet
        .deny(
            "K3",
            "the right place, the wrong call",
            "office",
            "POST /things",
            LACKING,
        )
        .from("192.0.2.1");
    for free in ["anywhere", "full"] {
        sheet.allow("K3", &format!("{free}, unsaid"), free, call);
        sheet
            .allow("K3", &format!("{free}, from afar"), free, call)
            .from("203.0.113.9");
    }
}

#[test]
fn k1_read_and_full() {
    row("K1");
}

#[test]
fn k2_bearer_or_a_header_of_its_own() {
    row("K2");
}

#[test]
fn k3_a_key_keeps_to_its_networks() {
    row("K3");
}

#[test]
fn k4_keys_have_the_prefix_of_the_house() {
    let profile = preset::read("keyward");
    assert_eq!(profile.key_format().prefix(), Some("kw_live"));
    preset::has_words(&profile, &["place", "create", "level", "shown_once"]);
}

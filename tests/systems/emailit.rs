//! Rows M.

use serde_json::json;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use keyward::access::DimensionKind;

use crate::launch::row;
use crate::preset;
use crate::sheet::{Grants, Sheet, basic, checksummed, mistyped};

const LEVELS: &[(&str, Grants)] = &[
    ("full", Grants::Everything),
    ("sending", Grants::Scopes(&["emails.send"])),
];

const LACKING: &str = "insufficient_scope";
const OUTSIDE: &str = "constraint_violated";
const DOMAIN: &str = "sending_domain_id";
const SEND: &str = "POST /v2/emails";
const SENDING: [&str; 5] = [
    SEND,
    "POST /v2/emails/em_17/cancel",
    "POST /v2/emails/em_17/retry",
    "POST /v2/emails/em_17/forward",
    "POST /v2/emails/em_17/reschedule",
];

pub(crate) fn sheet() -> Sheet {
    let mut sheet = Sheet::new(
        "emailit",
        "emailit.example",
        |key| ("authorization", format!("Bearer {key}")),
        LEVELS,
    );
    let key = |name: &str| checksummed("em_live", name);
    sheet.key("full", key("full"), "full");
    sheet.key("sending", key("sending"), "sending");
    for (name, level) in [("sending from 7", "sending"), ("full from 7", "full")] {
        sheet
            .key(name, key(name), level)
            .limited(DOMAIN, json!([7]));
    }
    sheet
        .key("sending from all", key("sending from all"), "sending")
        .limited(DOMAIN, "all");
    for scope in ["emails.send", "api_keys.read", "api_keys.write"] {
        let name = format!("only {scope}");
        sheet.scoped(&name, key(&name), scope);
    }
    sheet.key("off", key("off"), "sending").disabled();
    sheet.stranger("deleted", key("deleted"));
    administration(&mut sheet);
    sending(&mut sheet);
    domains(&mut sheet);
    transport(&mut sheet);
    sheet
}

/// The calls of the API keys themselves: for `full` alone.
fn administration(sheet: &mut Sheet) {
    let (read, write) = ("only api_keys.read", "only api_keys.write");
    for (row, call, scope, other) in [
        ("M1", "POST /v2/api-keys", write, read),
        ("M9", "GET /v2/api-keys/1234567890", read, write),
        ("M12", "GET /v2/api-keys", read, write),
        ("M12", "GET /v2/api-keys?page=2&limit=10", read, write),
        ("M20", "POST /v2/api-keys/1234567890", write, read),
        ("M26", "DELETE /v2/api-keys/1234567890", write, read),
    ] {
        sheet.allow(row, "", scope, call);
        sheet.deny(row, "", other, call, LACKING);
        sheet.allow(row, "", "full", call);
        sheet.deny(row, "", "sending", call, LACKING);
        sheet
            .deny(row, "without a key", "full", call, "missing_credential")
            .bare();
    }
    sheet.deny("M26", "a deleted key", "deleted", SEND, "unknown_key");

    for call in [
        SEND,
        "GET /v2/emails",
        "GET /v2/domains",
        "DELETE /v2/suppressions/9",
    ] {
        sheet.allow("M3", "", "full", call);
    }
    sheet.allow("M3", "", "sending", SEND);
    for call in [
        "GET /v2/emails",
        "GET /v2/domains",
        "DELETE /v2/suppressions/9",
    ] {
        sheet.deny("M3", "", "sending", call, LACKING);
    }
    sheet.deny("M3", "", "off", SEND, "disabled");
}

fn sending(sheet: &mut Sheet) {
    for call in SENDING {
        sheet.allow("M-sending", "", "sending", call);
        sheet.allow("M-sending", "", "only emails.send", call);
        sheet.deny("M-sending", "", "only api_keys.write", call, LACKING);
    }
    for call in [
        "GET /v2/emails",
        "GET /v2/emails/em_17",
        "POST /v2/emails/em_17",
        "DELETE /v2/emails/em_17",
        "PUT /v2/emails/em_17/cancel",
        "GET /v2/emails/em_17/cancel",
        "POST /v2/emails/em_17/delete",
        "POST /v2/emails/em_17/cancel/now",
        "POST /v2/emails/",
        "POST /v2/email",
        "POST /v2/Emails",
        "POST /v2/domains",
        "POST /v2/what/comes/later",
    ] {
        sheet.deny("M-sending", "", "sending", call, LACKING);
    }

    sheet.allow("M28", "below /v2", "sending", SEND);
    for call in [
        "POST /emails",
        "POST /v1/emails",
        "POST /v2/v2/emails",
        "POST /V2/emails",
    ] {
        sheet.deny("M28", "not below /v2", "sending", call, LACKING);
    }
}

fn domains(sheet: &mut Sheet) {
    let (seven, full) = ("sending from 7", "full from 7");
    for call in SENDING {
        sheet
            .allow("M4", "its domain", seven, call)
            .about(DOMAIN, 7);
        sheet
            .deny("M4", "another domain", seven, call, OUTSIDE)
            .about(DOMAIN, 8);
    }
    sheet.deny("M4", "no domain is said", seven, SEND, OUTSIDE);
    for (why, said) in [
        ("the number as text", json!("7")),
        ("one domain of two", json!([7, 8])),
        ("an empty list of domains", json!([])),
        ("the negative number", json!(-7)),
    ] {
        sheet
            .deny("M4", why, seven, SEND, OUTSIDE)
            .about(DOMAIN, said);
    }
    sheet
        .allow("M4", "its domain, in a list", seven, SEND)
        .about(DOMAIN, json!([7]));
    sheet
        .deny(
            "M4",
            "its domain, but it may only send",
            seven,
            "GET /v2/domains",
            LACKING,
        )
        .about(DOMAIN, 7);
    sheet
        .allow("M4", "its domain, among other things said", seven, SEND)
        .about(DOMAIN, 7)
        .about("campaign", "spring");

    sheet
        .allow("M4", "full, its domain", full, SEND)
        .about(DOMAIN, 7);
    sheet
        .deny("M4", "full, another domain", full, SEND, OUTSIDE)
        .about(DOMAIN, 8);
    sheet.allow(
        "M4",
        "full, a call that is about no domain",
        full,
        "GET /v2/api-keys",
    );
    let later = "POST /v2/what/comes/later";
    sheet.deny(
        "M4",
        "full, an unlisted call that says no domain",
        full,
        later,
        OUTSIDE,
    );
    sheet
        .deny(
            "M4",
            "full, an unlisted call about another",
            full,
            later,
            OUTSIDE,
        )
        .about(DOMAIN, 8);
    sheet
        .allow("M4", "full, an unlisted call about its domain", full, later)
        .about(DOMAIN, 7);

    for free in ["sending", "sending from all"] {
        sheet.allow("M4", &format!("{free}, unsaid"), free, SEND);
        sheet
            .allow("M4", &format!("{free}, any domain"), free, SEND)
            .about(DOMAIN, 8);
    }
}

fn transport(sheet: &mut Sheet) {
    let key = sheet.secret("sending").to_owned();
    sheet.allow("M-bearer", "as Bearer", "sending", SEND);
    sheet
        .allow("M-bearer", "the scheme in lower case", "sending", SEND)
        .sent_as("authorization", &format!("bearer {key}"));
    for (why, header, value, reason) in [
        (
            "a header of its own",
            "x-api-key",
            key.clone(),
            "missing_credential",
        ),
        (
            "as Basic",
            "authorization",
            basic("a", &key),
            "missing_credential",
        ),
        (
            "the bare key",
            "authorization",
            key.clone(),
            "missing_credential",
        ),
        (
            "twice",
            "authorization",
            format!("Bearer {key}, Bearer {key}"),
            "ambiguous_credential",
        ),
        (
            "nothing after Bearer",
            "authorization",
            "Bearer ".to_owned(),
            "malformed_credential",
        ),
        (
            "a typo",
            "authorization",
            format!("Bearer {}", mistyped(&key)),
            "bad_checksum",
        ),
        (
            "another system's key",
            "authorization",
            format!("Bearer {}", checksummed("es", "full")),
            "malformed_key",
        ),
    ] {
        sheet
            .deny("M-bearer", why, "sending", SEND, reason)
            .sent_as(header, &value);
    }
    let call = format!("{SEND}?api_key={key}");
    let case = sheet.deny(
        "M-bearer",
        "in the query",
        "sending",
        &call,
        "missing_credential",
    );
    case.bare();
    case.name = format!("M-bearer in the query: {SEND}");
}

#[test]
fn m1_only_full_makes_keys() {
    row("M1");
}

#[test]
fn m2_a_name_is_required() {
    let profile = preset::read("emailit");
    assert_eq!(profile.fields().len(), 1);
    assert!(preset::field(&profile, "name").required);
}

#[test]
fn m3_full_opens_everything_and_comes_first() {
    let profile = preset::read("emailit");
    let ids: Vec<_> = profile.levels().iter().map(|level| &*level.id).collect();
    assert_eq!(ids, ["full", "sending"]);
    row("M3");
}

#[test]
fn m4_a_key_keeps_to_its_sending_domain() {
    row("M4");
}

#[test]
fn m4_a_key_has_one_sending_domain_or_all() {
    let profile = preset::read("emailit");
    let [dimension] = profile.dimensions() else {
        panic!("{:?}", profile.dimensions());
    };
    assert_eq!((&*dimension.name, dimension.max_values), (DOMAIN, 1));
    assert_eq!(dimension.kind, DimensionKind::Integer);
}

#[test]
fn m5_m6_keys_have_the_systems_prefix_and_are_shown_once() {
    let profile = preset::read("emailit");
    assert_eq!(profile.key_format().prefix(), Some("em_live"));
    assert!(!profile.lifecycle().recoverable);
}

#[test]
fn m9_only_full_reads_a_key() {
    row("M9");
}

#[test]
fn m12_only_full_lists_keys() {
    row("M12");
}

#[test]
fn m20_only_full_renames_keys() {
    row("M20");
}

#[test]
fn m26_only_full_deletes_keys_and_what_is_deleted_is_unknown() {
    row("M26");
}

#[test]
fn m28_everything_stands_below_v2() {
    row("M28");
}

#[test]
fn a_sending_key_sends_and_nothing_else() {
    row("M-sending");
}

#[test]
fn the_key_comes_as_bearer_and_nowhere_else() {
    row("M-bearer");
}

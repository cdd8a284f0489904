//! Rows E. The methods and who may call them stand in tests/vectors/esputnik.json, taken from the vendor's
//! document and the project's own words on what a level opens.

use serde::Deserialize;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::launch::row;
use crate::preset;
use crate::sheet::{Grants, Sheet, basic, checksummed, mistyped};

const LEVELS: &[(&str, Grants)] = &[
    ("full", Grants::Everything),
    ("events", Grants::Scopes(&["basics", "events"])),
    (
        "events_and_contacts",
        Grants::Scopes(&["basics", "contacts.read", "contacts.write", "events"]),
    ),
];

/// The scopes of the six groups, in order.
const SCOPES: [&str; 6] = [
    "basics",
    "contacts.read",
    "contacts.write",
    "contacts.activity",
    "events",
    "messages.send",
];

const LACKING: &str = "insufficient_scope";

#[derive(Deserialize)]
struct Methods {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    #[serde(rename = "group")]
    number: u8,
    levels: Vec<String>,
    calls: Vec<String>,
}

pub(crate) fn sheet() -> Sheet {
    let mut sheet = Sheet::new(
        "esputnik",
        "esputnik.example",
        |key| ("authorization", basic("anyone", key)),
        LEVELS,
    );
    for (level, _) in LEVELS {
        sheet.key(level, checksummed("es", level), level);
    }
    for scope in SCOPES {
        let name = format!("only {scope}");
        sheet.scoped(&name, checksummed("es", &name), scope);
    }
    for (name, level) in [("off", "full"), ("idle", "events")] {
        sheet.key(name, checksummed("es", name), level).disabled();
    }
    sheet.key("on again", checksummed("es", "on again"), "events");
    sheet.stranger("deleted", checksummed("es", "deleted"));
    access(&mut sheet);
    levels_and_versions(&mut sheet);
    methods(&mut sheet);
    states(&mut sheet);
    traps(&mut sheet);
    sheet
}

fn access(sheet: &mut Sheet) {
    let version = "GET /api/version";
    let events = sheet.secret("events").to_owned();

    sheet.allow("E1", "a key instead of the password", "events", version);
    sheet
        .deny("E1", "the password", "events", version, "malformed_key")
        .sent_as("authorization", &basic("owner@example.com", "Tr0ub4dor&3"));
    sheet
        .deny("E1", "neither", "events", version, "missing_credential")
        .bare();

    for (why, user) in [
        ("any user name", "anyone"),
        ("no user name", ""),
        ("an address as user name", "owner@example.com"),
        ("the key as user name too", &*events),
    ] {
        sheet
            .allow("E2", why, "events", version)
            .sent_as("authorization", &basic(user, &events));
    }
    let bearer = format!("Bearer {events}");
    let twice = [basic("a", &events), basic("b", &events)].join(", ");
    for (why, value, reason) in [
        (
            "the key as user name alone",
            &basic(&events, ""),
            "malformed_key",
        ),
        ("a typo", &basic("a", &mistyped(&events)), "bad_checksum"),
        ("as Bearer", &bearer, "missing_credential"),
        (
            "Basic without anything",
            &"Basic".to_owned(),
            "malformed_credential",
        ),
        ("two of them", &twice, "ambiguous_credential"),
    ] {
        sheet
            .deny("E2", why, "events", version, reason)
            .sent_as("authorization", value);
    }
    sheet
        .deny(
            "E2",
            "in a header of its own",
            "events",
            version,
            "missing_credential",
        )
        .sent_as("x-api-key", &events);
    sheet
        .deny(
            "E2",
            "in the query",
            "events",
            "GET /api/version?key=1",
            "missing_credential",
        )
        .bare();

    let contact = "POST /api/contact";
    sheet.allow(
        "E7",
        "made for events and contacts",
        "events_and_contacts",
        contact,
    );
    sheet.deny("E7", "made for events", "events", contact, LACKING);

    sheet.allow("E8", "the mailer's key", "full", "POST /api/message/email");
    sheet.allow("E8", "the shop's key", "events", "POST /api/event");
    sheet.deny(
        "E8",
        "the shop's key",
        "events",
        "POST /api/message/email",
        LACKING,
    );
    sheet.deny(
        "E8",
        "a third one, off",
        "off",
        "POST /api/event",
        "disabled",
    );
}

fn levels_and_versions(sheet: &mut Sheet) {
    for (key, call) in [
        ("full", "POST /api/event"),
        ("full", "GET /api/contacts"),
        ("full", "POST /api/message/email"),
        ("full", "GET /api/contacts/activity"),
        ("full", "PATCH /api/what/comes/later"),
        ("events", "POST /api/event"),
        ("events", "GET /api/balance"),
        ("events_and_contacts", "POST /api/event"),
        ("events_and_contacts", "GET /api/contacts"),
        ("events_and_contacts", "DELETE /api/contact/5"),
    ] {
        sheet.allow("E10", "", key, call);
    }
    for (key, call) in [
        ("events", "GET /api/contacts"),
        ("events", "POST /api/contact"),
        ("events", "GET /api/contacts/activity"),
        ("events", "POST /api/message/email"),
        ("events", "PATCH /api/what/comes/later"),
        ("events_and_contacts", "GET /api/contacts/activity"),
        ("events_and_contacts", "POST /api/broadcast"),
        ("events_and_contacts", "PATCH /api/what/comes/later"),
    ] {
        sheet.deny("E10", "", key, call, LACKING);
    }

    for version in ["", "/v1", "/v2", "/v3", "/v999"] {
        let event = format!("POST /api{version}/event");
        let contacts = format!("GET /api{version}/contacts");
        sheet.allow("E11", "", "events", &event);
        sheet.deny("E11", "", "events", &contacts, LACKING);
    }
    for path in [
        "/api/v0/event",
        "/api/v01/event",
        "/api/v1000/event",
        "/api/V1/event",
        "/api/v/event",
        "/api/v1.0/event",
        "/api/v1/v2/event",
        "/v1/api/event",
        "/event",
    ] {
        sheet.deny(
            "E11",
            "no version",
            "events",
            &format!("POST {path}"),
            LACKING,
        );
    }
}

/// All 51 methods for all three levels, under each way of naming a version in turn.
fn methods(sheet: &mut Sheet) {
    let methods: Methods = serde_json::from_str(include_str!("../vectors/esputnik.json"))
        .expect("the vendor's methods");
    let mut versions = ["", "/v1", "/v2"].into_iter().cycle();
    for group in &methods.groups {
        let row = format!("E{}", 11 + group.number);
        let only = format!("only {}", SCOPES[usize::from(group.number) - 1]);
        for call in &group.calls {
            let (method, path) = call.split_once(' ').expect("METHOD /path");
            let version = versions.next().unwrap_or_default();
            let call = format!("{method} /api{version}{path}");
            sheet.allow(&row, &only, &only, &call);
            for (level, _) in LEVELS {
                if group.levels.iter().any(|opens| opens == level) {
                    sheet.allow(&row, level, level, &call);
                } else {
                    sheet.deny(&row, level, level, &call, LACKING);
                }
            }
        }
    }
    // Open to every level is not open to everybody, nor by every method.
    for (row, call) in [("E12", "GET /api/account/info"), ("E16", "POST /api/event")] {
        sheet
            .deny(row, "without a key", "full", call, "missing_credential")
            .bare();
    }
    for (row, call) in [
        ("E12", "PUT /api/version"),
        ("E12", "POST /api/messages/sms"),
        ("E12", "GET /api/messages/email/5/en"),
        ("E16", "GET /api/event"),
        ("E16", "PUT /api/past_events"),
    ] {
        sheet.deny(row, "another method", "events_and_contacts", call, LACKING);
    }
}

fn states(sheet: &mut Sheet) {
    let event = "POST /api/v1/event";
    sheet.deny("E18", "switched off", "off", event, "disabled");
    sheet.deny("E18", "switched off", "off", "GET /api/version", "disabled");
    sheet.allow("E18", "its neighbour", "full", event);
    sheet.allow("E19", "switched on again", "on again", event);
    sheet.deny("E19", "not switched on again", "off", event, "disabled");
    sheet.deny("E20", "disabled for want of use", "idle", event, "disabled");
    sheet.allow("E20", "in use", "events", event);
    sheet.deny("E21", "deleted", "deleted", event, "unknown_key");
    sheet.allow("E21", "its neighbour", "events", event);
}

/// What is easily taken for something else.
fn traps(sheet: &mut Sheet) {
    const ALL: &[&str] = &["full", "events", "events_and_contacts"];
    const CONTACTS: &[&str] = &["full", "events_and_contacts"];
    const FULL: &[&str] = &["full"];
    for (call, opens) in [
        ("POST /api/message/email", FULL),
        ("POST /api/messages/email", ALL),
        ("GET /api/message/email", FULL),
        ("GET /api/messages/email", ALL),
        ("GET /api/contacts", CONTACTS),
        ("GET /api/contacts/email", CONTACTS),
        ("GET /api/contacts/activity", FULL),
        ("GET /api/contacts/5", FULL),
        ("POST /api/contacts/email", FULL),
        ("POST /api/contact/subscribe", CONTACTS),
        ("GET /api/contact/subscribe", FULL),
        ("DELETE /api/contact/subscribe", FULL),
        ("GET /api/contact/%73ubscribe", FULL),
        ("GET /api/contact/subscribed", CONTACTS),
        ("GET /api/contacts/", FULL),
        ("GET /api/Contacts", FULL),
        ("GET /api/group/5/contacts/detach", FULL),
        ("GET /api/messages/email/5/viewlink", FULL),
    ] {
        for level in ALL {
            if opens.contains(level) {
                sheet.allow("E-traps", level, level, call);
            } else {
                sheet.deny("E-traps", level, level, call, LACKING);
            }
        }
    }
}

#[test]
fn e1_a_key_stands_for_the_password() {
    row("E1");
}

#[test]
fn e2_http_basic_with_any_user_name() {
    row("E2");
}

#[test]
fn e4_e5_e9_the_page_has_the_systems_words() {
    let profile = preset::read("esputnik");
    assert_eq!(preset::word(&profile, "place"), "Profile > Settings > API");
    assert_eq!(preset::word(&profile, "create"), "Add key");
    assert_eq!(preset::word(&profile, "status_active"), "Available");
    assert_eq!(preset::word(&profile, "status_disabled"), "Not available");
    preset::has_words(
        &profile,
        &[
            "edit",
            "column_key",
            "column_created_by",
            "column_created_at",
            "column_level",
            "column_description",
            "column_status",
        ],
    );
}

#[test]
fn e6_a_description_tells_which_application() {
    let profile = preset::read("esputnik");
    assert_eq!(profile.fields().len(), 1);
    let field = preset::field(&profile, "description");
    assert_eq!((&*field.label, field.required), ("Description", true));
}

#[test]
fn e7_rights_are_chosen_when_the_key_is_made() {
    row("E7");
}

#[test]
fn e8_several_keys_with_rights_of_their_own() {
    row("E8");
}

#[test]
fn e10_levels_open_what_they_are_named_for() {
    let profile = preset::read("esputnik");
    assert_eq!(
        preset::levels(&profile),
        [
            ("full", "Full access to API"),
            ("events", "Access to events"),
            ("events_and_contacts", "Access to events and contacts"),
        ]
    );
    row("E10");
}

#[test]
fn e11_rules_hold_for_every_version() {
    row("E11");
}

#[test]
fn e12_default_methods_are_open_to_every_level() {
    row("E12");
}

#[test]
fn e13_reading_contacts_and_segments() {
    row("E13");
}

#[test]
fn e14_writing_contacts_and_segments() {
    row("E14");
}

#[test]
fn e15_contact_activity_in_campaigns() {
    row("E15");
}

#[test]
fn e16_events() {
    row("E16");
}

#[test]
fn e17_sending_messages() {
    row("E17");
}

#[test]
fn e18_switched_off_is_refused() {
    preset::has_words(&preset::read("esputnik"), &["disable", "disable_confirm"]);
    row("E18");
}

#[test]
fn e19_switched_on_again_is_let_in() {
    let profile = preset::read("esputnik");
    assert!(profile.lifecycle().reversible);
    preset::has_words(&profile, &["enable", "enable_confirm"]);
    row("E19");
}

#[test]
fn e20_ninety_days_without_use() {
    let profile = preset::read("esputnik");
    assert_eq!(profile.lifecycle().idle_disable_days, Some(90));
    row("E20");
}

#[test]
fn e21_deleted_is_unknown() {
    preset::has_words(&preset::read("esputnik"), &["delete", "delete_confirm"]);
    row("E21");
}

#[test]
fn e22_e23_e24_advice_stands_ready() {
    let words = [
        "advice_key_protect",
        "advice_key_pictures",
        "advice_key_mail",
        "support",
    ];
    preset::has_words(&preset::read("esputnik"), &words);
}

#[test]
fn traps_are_not_fallen_into() {
    row("E-traps");
}

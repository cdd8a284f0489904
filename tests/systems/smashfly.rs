//! Rows S.

#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use keyward::access::{Context, RouteAccess};
use keyward::key::Digest;
use keyward::profile::FieldKind;
use keyward::time::Timestamp;
use keyward::verify::{Ask, Reason, Record, Status, Verifier};

use crate::launch::row;
use crate::preset;
use crate::sheet::{DAY, Grants, Sheet, basic, checksummed, mistyped};
use crate::vector::NOW;

const LEVELS: &[(&str, Grants)] = &[
    ("list", Grants::Scopes(&["lists.lookup"])),
    ("contact", Grants::Scopes(&["contacts.export"])),
];

const LACKING: &str = "insufficient_scope";
const EXPORT: &str = "GET /contact-export/contacts";
const LOOKUP: &str = "GET /list-lookup/lists";

pub(crate) fn sheet() -> Sheet {
    let mut sheet = Sheet::new(
        "smashfly",
        "smashfly.example",
        |key| ("x-api-key", key.to_owned()),
        LEVELS,
    );
    let key = |name: &str| checksummed("sf", name);
    for (level, _) in LEVELS {
        sheet.key(level, key(level), level).of("ada@example.com");
    }
    for (name, days) in [("90 days", 90), ("180 days", 180), ("1 year", 365)] {
        sheet.key(name, key(name), "contact").ends_after(days * DAY);
    }
    sheet
        .key("replacement", key("replacement"), "contact")
        .of("grace@example.com")
        .ends_after(365 * DAY);
    // What is deactivated is in no record and no snapshot any more.
    sheet.stranger("deactivated", key("deactivated"));
    scopes(&mut sheet);
    closed(&mut sheet);
    time(&mut sheet);
    transport(&mut sheet);
    sheet
}

fn scopes(sheet: &mut Sheet) {
    sheet.allow("S1", "", "contact", EXPORT);
    sheet.allow("S1", "", "list", LOOKUP);
    sheet.deny("S1", "", "contact", LOOKUP, LACKING);
    sheet.deny("S1", "", "list", EXPORT, LACKING);
    for call in [EXPORT, LOOKUP] {
        sheet
            .deny("S1", "without a key", "contact", call, "missing_credential")
            .bare();
    }

    for call in [
        "GET /contact-export/contacts/5",
        "POST /contact-export/v2/queries/5/run",
        "GET /contact-export/contacts?zone=all",
        "HEAD /contact-export/contacts",
    ] {
        sheet.allow("S11", "all of the zone", "contact", call);
        sheet.deny("S11", "nothing of the zone", "list", call, LACKING);
    }

    for (key, call) in [
        ("list", "POST /list-lookup/lists/5/members"),
        ("contact", "DELETE /contact-export/jobs/5"),
    ] {
        sheet.allow("S14", "", key, call);
    }
    for (key, call) in [
        ("list", "POST /contact-export/lists/5"),
        ("contact", "DELETE /list-lookup/jobs/5"),
        ("contact", "GET /contact-export"),
        ("contact", "GET /contact-export/"),
        ("contact", "GET /contact-exports/contacts"),
        ("contact", "GET /Contact-Export/contacts"),
        ("contact", "GET /v1/contact-export/contacts"),
        ("contact", "GET /"),
    ] {
        sheet.deny("S14", "", key, call, LACKING);
    }
    sheet.deny(
        "S14",
        "a path with a gap",
        "contact",
        "GET /contact-export//contacts",
        "malformed_path",
    );

    sheet.allow("S16", "one owner's key for lists", "list", LOOKUP);
    sheet.allow(
        "S16",
        "the same owner's key for contacts",
        "contact",
        EXPORT,
    );
    sheet.deny(
        "S16",
        "neither does the other's work",
        "list",
        EXPORT,
        LACKING,
    );
}

fn closed(sheet: &mut Sheet) {
    for key in ["list", "contact"] {
        for call in [
            "POST /contact-import/contacts",
            "GET /contact-import",
            "GET /jobs",
            "GET /jobs/5",
            "PUT /jobs/5/applications/7",
        ] {
            sheet.deny("S2", key, key, call, LACKING).noted();
        }
    }
    // Not closed: merely not opened.
    sheet.deny("S2", "another path", "contact", "GET /job/5", LACKING);
    sheet.allow("S2", "what has a key", "contact", EXPORT);
    sheet
        .deny(
            "S2",
            "without a key, nothing is told",
            "contact",
            "GET /jobs/5",
            "missing_credential",
        )
        .bare();
}

fn time(sheet: &mut Sheet) {
    for (name, days) in [("90 days", 90), ("180 days", 180), ("1 year", 365)] {
        for row in ["S10", "S17"] {
            sheet
                .allow(row, &format!("{name}, to the last"), name, EXPORT)
                .after(days * DAY - 1);
            sheet
                .deny(
                    row,
                    &format!("{name}, then no more"),
                    name,
                    EXPORT,
                    "expired",
                )
                .after(days * DAY);
        }
    }

    let gone = "unknown_key";
    sheet.deny(
        "S19",
        "the lost key, deactivated",
        "deactivated",
        EXPORT,
        gone,
    );
    sheet.allow("S19", "the one made for it", "replacement", EXPORT);
    sheet.deny("S24", "deactivated", "deactivated", EXPORT, gone);
    sheet.deny("S24", "deactivated, any call", "deactivated", LOOKUP, gone);
    sheet.allow("S24", "its neighbour", "contact", EXPORT);
    sheet.allow("S25", "a new key", "replacement", EXPORT);
    sheet
        .deny(
            "S25",
            "the inactive one, a year later",
            "deactivated",
            EXPORT,
            gone,
        )
        .after(365 * DAY);
    sheet.allow("S26", "before it", "90 days", EXPORT);
    sheet.deny("S26", "long before its end", "deactivated", EXPORT, gone);
    sheet
        .deny("S27", "left to expire", "90 days", EXPORT, "expired")
        .after(91 * DAY);
    sheet
        .allow("S27", "replaced in time", "replacement", EXPORT)
        .after(91 * DAY);
}

fn transport(sheet: &mut Sheet) {
    let key = sheet.secret("contact").to_owned();
    let bearer = format!("Bearer {key}");
    sheet.allow("S-header", "x-api-key", "contact", EXPORT);
    sheet
        .allow("S-header", "X-API-KEY", "contact", EXPORT)
        .sent_as("X-API-KEY", &key);
    sheet
        .allow("S-header", "Bearer", "contact", EXPORT)
        .sent_as("authorization", &bearer);
    sheet
        .deny(
            "S-header",
            "both",
            "contact",
            EXPORT,
            "ambiguous_credential",
        )
        .with("authorization", &bearer);
    sheet
        .deny("S-header", "Basic", "contact", EXPORT, "missing_credential")
        .sent_as("authorization", &basic("ada@example.com", &key));
    sheet
        .deny("S-header", "a typo", "contact", EXPORT, "bad_checksum")
        .sent_as("x-api-key", &mistyped(&key));
}

#[test]
fn s1_each_key_opens_its_own_api() {
    row("S1");
}

#[test]
fn s2_import_and_jobs_take_no_key_and_say_what_to_use() {
    let profile = preset::read("smashfly");
    for call in ["/contact-import/**", "/jobs/**"] {
        let rules = profile.routes().rules();
        let rule = rules.iter().find(|rule| *rule.pattern == *call);
        let Some(RouteAccess::Closed(note)) = rule.map(|rule| &rule.access) else {
            panic!("{call} is not closed");
        };
        assert!(note.contains("credentials of the user"), "{note}");
    }
    row("S2");
}

#[test]
fn s3_s4_s9_s12_s20_advice_stands_ready() {
    let words = [
        "advice_form_agreement",
        "advice_form_administrator",
        "advice_form_one_each",
        "advice_key_handover",
        "advice_list_ending",
    ];
    preset::has_words(&preset::read("smashfly"), &words);
}

#[test]
fn s5_to_s8_s13_the_page_has_the_systems_words() {
    let profile = preset::read("smashfly");
    assert_eq!(
        preset::word(&profile, "place"),
        "Configuration > Developers' Corner > Manage API Keys"
    );
    assert_eq!(preset::word(&profile, "create"), "Generate New Key");
    assert_eq!(preset::word(&profile, "submit"), "Generate");
    assert!(preset::word(&profile, "unavailable").contains("Success Manager"));
    assert!(preset::word(&profile, "forbidden").contains("Configuration System"));
    assert_eq!(
        preset::word(&profile, "documentation_url"),
        "http://www.smashfly.com/developers"
    );
}

#[test]
fn s10_a_key_lives_for_a_year_at_most() {
    let profile = preset::read("smashfly");
    assert_eq!(profile.lifecycle().expires_in_days.iter().max(), Some(&365));
    row("S10");
}

#[test]
fn s11_a_key_sees_the_whole_zone() {
    assert!(preset::read("smashfly").dimensions().is_empty());
    row("S11");
}

#[test]
fn s14_exactly_one_of_two_apis() {
    let profile = preset::read("smashfly");
    assert_eq!(
        preset::levels(&profile),
        [("list", "List API"), ("contact", "Contact API")]
    );
    for level in profile.levels() {
        assert_eq!((level.scopes.iter().count(), level.everything), (1, false));
    }
    row("S14");
}

#[test]
fn s15_a_key_has_an_owner_to_be_told() {
    let profile = preset::read("smashfly");
    let contact = preset::field(&profile, "contact_email");
    assert_eq!((contact.kind, contact.required), (FieldKind::Email, true));
    assert_eq!(&*contact.label, "Contact Email");
}

#[test]
fn s16_one_owner_one_key_for_each_api() {
    row("S16");
}

#[test]
fn s17_ninety_days_half_a_year_or_a_year() {
    let profile = preset::read("smashfly");
    assert_eq!(profile.lifecycle().expires_in_days, [90, 180, 365]);
    assert_eq!(preset::word(&profile, "expiry"), "Expiration");
    assert_eq!(preset::word(&profile, "expires_in_365"), "1 year");
    row("S17");
}

#[test]
fn s18_a_description() {
    let profile = preset::read("smashfly");
    assert_eq!(
        &*preset::field(&profile, "description").label,
        "Description"
    );
}

#[test]
fn s19_a_lost_key_is_replaced() {
    let profile = preset::read("smashfly");
    assert!(!profile.lifecycle().recoverable);
    preset::has_words(&profile, &["shown_once"]);
    row("S19");
}

#[test]
fn s21_s22_s23_the_list_has_the_systems_words() {
    let profile = preset::read("smashfly");
    assert_eq!(preset::word(&profile, "column_status"), "Active");
    assert_eq!(preset::word(&profile, "deactivate"), "Deactivate");
    assert_eq!(preset::word(&profile, "deactivate_submit"), "Okay");
    preset::has_words(&profile, &["column_contact_email", "deactivate_confirm"]);
}

#[test]
fn s24_deactivated_is_refused() {
    row("S24");
}

/// Where a verifier is still given such a record, it says why; no status comes after this one.
#[test]
fn s25_inactive_keys_never_come_back() {
    let profile = preset::read("smashfly");
    assert!(!profile.lifecycle().reversible);
    let key = checksummed("sf", "deactivated");
    let record = Record::new("one", Digest::sha256_of(key.as_bytes()))
        .level("contact")
        .status(Status::Deactivated);
    let verifier = Verifier::builder(profile)
        .records([record])
        .build()
        .expect("a good record");
    let now = Timestamp::from_millis(NOW).expect("an instant");
    let decision = verifier.verify_key(key.as_bytes(), Ask::Alive, Context::default(), now);
    assert_eq!(decision.reason(), Some(Reason::Deactivated));
    row("S25");
}

#[test]
fn s26_at_any_time() {
    row("S26");
}

#[test]
fn s27_lapsed_or_replaced() {
    row("S27");
}

#[test]
fn the_key_stands_in_a_header_of_its_own_or_as_bearer() {
    row("S-header");
}

//! Rows O. The list of calls for Integrations is the project's own; what a table can hold against the preset is
//! that the list stays what it was agreed to be.

use serde_json::json;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use keyward::access::Constraint;
use keyward::key::Digest;
use keyward::limit::{Rate, RateState};
use keyward::profile::FieldKind;
use keyward::time::Timestamp;
use keyward::verify::{Record, Verifier};

use crate::launch::row;
use crate::preset;
use crate::sheet::{DAY, Grants, Sheet, basic, checksummed, mistyped};
use crate::vector::NOW;

const LEVELS: &[(&str, Grants)] = &[
    ("admin", Grants::Everything),
    (
        "integrations",
        Grants::Scopes(&[
            "customers.read",
            "campaigns.read",
            "templates.manage",
            "results.report",
        ]),
    ),
    ("transactional", Grants::Everything),
];

const LACKING: &str = "insufficient_scope";
const OUTSIDE: &str = "constraint_violated";

const CUSTOMERS: &str = "GET /current/customers/GetCustomersByCampaign";
const TEMPLATES: &str = "POST /current/integrations/AddChannelTemplates";
const MAIL: &str = "POST /current/transactional/SendTransactionalMail";
const METRICS: &str = "GET /current/transactional/GetTransactionalTemplateMetrics";
const UNLISTED: &str = "GET /current/model/GetMicrosegmentList";

/// What a third party may call: calls that hand out customers' attributes, and the others.
const WITH_ATTRIBUTES: [&str; 3] = [
    CUSTOMERS,
    "GET /current/customers/GetCustomerExecutionDetailsByCampaign",
    "GET /current/customers/GetCustomerExecutionDetailsByChannel",
];
const WITHOUT: [&str; 9] = [
    "GET /current/actions/GetExecutedCampaignsByChannel",
    "GET /current/actions/GetExecutedCampaignChannelDetails",
    "POST /current/general/RegisterEventListener",
    "POST /current/general/UnregisterEventListener",
    "GET /current/integrations/GetChannelTemplates",
    TEMPLATES,
    "POST /current/integrations/DeleteChannelTemplates",
    "POST /current/integrations/UpdateCampaignInteractions",
    "POST /current/integrations/UpdateCampaignMetrics",
];

pub(crate) fn sheet() -> Sheet {
    let mut sheet = Sheet::new(
        "optimove",
        "optimove.example",
        |key| ("x-api-key", key.to_owned()),
        LEVELS,
    );
    let key = |name: &str| checksummed("op_live", name);
    for (level, _) in LEVELS {
        sheet
            .key(level, key(level), level)
            .of(&format!("app-{level}"));
    }
    sheet
        .key("two channels", key("two channels"), "integrations")
        .limited("channel", json!(["email", "sms"]))
        .limited("attribute", "all");
    sheet
        .key("two attributes", key("two attributes"), "integrations")
        .limited("attribute", json!(["first_name", "country"]));
    sheet
        .key("one of each", key("one of each"), "integrations")
        .limited("channel", json!(["email"]))
        .limited("attribute", json!(["country"]));
    sheet
        .key("all of each", key("all of each"), "integrations")
        .limited("channel", "all")
        .limited("attribute", "all");
    sheet
        .key("regenerated", key("regenerated"), "integrations")
        .also(&key("before it was regenerated"), DAY);
    sheet.stranger(
        "before it was regenerated",
        key("before it was regenerated"),
    );
    sheet.scoped(
        "only transactional",
        key("only transactional"),
        "transactional",
    );
    sheet.key("revoked", key("revoked"), "admin").disabled();
    sheet.stranger("deleted", key("deleted"));
    identity(&mut sheet);
    roles(&mut sheet);
    attributes(&mut sheet);
    channels(&mut sheet);
    sheet
}

fn identity(sheet: &mut Sheet) {
    let key = sheet.secret("admin").to_owned();
    sheet.allow("O1", "with a key", "admin", UNLISTED);
    sheet
        .deny(
            "O1",
            "without a key",
            "admin",
            UNLISTED,
            "missing_credential",
        )
        .bare();
    sheet
        .deny("O1", "with a typo", "admin", UNLISTED, "bad_checksum")
        .sent_as("x-api-key", &mistyped(&key));

    sheet.allow("O2", "the key tells who calls", "admin", CUSTOMERS);
    sheet.allow(
        "O2",
        "another key tells of another",
        "integrations",
        CUSTOMERS,
    );
    sheet.deny("O2", "a key of nobody", "deleted", CUSTOMERS, "unknown_key");

    sheet.deny(
        "O3",
        "the revoked application",
        "revoked",
        CUSTOMERS,
        "disabled",
    );
    sheet.allow("O3", "another application", "admin", CUSTOMERS);

    sheet.allow("O4", "in the first request", "admin", CUSTOMERS);
    sheet
        .allow("O4", "the header's name in capitals", "admin", CUSTOMERS)
        .sent_as("X-API-KEY", &key);
    sheet
        .allow("O4", "spaces around the key", "admin", CUSTOMERS)
        .sent_as("x-api-key", &format!(" {key}\t"));
    for (why, header, value) in [
        ("as Bearer", "authorization", format!("Bearer {key}")),
        ("as Basic", "authorization", basic("a", &key)),
        ("as a cookie", "cookie", format!("x-api-key={key}")),
        ("in another header", "x-apikey", key.clone()),
    ] {
        sheet
            .deny("O4", why, "admin", CUSTOMERS, "missing_credential")
            .sent_as(header, &value);
    }
    for (why, value, reason) in [
        ("an empty header", "", "malformed_credential"),
        ("two keys", &format!("{key}, {key}"), "ambiguous_credential"),
        (
            "a key within a sentence",
            &format!("key {key}"),
            "malformed_credential",
        ),
    ] {
        sheet
            .deny("O4", why, "admin", CUSTOMERS, reason)
            .sent_as("x-api-key", value);
    }
    sheet
        .deny(
            "O4",
            "the key beside a log-in",
            "admin",
            CUSTOMERS,
            "ambiguous_credential",
        )
        .with("authorization", "Bearer of-a-login");
}

fn roles(sheet: &mut Sheet) {
    for call in [
        CUSTOMERS,
        TEMPLATES,
        MAIL,
        UNLISTED,
        "DELETE /what/comes/later",
    ] {
        sheet.allow("O15", "", "admin", call);
        sheet.allow("O20", "", "transactional", call);
    }
    sheet.deny("O15", "", "integrations", UNLISTED, LACKING);
    for call in [MAIL, METRICS] {
        sheet.allow("O20", "", "only transactional", call);
        sheet.deny("O20", "", "integrations", call, LACKING);
    }
    sheet.deny("O20", "", "only transactional", TEMPLATES, LACKING);

    for call in WITH_ATTRIBUTES.into_iter().chain(WITHOUT) {
        sheet.allow("O16", "", "integrations", call);
    }
    for call in [
        UNLISTED,
        MAIL,
        "GET /current/customers/GetCustomerAttributes",
        "POST /current/customers/GetCustomersByCampaign",
        "POST /current/customers/UpdateCustomerAttributes",
        "GET /current/customers",
        "GET /current/customers/GetCustomersByCampaign/5",
        "GET /customers/GetCustomersByCampaign",
        "GET /current/Customers/GetCustomersByCampaign",
        "GET /current/customers/getcustomersbycampaign",
        "DELETE /what/comes/later",
    ] {
        sheet.deny("O16", "", "integrations", call, LACKING);
    }

    sheet.allow("O21", "made for it", "transactional", MAIL);
    sheet.allow("O21", "made for it", "integrations", TEMPLATES);
    sheet.deny(
        "O21",
        "made for something else",
        "integrations",
        MAIL,
        LACKING,
    );

    let old = "before it was regenerated";
    sheet.allow("O22", "the new key", "regenerated", TEMPLATES);
    sheet.allow_by(
        "regenerated",
        "O22",
        "the old key, for a day",
        old,
        TEMPLATES,
    );
    sheet
        .allow_by(
            "regenerated",
            "O22",
            "the old key, to the last",
            old,
            TEMPLATES,
        )
        .after(DAY - 1);
    sheet
        .deny("O22", "the old key, a day later", old, TEMPLATES, "expired")
        .after(DAY);
    sheet
        .allow("O22", "the new key, a day later", "regenerated", TEMPLATES)
        .after(DAY);
}

fn attributes(sheet: &mut Sheet) {
    let two = "two attributes";
    for call in WITH_ATTRIBUTES {
        sheet
            .allow("O17", "one of its attributes", two, call)
            .about("attribute", "country");
        sheet
            .deny("O17", "another attribute", two, call, OUTSIDE)
            .about("attribute", "phone");
    }
    sheet
        .allow("O17", "both of its attributes", two, CUSTOMERS)
        .about("attribute", json!(["country", "first_name"]));
    sheet
        .deny("O17", "one of them and another", two, CUSTOMERS, OUTSIDE)
        .about("attribute", json!(["country", "phone"]));
    for (why, said) in [
        ("no attribute of an empty list", json!([])),
        ("an attribute in capitals", json!("Country")),
        ("a number for an attribute", json!(7)),
        ("an attribute without a name", json!("")),
    ] {
        sheet
            .deny("O17", why, two, CUSTOMERS, OUTSIDE)
            .about("attribute", said);
    }
    sheet.deny("O17", "attributes unsaid", two, CUSTOMERS, OUTSIDE);
    sheet
        .deny("O17", "channels are no attributes", two, CUSTOMERS, OUTSIDE)
        .about("channel", "country");
    for call in WITHOUT {
        sheet
            .allow("O17", "hands out no attributes", two, call)
            .about("channel", "email");
    }
}

fn channels(sheet: &mut Sheet) {
    let (two, both) = ("two channels", "one of each");
    for call in WITH_ATTRIBUTES.into_iter().chain(WITHOUT) {
        sheet
            .allow("O18", "one of its channels", two, call)
            .about("channel", "sms");
        sheet
            .deny("O18", "another channel", two, call, OUTSIDE)
            .about("channel", "push");
    }
    sheet
        .allow("O18", "both of its channels", two, TEMPLATES)
        .about("channel", json!(["sms", "email"]));
    for (why, said) in [
        ("one of them and another", json!(["sms", "push"])),
        ("no channel of an empty list", json!([])),
        ("a channel in capitals", json!("SMS")),
    ] {
        sheet
            .deny("O18", why, two, TEMPLATES, OUTSIDE)
            .about("channel", said);
    }
    sheet.deny("O18", "channels unsaid", two, TEMPLATES, OUTSIDE);
    sheet
        .deny(
            "O18",
            "its channel, a call it may not make",
            two,
            MAIL,
            LACKING,
        )
        .about("channel", "email");
    sheet
        .allow("O18", "channel and attribute", both, CUSTOMERS)
        .about("channel", "email")
        .about("attribute", "country");
    sheet
        .deny(
            "O18",
            "the channel, another attribute",
            both,
            CUSTOMERS,
            OUTSIDE,
        )
        .about("channel", "email")
        .about("attribute", "phone");
    sheet
        .deny(
            "O18",
            "the attribute, another channel",
            both,
            CUSTOMERS,
            OUTSIDE,
        )
        .about("channel", "sms")
        .about("attribute", "country");
    sheet
        .allow(
            "O18",
            "the channel, no attributes handed out",
            both,
            TEMPLATES,
        )
        .about("channel", "email");

    for free in ["integrations", "all of each"] {
        sheet.allow("O19", &format!("{free}, unsaid"), free, CUSTOMERS);
        sheet
            .allow("O19", &format!("{free}, whatever it is"), free, CUSTOMERS)
            .about("channel", json!(["push", "sms"]))
            .about("attribute", "phone");
    }
    sheet
        .allow("O19", "attributes all, channels two", two, CUSTOMERS)
        .about("channel", "email")
        .about("attribute", "phone");
    sheet
        .deny("O19", "what is chosen is not all", two, CUSTOMERS, OUTSIDE)
        .about("channel", "push")
        .about("attribute", "phone");
}

#[test]
fn o1_every_request_needs_a_key() {
    row("O1");
}

#[test]
fn o2_the_key_tells_who_calls() {
    row("O2");
}

#[test]
fn o3_revoking_one_leaves_the_others() {
    preset::has_words(&preset::read("optimove"), &["disable", "disable_confirm"]);
    row("O3");
}

#[test]
fn o4_the_key_stands_in_a_header_of_its_own() {
    row("O4");
}

#[test]
fn o5_o6_o7_o11_o12_the_page_has_the_systems_words() {
    let profile = preset::read("optimove");
    assert_eq!(
        preset::word(&profile, "place"),
        "Settings > General > API Key Management"
    );
    assert_eq!(preset::word(&profile, "create"), "New API Key");
    assert_eq!(preset::word(&profile, "submit"), "Activate key");
    preset::has_words(&profile, &["advice_form_third_party", "shown_once"]);
}

#[test]
fn o8_o9_nickname_and_contact_email() {
    let profile = preset::read("optimove");
    let nickname = preset::field(&profile, "nickname");
    assert_eq!((&*nickname.label, nickname.required), ("Nickname", true));
    let contact = preset::field(&profile, "contact_email");
    assert_eq!(
        (&*contact.label, contact.kind),
        ("Contact Email", FieldKind::Email)
    );
}

#[test]
fn o10_the_three_access_types() {
    let profile = preset::read("optimove");
    assert_eq!(preset::word(&profile, "level"), "Access Type");
    assert_eq!(
        preset::levels(&profile),
        [
            ("admin", "Admin"),
            ("integrations", "Integrations"),
            ("transactional", "Transactional API User"),
        ]
    );
}

#[test]
fn o13_o14_o23_advice_stands_ready() {
    let words = [
        "advice_key_vault",
        "advice_key_public",
        "advice_key_https",
        "advice_key_production",
        "advice_list_rotate",
        "advice_list_monitor",
        "documentation",
        "documentation_url",
    ];
    preset::has_words(&preset::read("optimove"), &words);
}

#[test]
fn o15_admin_makes_every_call() {
    row("O15");
}

#[test]
fn o16_integrations_make_the_listed_calls() {
    row("O16");
}

#[test]
fn o17_only_certain_attributes_are_shared() {
    row("O17");
}

/// The document narrows the keys of third parties, and no others.
#[test]
fn o17_o18_only_keys_of_integrations_are_narrowed() {
    for dimension in ["attribute", "channel"] {
        let narrowed = |level: &str| {
            let key = checksummed("op_live", level);
            let only = Constraint::only(["x"]).expect("not empty");
            let record = Record::new(level, Digest::sha256_of(key.as_bytes()))
                .level(level)
                .constraint(dimension, only);
            Verifier::builder(preset::read("optimove"))
                .records([record])
                .build()
        };
        assert!(narrowed("integrations").is_ok(), "{dimension}");
        assert!(narrowed("admin").is_err(), "{dimension}");
        assert!(narrowed("transactional").is_err(), "{dimension}");
    }
}

#[test]
fn o18_only_certain_channels_are_open() {
    row("O18");
}

#[test]
fn o19_none_chosen_is_all() {
    row("O19");
}

#[test]
fn o20_transactional_users_make_every_call() {
    row("O20");
}

#[test]
fn o21_roles_fit_their_use() {
    row("O21");
}

#[test]
fn o22_keys_are_renewed_with_an_overlap() {
    row("O22");
}

/// Counting is not a verifier's; see tests/limit.rs for the whole of it.
#[test]
fn o22_each_key_has_a_rate_of_its_own() {
    let rate = Rate::new(2, 60).expect("a rate");
    let now = Timestamp::from_millis(NOW).expect("an instant");
    let (first, state) = rate.step(RateState::default(), 1, now);
    let (second, state) = rate.step(state, 1, now);
    let (third, _) = rate.step(state, 1, now);
    let (other_key, _) = rate.step(RateState::default(), 1, now);
    let admitted = [first, second, third, other_key].map(|outcome| outcome.admitted);
    assert_eq!(admitted, [true, true, false, true]);
}

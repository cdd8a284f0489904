//! Rows I. Most keys are those of the vendor's own examples.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use keyward::key::KeyFormat;

use crate::launch::row;
use crate::preset;
use crate::sheet::{Grants, Sheet, basic};

const LEVELS: &[(&str, Grants)] = &[(
    "organization_admin",
    Grants::Scopes(&["api", "api_keys.read", "api_keys.write"]),
)];

const LIST: &str = "GET /ga/api/v2/api_keys";

/// Organization and digits of keys in the vendor's examples, and the keys.
const DOCUMENTED: [(&str, &str, &str); 9] = [
    (
        "1",
        "6dcd4ce23d88e2ee9568ba546c007c63d9131c1b",
        "MTo2ZGNkNGNlMjNkODhlMmVlOTU2OGJhNTQ2YzAwN2M2M2Q5MTMxYzFi",
    ),
    (
        "1",
        "801c34269f74ed383fc97de33604b8a905adb635",
        "MTo4MDFjMzQyNjlmNzRlZDM4M2ZjOTdkZTMzNjA0YjhhOTA1YWRiNjM1",
    ),
    (
        "1",
        "606ec6e9bd8a8ff2ad14e5fade3f264471e82251",
        "MTo2MDZlYzZlOWJkOGE4ZmYyYWQxNGU1ZmFkZTNmMjY0NDcxZTgyMjUx",
    ),
    (
        "1",
        "e2512172abf8cc9f67fdd49eb6cacf2df71bbad3",
        "MTplMjUxMjE3MmFiZjhjYzlmNjdmZGQ0OWViNmNhY2YyZGY3MWJiYWQz",
    ),
    (
        "11",
        "801c34269f74ed383fc97de33604b8a905adb635",
        "MTE6ODAxYzM0MjY5Zjc0ZWQzODNmYzk3ZGUzMzYwNGI4YTkwNWFkYjYzNQ==",
    ),
    (
        "11",
        "606ec6e9bd8a8ff2ad14e5fade3f264471e82251",
        "MTE6NjA2ZWM2ZTliZDhhOGZmMmFkMTRlNWZhZGUzZjI2NDQ3MWU4MjI1MQ==",
    ),
    (
        "11",
        "e2512172abf8cc9f67fdd49eb6cacf2df71bbad3",
        "MTE6ZTI1MTIxNzJhYmY4Y2M5ZjY3ZmRkNDllYjZjYWNmMmRmNzFiYmFkMw==",
    ),
    (
        "17",
        "c1fe3a7b487f66f6ac8c7e4795bc55c31b0ef403",
        "MTc6YzFmZTNhN2I0ODdmNjZmNmFjOGM3ZTQ3OTViYzU1YzMxYjBlZjQwMw==",
    ),
    (
        "27",
        "e2512172abf8cc9f67fdd49eb6cacf2df71bbad3",
        "Mjc6ZTI1MTIxNzJhYmY4Y2M5ZjY3ZmRkNDllYjZjYWNmMmRmNzFiYmFkMw==",
    ),
];

/// A number, a colon and digits, as the key that they make.
fn packed(number: &str, digits: &str) -> String {
    STANDARD.encode(format!("{number}:{digits}"))
}

pub(crate) fn sheet() -> Sheet {
    let mut sheet = Sheet::new(
        "inboxfirst",
        "inboxfirst.example",
        |key| ("authorization", format!("Basic {key}")),
        LEVELS,
    );
    for (at, (number, _, key)) in DOCUMENTED.into_iter().enumerate() {
        let name = format!("documented {}", at + 1);
        let record = sheet.key(&name, key.to_owned(), "organization_admin");
        number.clone_into(&mut record.account);
    }
    let digits = "00112233445566778899aabbccddeeff01234567";
    for number in ["6", "9007199254740991"] {
        let name = format!("organization {number}");
        let record = sheet.key(&name, packed(number, digits), "organization_admin");
        number.clone_into(&mut record.account);
    }
    for (number, scope) in [("10", "api_keys.read"), ("12", "api_keys.write")] {
        let name = format!("only {scope}");
        sheet.scoped(&name, packed(number, digits), scope);
    }
    sheet
        .key("inactive", packed("7", digits), "organization_admin")
        .disabled();
    sheet.key("active again", packed("8", digits), "organization_admin");
    sheet.stranger("deleted", packed("9", digits));
    calls(&mut sheet);
    states(&mut sheet);
    credentials(&mut sheet);
    sheet
}

fn calls(sheet: &mut Sheet) {
    let (read, write) = ("only api_keys.read", "only api_keys.write");
    for (row, call, scope, other) in [
        ("I6", LIST, read, write),
        ("I6", "POST /ga/api/v2/api_keys", write, read),
        (
            "I6",
            "GET /ga/api/v2/api_keys?page=1&per_page=100",
            read,
            write,
        ),
        ("I7", "GET /ga/api/v2/organization/6/api_keys", read, write),
        ("I7", "POST /ga/api/v2/organization/6/api_keys", write, read),
        ("I26", "POST /ga/api/v2/api_keys", write, read),
        ("I27", "PUT /ga/api/v2/api_keys/71", write, read),
        ("I29", "DELETE /ga/api/v2/api_keys/92", write, read),
    ] {
        sheet.allow(row, "", scope, call);
        sheet.deny(row, "", other, call, "insufficient_scope");
        sheet.allow(row, "", "organization 6", call);
        sheet
            .deny(
                row,
                "without a key",
                "organization 6",
                call,
                "missing_credential",
            )
            .bare();
    }
    for call in [
        LIST,
        "GET /ga/api/v2/mailing_lists",
        "DELETE /ga/api/v2/organization/6/mailing_lists/5/subscribers/7",
        "PATCH /ga/api/v2/api_keys/92",
    ] {
        sheet.allow("I3", "the one role there is", "organization 6", call);
    }
    for call in [
        "GET /ga/api/v2",
        "GET /ga/api/v1/mailing_lists",
        "GET /mailing_lists",
    ] {
        let what = "not below the base path";
        sheet.deny("I3", what, "organization 6", call, "insufficient_scope");
    }
    sheet.deny("I3", "no role, no key", "deleted", LIST, "unknown_key");
    sheet.deny(
        "I3",
        "a path that reads in two ways",
        "organization 6",
        "GET /ga/api/v2//api_keys",
        "malformed_path",
    );
}

fn states(sheet: &mut Sheet) {
    sheet.allow("I4", "active, as keys are made", "organization 6", LIST);
    sheet.deny("I4", "not active", "inactive", LIST, "disabled");
    sheet.deny("I27", "made inactive", "inactive", LIST, "disabled");
    sheet.allow("I28", "active again", "active again", LIST);
    sheet.deny("I28", "still inactive", "inactive", LIST, "disabled");
    sheet.deny("I29", "deleted", "deleted", LIST, "unknown_key");
    sheet.allow("I29", "its neighbour", "active again", LIST);
    sheet.allow(
        "I5",
        "the member `api_key` is the credential",
        "documented 1",
        LIST,
    );
    sheet
        .deny(
            "I5",
            "the member `id` is not",
            "documented 1",
            LIST,
            "malformed_credential",
        )
        .sent_as("authorization", "Basic 2");
    sheet.allow("I22", "one of two with the same name", "documented 3", LIST);
    sheet.allow("I22", "the other one", "documented 4", LIST);
    sheet.deny("I22", "a third, inactive", "inactive", LIST, "disabled");
}

fn credentials(sheet: &mut Sheet) {
    for (at, (number, digits, _)) in DOCUMENTED.into_iter().enumerate() {
        let name = format!("documented {}", at + 1);
        sheet.allow("I30", &format!("{name}, as it stands"), &name, LIST);
        sheet
            .allow("I30", &format!("{name}, as user and password"), &name, LIST)
            .sent_as("authorization", &basic(number, digits));
    }
    sheet.allow(
        "I30",
        "the greatest number",
        "organization 9007199254740991",
        LIST,
    );

    let name = "documented 5";
    let (_, digits, key) = DOCUMENTED[4];
    let malformed = [
        ("the key as password", basic("anyone", key)),
        ("the key as user name", basic(key, "")),
        ("the digits as password of anyone", basic("anyone", digits)),
        ("the digits alone", basic("", digits)),
        ("the number alone", basic("11", "")),
        ("a digit less", basic("11", &digits[1..])),
        ("a digit more", basic("11", &format!("0{digits}"))),
        (
            "a letter that is no digit",
            basic("11", &digits.replace('8', "g")),
        ),
        ("a zero before the number", basic("011", digits)),
        ("number 0", basic("0", digits)),
        ("a negative number", basic("-11", digits)),
        ("a number beyond 53 bits", basic("9007199254740992", digits)),
        ("a number of 30 digits", basic(&"1".repeat(30), digits)),
        ("a space after the number", basic("11 ", digits)),
        ("a second colon", basic("11", &format!("{digits}:"))),
    ];
    let unknown = [
        ("another organization's number", basic("13", digits)),
        ("digits in capitals", basic("11", &digits.to_uppercase())),
    ];
    let unpadded = key.trim_end_matches('=');
    let refused = [
        (
            "without padding",
            format!("Basic {unpadded}"),
            "malformed_credential",
        ),
        (
            "not base64",
            format!("Basic 11:{digits}"),
            "malformed_credential",
        ),
        ("as Bearer", format!("Bearer {key}"), "missing_credential"),
        ("without a scheme", key.to_owned(), "malformed_credential"),
        (
            "twice",
            format!("Basic {key}, Basic {key}"),
            "ambiguous_credential",
        ),
    ];
    let reasoned = malformed
        .map(|(why, value)| (why, value, "malformed_key"))
        .into_iter()
        .chain(unknown.map(|(why, value)| (why, value, "unknown_key")))
        .chain(refused);
    for (why, value, reason) in reasoned {
        sheet
            .deny("I30", why, name, LIST, reason)
            .sent_as("authorization", &value);
    }
    sheet
        .deny(
            "I30",
            "in a header of its own",
            name,
            LIST,
            "missing_credential",
        )
        .sent_as("x-api-key", key);
}

#[test]
fn i2_a_name_of_1_to_100_characters() {
    let profile = preset::read("inboxfirst");
    let name = preset::field(&profile, "name");
    assert_eq!((name.required, name.max_length), (true, 100));
}

#[test]
fn i3_the_only_role_is_the_administrators() {
    let profile = preset::read("inboxfirst");
    assert_eq!(profile.levels().len(), 1);
    assert_eq!(&*profile.levels()[0].id, "organization_admin");
    row("I3");
}

#[test]
fn i4_an_active_key_is_let_in() {
    row("I4");
}

#[test]
fn i5_the_key_is_the_credential() {
    row("I5");
}

#[test]
fn i6_keys_of_the_current_organization() {
    row("I6");
}

#[test]
fn i7_keys_of_an_organization_that_is_named() {
    row("I7");
}

#[test]
fn i21_keys_can_be_shown_again() {
    assert!(preset::read("inboxfirst").lifecycle().recoverable);
}

#[test]
fn i22_names_may_repeat() {
    row("I22");
}

#[test]
fn i26_creation() {
    row("I26");
}

#[test]
fn i27_an_inactive_key_is_refused() {
    row("I27");
}

#[test]
fn i28_a_reactivated_key_is_let_in() {
    assert!(preset::read("inboxfirst").lifecycle().reversible);
    row("I28");
}

#[test]
fn i29_a_deleted_key_is_unknown() {
    row("I29");
}

#[test]
fn i30_a_key_is_a_basic_credential_as_it_stands() {
    for (number, digits, key) in DOCUMENTED {
        assert_eq!(packed(number, digits), key);
        let parsed = KeyFormat::AccountHex.parse(key.as_bytes()).expect(key);
        assert_eq!(
            parsed.account.map(|number| number.to_string()).as_deref(),
            Some(number)
        );
    }
    row("I30");
}

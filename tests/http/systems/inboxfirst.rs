//! Rows I, as far as they hold whatever the dialect.

use serde_json::{Value, json};

use super::System;

fn key(name: &str) -> Value {
    json!({ "name": name, "level": "organization_admin" })
}

const LISTS: &str = "GET /ga/api/v2/lists";

#[test]
fn i2_i22_names_have_1_to_100_characters_and_may_repeat() {
    let system = System::with_account("inboxfirst", "6");
    system.make(key(&"n".repeat(100)));
    system.make(key("same"));
    system.make(key("same"));
    system.refuse(key(&"n".repeat(101)), 400, "invalid_field");
    system.refuse(key(""), 400, "invalid_field");
}

#[test]
fn i3_there_is_one_role() {
    let system = System::with_account("inboxfirst", "6");
    let mut body = key("one");
    body["level"] = json!("admin");
    system.refuse(body, 400, "unknown_level");
}

#[test]
fn i4_i27_i28_a_key_is_switched_off_and_on_and_stays_the_same() {
    let system = System::with_account("inboxfirst", "6");
    let made = system.make(key("one"));
    system.verb(&made, "disable");
    assert_eq!(system.call(&made.key, LISTS), "disabled");
    system.verb(&made, "enable");
    assert_eq!(system.call(&made.key, LISTS), "allowed");
    let reveal = format!("{}/reveal", made.path);
    let shown = system.server.call("POST", &reveal, None).expect(200).json();
    assert_eq!(shown["key"], json!(made.key));
}

#[test]
fn i8_i9_names_are_found_whatever_their_case() {
    let system = System::with_account("inboxfirst", "6");
    for name in ["Import", "import", "Export of imports"] {
        system.server.clock.advance(1);
        system.make(key(name));
    }
    let found = |query: &str| {
        let path = format!("{}?{query}", system.keys);
        let list = system.server.call("GET", &path, None).expect(200).json();
        list["data"].as_array().map(Vec::len)
    };
    assert_eq!(found("name=IMPORT"), Some(2));
    assert_eq!(found("name_contains=Import"), Some(3));
    assert_eq!(found("name_contains=nothing"), Some(0));
}

#[test]
fn i30_a_key_is_base64_of_the_organization_and_40_digits() {
    let system = System::with_account("inboxfirst", "6");
    let made = system.make(key("one"));
    let plain = decode(&made.key);
    let (organization, digits) = plain.split_once(':').expect("a colon");
    assert_eq!(organization, "6");
    assert!(digits.len() == 40 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
    assert_eq!(system.call(&made.key, LISTS), "allowed");
    assert_eq!(
        system.call(&made.key, "GET /elsewhere"),
        "insufficient_scope"
    );
    assert_eq!(system.alive("Njo="), "malformed_key");
}

/// RFC 4648, section 4.
fn decode(text: &str) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut held, mut bytes) = (0u32, 0, Vec::new());
    for digit in text.trim_end_matches('=').bytes() {
        let value = DIGITS.iter().position(|known| *known == digit);
        bits = bits << 6 | u32::try_from(value.expect("base64")).expect("below 64");
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xff).expect("masked"));
        }
    }
    String::from_utf8(bytes).expect("ASCII")
}

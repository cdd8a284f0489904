//! Rows S.

use serde_json::{Value, json};

use super::{DAY, Made, System};
use crate::rights::OF_ACCOUNTS;
use crate::server::text;

fn key(level: &str, email: &str, days: u32) -> Value {
    json!({ "level": level, "contact_email": email, "expires_in_days": days })
}

const ACCOUNT: &str = "/v1/keyspaces/shop/accounts/acme";

/// Changes what was agreed with the customer.
fn account(system: &System, body: Value) {
    let changed = system.server.call("PATCH", ACCOUNT, Some(body));
    changed.expect(200);
}

const EXPORT: &str = "GET /contact-export/contacts";
const LOOKUP: &str = "GET /list-lookup/lists";

#[test]
fn s1_s2_s14_a_key_is_for_one_of_the_two_apis() {
    let system = System::new("smashfly");
    let list = system.make(key("list", "ann@example.com", 90));
    let contact = system.make(key("contact", "ann@example.com", 90));
    assert_eq!(system.call(&list.key, LOOKUP), "allowed");
    assert_eq!(system.call(&list.key, EXPORT), "insufficient_scope");
    assert_eq!(system.call(&contact.key, EXPORT), "allowed");
    assert_eq!(system.call(&contact.key, LOOKUP), "insufficient_scope");
    let decision = system.ask(json!({ "key": list.key, "method": "POST", "path": "/jobs" }));
    assert_eq!(decision["reason"], "insufficient_scope");
    assert!(text(&decision["note"]).contains("credentials of the user"));
}

/// What was agreed with a customer is metered and flagged, never blocked.
#[test]
fn s3_s4_more_than_was_agreed_is_flagged_and_goes_on() {
    let system = System::new("smashfly");
    let export = system.make(key("contact", "ann@example.com", 90));
    let lookup = system.make(key("list", "ann@example.com", 90));
    let edge = system.server.token("shop", &["usage.write", "keys.verify"]);
    account(&system, json!({ "monthly_uses": 10 }));
    let metered = || {
        let account = system.server.call("GET", ACCOUNT, None).expect(200).json();
        (
            account["used_this_month"].clone(),
            account["over_agreed"].clone(),
        )
    };
    system.report(&edge, "a", &export, 7);
    system.report(&edge, "b", &lookup, 3);
    assert_eq!(
        metered(),
        (json!(10), json!(false)),
        "as much as was agreed"
    );
    system.report(&edge, "c", &lookup, 1);
    assert_eq!(metered(), (json!(11), json!(true)));
    assert_eq!(system.call(&export.key, EXPORT), "allowed");
    assert_eq!(system.call(&lookup.key, LOOKUP), "allowed");
    // Another account's uses are none of this one's, and another month's neither.
    system.server.account("shop", "rival");
    let body = key("list", "ann@example.com", 90);
    let rivals = "/v1/keyspaces/shop/accounts/rival/keys";
    let made = system.server.call("POST", rivals, Some(body)).expect(201);
    let record = made.json()["record"].clone();
    let rival = Made {
        path: String::new(),
        key: String::new(),
        record,
    };
    system.report(&edge, "d", &rival, 100);
    assert_eq!(metered().1, json!(true));
    system.server.clock.advance(10 * DAY);
    assert_eq!(metered(), (json!(0), json!(false)), "December");
}

#[test]
fn s5_where_keys_are_not_enabled_the_answer_says_whom_to_ask() {
    let system = System::new("smashfly");
    let before = system.make(key("contact", "ann@example.com", 90));
    account(&system, json!({ "keys_enabled": false }));
    let admin = system.server.operator("shop", Some("acme"), &OF_ACCOUNTS);
    for credential in [&admin, &system.server.operator] {
        let body = Some(key("list", "ann@example.com", 90));
        let problem = system
            .server
            .call_as(Some(credential), "POST", &system.keys, body)
            .problem(403, "keys_not_enabled");
        let detail = text(&problem["detail"]);
        assert!(detail.contains("Success Manager"), "{problem}");
    }
    // The vendor switches the feature on, nobody of the organization does.
    for body in [
        json!({ "keys_enabled": true }),
        json!({ "monthly_uses": null }),
    ] {
        system
            .server
            .call_as(Some(&admin), "PATCH", ACCOUNT, Some(body))
            .problem(403, "missing_right");
    }
    // What was made before can still be taken out of use.
    let deactivate = format!("{}/deactivate", before.path);
    system
        .server
        .call_as(Some(&admin), "POST", &deactivate, None)
        .expect(200);
    account(&system, json!({ "keys_enabled": true }));
    system.make(key("list", "ann@example.com", 90));
}

#[test]
fn s6_one_of_the_two_privileges_is_not_enough() {
    let system = System::new("smashfly");
    let server = &system.server;
    let (configuration, corner) = ("Configuration System", "Developers' Corner");
    let make = |operator: &str| {
        let body = key("list", "ann@example.com", 90);
        server.call_as(Some(operator), "POST", &system.keys, Some(body))
    };
    for one in [configuration, corner] {
        let operator = server.operator("shop", Some("acme"), &[one]);
        make(&operator).problem(403, "missing_right");
    }
    let both = server.operator("shop", Some("acme"), &[configuration, corner]);
    let me = server.call_as(Some(&both), "GET", "/v1/me", None);
    assert_eq!(
        me.expect(200).json()["rights"],
        json!(["keys.read", "keys.write"])
    );
    make(&both).expect(201);
    // They are words of this profile, and of no other place.
    let body = json!({ "name": "x", "rights": [corner] });
    server
        .call("POST", "/v1/operators", Some(body))
        .problem(400, "invalid_field");
}

/// The customer's administrator comes with an operator key over the account, or through a link for a while.
#[test]
fn s9_the_customers_own_administrator_makes_keys() {
    let system = System::new("smashfly");
    let server = &system.server;
    server.account("shop", "rival");
    let links = "/v1/keyspaces/shop/accounts/acme/portal-links";
    let link = server
        .call("POST", links, Some(json!({})))
        .expect(201)
        .json();
    let operator = server.operator("shop", Some("acme"), &["keys.read", "keys.write"]);
    for (credential, level) in [(operator, "list"), (text(&link["token"]), "contact")] {
        let body = key(level, "ann@example.com", 90);
        let make = |path: &str| server.call_as(Some(&credential), "POST", path, Some(body.clone()));
        let shown = make(&system.keys).expect(201).json();
        let me = server.call_as(Some(&credential), "GET", "/v1/me", None);
        assert_eq!(shown["record"]["created_by"], me.expect(200).json()["id"]);
        make("/v1/keyspaces/shop/accounts/rival/keys").problem(404, "not_found");
    }
    server.clock.advance(16 * 60 * 1000);
    server
        .call_as(Some(&text(&link["token"])), "GET", &system.keys, None)
        .problem(401, "invalid_credential");
}

#[test]
fn s10_s17_a_lifetime_is_chosen_and_there_are_three() {
    let system = System::new("smashfly");
    for (days, end) in [
        (90, "2027-02-19T20:14:00.000Z"),
        (180, "2027-05-20T20:14:00.000Z"),
        (365, "2027-11-21T20:14:00.000Z"),
    ] {
        let email = format!("ann{days}@example.com");
        let made = system.make(key("list", &email, days));
        assert_eq!(made.record["expires_at"], end);
    }
    for days in [1, 91, 366, 36_500] {
        system.refuse(key("list", "bob@example.com", days), 400, "invalid_field");
    }
    let mut without = key("list", "bob@example.com", 90);
    without
        .as_object_mut()
        .expect("members")
        .remove("expires_in_days");
    system.refuse(without.clone(), 400, "invalid_field");
    without["expires_at"] = json!("2026-12-01T00:00:00Z");
    system.refuse(without, 400, "invalid_field");
}

#[test]
fn s11_nothing_narrows_a_key_within_the_zone() {
    let system = System::new("smashfly");
    let mut body = key("contact", "ann@example.com", 90);
    body["constraints"] = json!({ "zone": ["north"] });
    system.refuse(body, 400, "invalid_field");
    let made = system.make(key("contact", "ann@example.com", 90));
    assert_eq!(made.record["constraints"], json!({}));
    let decision = system.ask(json!({ "key": made.key }));
    assert_eq!(decision["constraints"], json!({}));
}

#[test]
fn s14_exactly_one_scope_is_chosen() {
    let system = System::new("smashfly");
    for (level, code) in [
        (json!(null), "invalid_field"),
        (json!("both"), "unknown_level"),
        (json!(["list", "contact"]), "invalid_json"),
    ] {
        let mut body = key("list", "ann@example.com", 90);
        body["level"] = level;
        system.refuse(body, 400, code);
    }
}

#[test]
fn s15_a_key_has_an_owner_with_an_address_and_an_end() {
    let system = System::new("smashfly");
    let made = system.make(key("list", "Ann@Example.com", 90));
    assert_eq!(made.record["contact_email"], "Ann@Example.com");
    assert_eq!(made.record["expires_at"], "2027-02-19T20:14:00.000Z");
    for address in [
        json!(null),
        json!(""),
        json!("ann"),
        json!("ann@example.com, bob@example.com"),
    ] {
        let mut body = key("list", "", 90);
        body["contact_email"] = address;
        let problem = system.refuse(body, 400, "invalid_field");
        assert_eq!(problem["errors"][0]["field"], "contact_email");
    }
}

#[test]
fn s16_one_active_key_per_address_and_api_and_time_alone_never_blocks() {
    let system = System::new("smashfly");
    let first = system.make(key("list", "Ann@Example.com", 90));
    let problem = system.refuse(key("list", "ann@example.COM", 180), 409, "already_exists");
    assert_eq!(problem["existing"]["id"], first.record["id"]);
    assert_eq!(problem["errors"][0]["field"], "contact_email");
    system.make(key("contact", "ann@example.com", 90));
    // An expired key does not block, also where no maintenance has run.
    system.server.clock.advance(90 * DAY - 1);
    system.refuse(key("list", "ann@example.com", 90), 409, "already_exists");
    system.server.clock.advance(1);
    let second = system.make(key("list", "ann@example.com", 90));
    // Nor does one that is out of use.
    system.verb(&second, "deactivate");
    system.make(key("list", "ann@example.com", 90));
}

/// Of many who ask at the same moment one gets a key, the first time and when that key has expired.
#[test]
fn s16_of_many_at_once_one_has_the_key() {
    let system = System::new("smashfly");
    for round in 0..2 {
        let answers = std::thread::scope(|scope| {
            let calls = (0..24).map(|_| {
                let body = key("list", "ann@example.com", 90);
                scope.spawn(|| system.server.call("POST", &system.keys, Some(body)))
            });
            let calls = calls.collect::<Vec<_>>();
            let answers = calls
                .into_iter()
                .map(|call| call.join().expect("an answer"));
            answers.collect::<Vec<_>>()
        });
        let (made, refused): (Vec<_>, Vec<_>) =
            answers.into_iter().partition(|answer| answer.status == 201);
        assert_eq!((made.len(), refused.len()), (1, 23), "round {round}");
        let id = &made[0].json()["record"]["id"];
        for answer in refused {
            let problem = answer.problem(409, "already_exists");
            assert_eq!(&problem["existing"]["id"], id);
        }
        system.server.clock.advance(90 * DAY);
    }
}

/// The page cuts it off at about 40 characters; the server keeps and tells all of it.
#[test]
fn s18_the_description_is_kept_whole() {
    let system = System::new("smashfly");
    let described = |characters: usize| {
        let mut body = key("list", "ann@example.com", 90);
        body["description"] = json!("d".repeat(characters));
        body
    };
    system.refuse(described(201), 400, "invalid_field");
    system.make(described(200));
    assert_eq!(system.list()[0]["description"], "d".repeat(200));
    let without = system.make(key("contact", "ann@example.com", 90));
    assert_eq!(without.record["description"], Value::Null);
}

#[test]
fn s19_a_lost_key_is_deactivated_and_another_made() {
    let system = System::new("smashfly");
    let lost = system.make(key("list", "ann@example.com", 90));
    let reveal = format!("{}/reveal", lost.path);
    system
        .server
        .call("POST", &reveal, None)
        .problem(409, "not_recoverable");
    system.verb(&lost, "deactivate");
    let other = system.make(key("list", "ann@example.com", 90));
    assert_ne!(other.key, lost.key);
}

#[test]
fn s21_the_list_says_who_holds_keys() {
    let system = System::new("smashfly");
    for email in ["ann@example.com", "bob@example.com"] {
        let made = system.make(key("list", email, 90));
        if email.starts_with("ann") {
            system.verb(&made, "deactivate");
        }
        system.server.clock.advance(1);
    }
    let holders = system.list();
    let holders = holders
        .iter()
        .map(|row| ["contact_email", "level", "status"].map(|column| text(&row[column])));
    assert_eq!(
        holders.collect::<Vec<_>>(),
        [
            ["bob@example.com", "list", "active"],
            ["ann@example.com", "list", "deactivated"]
        ]
    );
}

#[test]
fn s22_s23_s24_s25_s26_deactivated_is_for_good() {
    let system = System::new("smashfly");
    let made = system.make(key("contact", "ann@example.com", 90));
    for verb in ["disable", "enable"] {
        let path = format!("{}/{verb}", made.path);
        system
            .server
            .call("POST", &path, None)
            .problem(409, "irreversible");
    }
    assert_eq!(system.call(&made.key, EXPORT), "allowed");
    assert_eq!(system.verb(&made, "deactivate")["status"], "deactivated");
    assert_eq!(system.call(&made.key, EXPORT), "deactivated");
    for (method, path, body) in [
        ("POST", format!("{}/enable", made.path), None),
        ("POST", format!("{}/rotate", made.path), None),
        (
            "PATCH",
            made.path.clone(),
            Some(json!({ "description": "back" })),
        ),
    ] {
        let answer = system.server.call(method, &path, body);
        assert_eq!(answer.status, 409, "{path}");
    }
    assert_eq!(system.call(&made.key, EXPORT), "deactivated");
}

#[test]
fn s27_a_key_lapses_at_its_end() {
    let system = System::new("smashfly");
    let made = system.make(key("contact", "ann@example.com", 90));
    system.server.clock.advance(90 * DAY - 1);
    assert_eq!(system.call(&made.key, EXPORT), "allowed");
    system.server.clock.advance(1);
    assert_eq!(system.call(&made.key, EXPORT), "expired");
    let record = system
        .server
        .call("GET", &made.path, None)
        .expect(200)
        .json();
    assert_eq!(record["status"], "expired");
}

#[test]
fn s27_or_it_is_replaced_before() {
    let system = System::new("smashfly");
    let ending = system.make(key("contact", "ann@example.com", 90));
    system.server.clock.advance(85 * DAY);
    system.verb(&ending, "deactivate");
    let next = system.make(key("contact", "ann@example.com", 365));
    assert_eq!(system.call(&ending.key, EXPORT), "deactivated");
    system.server.clock.advance(10 * DAY);
    assert_eq!(system.call(&next.key, EXPORT), "allowed");
}

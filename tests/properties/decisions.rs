//! Decisions against a model of a few lines: who is not alive is never allowed, whatever is asked and whenever.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keyward::access::{Context, RouteAccess};
use keyward::key::{Digest, checksum};
use keyward::profile::Profile;
use keyward::request::RequestPath;
use keyward::time::Timestamp;
use keyward::verify::{Ask, Decision, Reason, Record, Request, Status, Verdict, Verifier};
use proptest::prelude::*;

use crate::routes::naive;

const START: i64 = 1_790_000_000_000;

#[derive(Clone, Debug)]
struct Given {
    status: Status,
    level: &'static str,
    expires_in: Option<i64>,
}

fn given() -> impl Strategy<Value = Given> {
    let status = prop::sample::select(vec![
        Status::Active,
        Status::Active,
        Status::Active,
        Status::Disabled,
        Status::Deactivated,
    ]);
    let level = prop::sample::select(vec!["full", "events", "events_and_contacts"]);
    (status, level, prop::option::of(-3i64..4)).prop_map(|(status, level, expires_in)| Given {
        status,
        level,
        expires_in,
    })
}

fn key(number: usize) -> String {
    let body = format!("{number:030}");
    let digits = checksum(body.as_bytes());
    format!("es_{body}{}", std::str::from_utf8(&digits).expect("ASCII"))
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).expect("after 1970")
}

fn verifier(records: &[Given]) -> Verifier {
    let records = records.iter().enumerate().map(|(number, given)| {
        let digest = Digest::sha256_of(key(number).as_bytes());
        let record = Record::new(&number.to_string(), digest)
            .level(given.level)
            .status(given.status);
        match given.expires_in {
            Some(millis) => record.expires_at(at(START + millis)),
            None => record,
        }
    });
    let profile = Profile::preset("esputnik").expect("a preset");
    Verifier::builder(profile)
        .records(records)
        .build()
        .expect("good records")
}

/// What the key of `number` may expect.
fn model(
    verifier: &Verifier,
    records: &[Given],
    number: usize,
    method: &str,
    path: &str,
    now: Timestamp,
) -> Option<Reason> {
    let profile = verifier.profile();
    if RequestPath::parse(path.as_bytes()).is_err() {
        return Some(Reason::MalformedPath);
    }
    let Some(given) = records.get(number) else {
        return Some(Reason::UnknownKey);
    };
    let ended = given
        .expires_in
        .is_some_and(|millis| now.as_millis() >= START + millis);
    let level = profile
        .levels()
        .iter()
        .find(|level| &*level.id == given.level)
        .expect("a level");
    let rule = naive("/api", true, profile.routes().rules(), method, path);
    let scope = rule.map(
        |rule| match profile.routes().rules()[usize::from(rule)].access {
            RouteAccess::Scope(scope) => scope,
            RouteAccess::Closed(_) => panic!("nothing is closed here"),
        },
    );
    match given.status {
        Status::Deactivated => Some(Reason::Deactivated),
        Status::Disabled => Some(Reason::Disabled),
        _ if ended => Some(Reason::Expired),
        // Some servers take it for GET.
        _ if method == "get" => Some(Reason::InsufficientScope),
        _ if level.everything || scope.is_some_and(|scope| level.scopes.contains(scope)) => None,
        _ => Some(Reason::InsufficientScope),
    }
}

fn call() -> impl Strategy<Value = (&'static str, &'static str)> {
    let method = prop::sample::select(vec!["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "get"]);
    let path = prop::sample::select(vec![
        "/api/event",
        "/api/v1/event",
        "/api/v2/contacts",
        "/api/contacts/email",
        "/api/contact/5",
        "/api/contact/subscribe",
        "/api/contact/%73ubscribe",
        "/api/contact/Subscribe",
        "/api/contact/5/subscriptions",
        "/api/contacts/activity",
        "/api/messages/email/1/viewLink",
        "/api/message/email",
        "/api/broadcast/7",
        "/api/version",
        "/api/version/",
        "/version",
        "/",
        "//",
        "/api/%2e%2e/event",
        "/api/v0/event",
    ]);
    (method, path)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_decision_is_what_the_model_says(
        records in prop::collection::vec(given(), 0..12),
        asked in prop::collection::vec((0usize..14, call(), -4i64..5), 30),
    ) {
        let verifier = verifier(&records);
        for (number, (method, path), offset) in asked {
            let (key, now) = (key(number), at(START + offset));
            let expected = model(&verifier, &records, number, method, path, now);
            let ask = Ask::Call { method: method.as_bytes(), path: path.as_bytes() };
            let decision = verifier.verify_key(key.as_bytes(), ask, Context::default(), now);
            prop_assert_eq!(decision.reason(), expected, "key {} {} {}", number, method, path);

            let value = format!("Basic {}", STANDARD.encode(format!("u:{key}")));
            let request = Request {
                headers: &[("authorization", value.as_bytes())],
                method: method.as_bytes(),
                target: path.as_bytes(),
                context: Context::default(),
            };
            prop_assert_eq!(verifier.verify(&request, now).reason(), expected);

            if let Decision::Allow(grant) = decision {
                prop_assert_eq!(grant.key_id(), number.to_string());
                prop_assert_eq!(grant.level(), Some(records[number].level));
                // Time alone ends it: at its end and ever after.
                if let Some(end) = grant.expires_at() {
                    for later in [0, 1, 1_000, i64::MAX / 2] {
                        let later = end.saturating_add_millis(later);
                        let later = verifier.verify_key(key.as_bytes(), ask, Context::default(), later);
                        prop_assert_eq!(later.reason(), Some(Reason::Expired));
                    }
                }
            }
        }
    }

    #[test]
    fn an_explanation_says_what_was_decided(
        records in prop::collection::vec(given(), 0..4),
        values in prop::collection::vec(prop_oneof![
            (0usize..5).prop_map(|number| format!("Basic {}", STANDARD.encode(format!("u:{}", key(number)))).into_bytes()),
            prop::collection::vec(any::<u8>(), 0..60),
            "(?i:basic|bearer) [A-Za-z0-9+/=, ]{0,60}".prop_map(String::into_bytes),
        ], 0..3),
        (method, path) in call(),
        now in prop_oneof![START - 5..START + 5, 1i64..1 << 53],
    ) {
        let verifier = verifier(&records);
        let headers: Vec<_> = values.iter().map(|value| ("Authorization", &**value)).collect();
        let request = Request {
            headers: &headers,
            method: method.as_bytes(),
            target: path.as_bytes(),
            context: Context::default(),
        };
        let decision = verifier.verify(&request, at(now));
        let explanation = verifier.explain(&request, Some(at(now)));
        prop_assert_eq!(explanation.reason, decision.reason().map(Reason::as_str));
        prop_assert_eq!(explanation.verdict == Verdict::Allow, decision.grant().is_some());
        prop_assert_eq!(explanation.status, decision.reason().map_or(200, Reason::status));
        let known = (0..records.len()).map(key).collect::<Vec<_>>();
        if decision.grant().is_some() {
            let value = String::from_utf8_lossy(&values[0]);
            let decoded = STANDARD.decode(value.split(' ').next_back().unwrap_or_default()).unwrap_or_default();
            prop_assert!(known.iter().any(|key| decoded.ends_with(key.as_bytes())), "{}", value);
        }
        prop_assert_eq!(verifier.explain(&request, None).reason, Some("internal"));
    }
}

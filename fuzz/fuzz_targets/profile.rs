//! Profiles: 0 and TOML, or 1 and a compiled one. Those that are read can be written again, and decide without panicking.
#![no_main]

use keyward::access::{Constraint, Context, Value};
use keyward::env::SystemEntropy;
use keyward::key::Digest;
use keyward::profile::Profile;
use keyward::time::Timestamp;
use keyward::verify::{Ask, Reason, Record, Request, Verifier};
use libfuzzer_sys::fuzz_target;

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000).expect("after 1970");
const TARGETS: [&str; 8] = [
    "/",
    "/a/x/y",
    "/a/v1/x/%79",
    "/a/x/1/z",
    "/v2/mails/5",
    "/v2/archive/a/b/index",
    "/v2/Imports/%61/",
    "/a/v1/z/",
];

fuzz_target!(|input: &[u8]| {
    match input.split_first() {
        Some((0, text)) => {
            let Ok(text) = std::str::from_utf8(text) else {
                return;
            };
            match Profile::check_toml(text) {
                Ok(profile) => {
                    let compiled = profile.compile();
                    let again = Profile::decode(&compiled).expect("what the schema lets through");
                    assert_eq!(format!("{again:?}"), format!("{profile:?}"));
                    decide(profile);
                }
                Err(errors) => {
                    assert!(!errors.is_empty());
                    assert!(errors.iter().all(|error| !error.message().is_empty()));
                }
            }
        }
        Some((1, bytes)) => {
            let Ok(profile) = Profile::decode(bytes) else {
                return;
            };
            assert_eq!(profile.compile(), bytes);
            decide(profile);
        }
        _ => {}
    }
});

fn decide(profile: Profile) {
    let _ = (
        profile.challenges().count(),
        profile.credential_headers().count(),
    );
    let Ok(key) = profile.key_format().generate(Some("1"), &SystemEntropy) else {
        return;
    };
    let Some(level) = profile.levels().first().map(|level| level.id.clone()) else {
        return;
    };
    let key = key.expose().as_bytes();
    let first = profile
        .dimensions()
        .first()
        .map(|dimension| dimension.name.clone());
    let record = Record::new("record", Digest::sha256_of(key)).level(&level);
    let limited = first.iter().fold(record.clone(), |record, name| {
        record.constraint(name, Constraint::only([7]).expect("a value"))
    });
    for record in [record, limited] {
        let Ok(verifier) = Verifier::builder(profile.clone()).record(record).build() else {
            continue;
        };
        for target in TARGETS {
            for method in ["GET", "HEAD", "PUT", ""] {
                ask(&verifier, key, method, target, first.as_deref());
            }
        }
    }
}

fn ask(verifier: &Verifier, key: &[u8], method: &str, target: &str, name: Option<&str>) {
    let said = [(name.unwrap_or_default(), Value::Integer(7))];
    let context = Context {
        client: Some([10, 0, 0, 1].into()),
        values: &said,
    };
    let call = Ask::Call {
        method: method.as_bytes(),
        path: target.as_bytes(),
    };
    let decision = verifier.verify_key(key, call, context, NOW);
    let explanation = verifier.explain_key(key, call, context, Some(NOW));
    assert_eq!(explanation.reason, decision.reason().map(Reason::as_str));
    let path = verifier.route(method.as_bytes(), target.as_bytes());
    if let (Ok(route), false) = (path, target.contains('{')) {
        let by_route = verifier.verify_key(key, Ask::Route(route), context, NOW);
        assert_eq!(by_route.reason(), decision.reason());
    }
    let bearer = [b"Bearer ", key].concat();
    for name in verifier.profile().credential_headers() {
        let value = if name == "authorization" {
            &bearer[..]
        } else {
            key
        };
        let request = Request {
            headers: &[(name, value)],
            method: method.as_bytes(),
            target: target.as_bytes(),
            context,
        };
        if verifier.verify(&request, NOW).grant().is_some() {
            assert!(decision.grant().is_some());
        }
    }
}

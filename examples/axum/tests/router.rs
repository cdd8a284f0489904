//! The layer against axum's router: whatever the layer allows, in every spelling of a path, the router hands to the
//! very handler whose scope the key has (threat 28).

use std::pin::pin;
use std::sync::OnceLock;
use std::task::{Context, Poll, Waker};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use axum::routing::any;
use keyward::env::SystemEntropy;
use keyward::key::Digest;
use keyward::profile::Profile;
use keyward::tower::RequireKey;
use keyward::verify::{Record, Verifier};
use proptest::prelude::*;
use tower_service::Service as _;

/// Patterns that lie close together, each with a scope and a handler of its own: `s0`, `s1`, and so on.
const PATTERNS: [&str; 9] = [
    "/a",
    "/a/b",
    "/a/{id}",
    "/a/{id}/b",
    "/a/b/c",
    "/b/{id}",
    "/a.b",
    "/A",
    "/b/{id}/c/{other}",
];

/// The service, and a key for each scope.
struct Served {
    router: Router,
    keys: Vec<String>,
}

fn served() -> Served {
    let numbered = |line: fn(usize, &str) -> String| -> String {
        let numbers = PATTERNS.iter().enumerate();
        numbers
            .map(|(number, pattern)| line(number, pattern))
            .collect()
    };
    let profile = format!(
        "schema_version = 1\nid = \"x\"\ntitle = \"X\"\ndescription = \"X\"\n\
         key = {{ prefix = \"x\" }}\nrequest = {{ transports = [\"bearer\"], realm = \"X\" }}\n{}{}{}",
        numbered(|number, _| format!("[[scopes]]\nid = \"s{number}\"\ntitle = \"S\"\n")),
        numbered(|number, _| format!(
            "[[levels]]\nid = \"l{number}\"\ntitle = \"L\"\nhelp = \"L\"\nscopes = [\"s{number}\"]\n"
        )),
        numbered(|number, pattern| format!(
            "[[routes]]\nscope = \"s{number}\"\ncalls = [\"* {pattern}\"]\n"
        )),
    );
    let profile = Profile::from_toml(&profile).expect("a good profile");
    let mut keys = Vec::new();
    let mut records = Vec::new();
    for number in 0..PATTERNS.len() {
        let key = profile
            .key_format()
            .generate(None, &SystemEntropy)
            .expect("a key");
        let digest = Digest::sha256_of(key.expose().as_bytes());
        records.push(Record::new(&number.to_string(), digest).level(&format!("l{number}")));
        keys.push(key.expose().to_owned());
    }
    let verifier = Verifier::builder(profile).records(records).build();
    let mut router = Router::new();
    for (number, pattern) in PATTERNS.into_iter().enumerate() {
        let name = [("handler", number.to_string())];
        router = router.route(pattern, any(move || std::future::ready(name.clone())));
    }
    let layer = RequireKey::new(verifier.expect("good records"));
    Served {
        router: router.layer(layer),
        keys,
    }
}

/// The one service of all cases.
fn shared() -> &'static Served {
    static SERVED: OnceLock<Served> = OnceLock::new();
    SERVED.get_or_init(served)
}

fn call(router: &Router, method: &str, target: &str, key: &str) -> Option<Response<Body>> {
    let request = Request::builder()
        .method(method)
        .uri(target)
        .header("authorization", format!("Bearer {key}"))
        .body(Body::empty())
        .ok()?;
    let answer = pin!(router.clone().call(request));
    match answer.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(response)) => Some(response),
        _ => panic!("nothing here waits or fails"),
    }
}

/// How many of the keys get through, each to its own handler.
fn allowed(method: &str, target: &str) -> usize {
    let Served { router, keys } = shared();
    let mut allowed = 0;
    for (number, key) in keys.iter().enumerate() {
        let Some(response) = call(router, method, target, key) else {
            continue;
        };
        if response.status().is_success() {
            let handler = response.headers()["handler"].to_str().expect("a number");
            assert_eq!(handler, number.to_string(), "{method} {target}");
            allowed += 1;
        }
    }
    allowed
}

#[test]
fn plain_paths_are_allowed_to_one_key_each() {
    for pattern in PATTERNS {
        let path = pattern.replace("{id}", "9").replace("{other}", "x%20y");
        assert_eq!(allowed("GET", &path), 1, "{path}");
        assert_eq!(allowed("GET", &format!("{path}?a=/b")), 1, "{path}");
        assert_eq!(allowed("GET", &format!("https://example.com{path}")), 1);
    }
    assert_eq!(allowed("GET", "/nothing"), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    #[test]
    fn what_is_allowed_reaches_the_handler_of_its_scope(
        method in prop_oneof![Just("GET"), Just("HEAD"), Just("POST"), Just("OPTIONS"), Just("PURGE")],
        host in prop_oneof![4 => Just(""), 1 => Just("http://h"), 1 => Just("https://h:1")],
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "/", "/", "/", "a", "b", "c", "A", "9", ".", "..", "%61", "%62", "%2e", "%2F", "%5c", "\\", ";", ":",
                "@", "?", "#", "//", "%", "%00", "%25", "{id}", "%7Bid%7D", "*", "~", "é", "%c3%a9", "%c3", "/./", "/../",
                "x",
            ]),
            0..9,
        ),
    ) {
        allowed(method, &format!("{host}/{}", pieces.concat()));
    }
}

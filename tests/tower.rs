//! The tower layer: what the service behind it sees, and what callers of refused requests are told.
#![cfg(not(target_family = "wasm"))]

use std::convert::Infallible;
use std::future::{Future, Ready, ready};
use std::net::IpAddr;
use std::pin::pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use http::{Request, Response};
use keyward::access::{Constraint, ConstraintValue};
use keyward::env::Clock;
use keyward::key::{Digest, KeyId, checksum};
use keyward::limit::{MemoryLimiter, Rate};
use keyward::profile::Profile;
use keyward::snapshot::{Head, Keyring, LiveKey, ShardBuilder, ShardRef, SigningKey, Snapshot};
use keyward::time::Timestamp;
use keyward::tower::{Key, RequireKey};
use keyward::verify::{Reason, Record, Status, Verifier};
use serde_json::{Value, json};
use tower_layer::Layer as _;
use tower_service::Service;

const NOW: i64 = 1_790_000_000_000;

const PROFILE: &str = r#"
schema_version = 1
id = "shop"
title = "Shop"
description = "Orders of shops."
key = { prefix = "sh_test" }

[request]
transports = ["bearer", "header(x-api-key)"]
realm = "Shop"
base_path = "/v1"

[[scopes]]
id = "orders.read"
title = "Read orders"

[[scopes]]
id = "orders.write"
title = "Write orders"

[[levels]]
id = "read"
title = "Read"
help = "Reads orders."
scopes = ["orders.read"]

[[levels]]
id = "limited"
title = "Limited"
help = "Three calls a minute."
scopes = ["orders.*"]
rate = { limit = 3, window = 60 }

[[levels]]
id = "full"
title = "Full"
help = "Everything."
everything = true

[[routes]]
scope = "orders.read"
calls = ["GET /orders", "GET /orders/{id}"]

[[routes]]
scope = "orders.write"
cost = 2
calls = ["POST /orders"]

[[routes]]
scope = "orders.write"
require_fresh = true
calls = ["DELETE /orders/{id}"]

[[routes]]
closed = 'Sums are "sealed": ask the console.'
calls = ["GET /sums"]

[[constraints]]
name = "shop"
title = "Shop"
help = "The shops whose orders the key may use."
kind = "text"
applies_to = ["orders.write"]

[[constraints]]
name = "ip"
title = "Network"
help = "The networks that the key may be used from."
kind = "network"
"#;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).expect("after 1970")
}

fn profile() -> Profile {
    Profile::from_toml(PROFILE).expect("a good profile")
}

/// A key, told by a number.
fn key(number: u32) -> String {
    let body = format!("{number:030}");
    let digits = checksum(body.as_bytes());
    format!(
        "sh_test_{body}{}",
        std::str::from_utf8(&digits).expect("ASCII")
    )
}

fn record(number: u32, level: &str) -> Record {
    Record::new(
        &format!("key {number}"),
        Digest::sha256_of(key(number).as_bytes()),
    )
    .level(level)
}

fn verifier(records: impl IntoIterator<Item = Record>) -> Verifier {
    let builder = Verifier::builder(profile()).records(records);
    builder.build().expect("good records")
}

/// Tells the time that it was told.
struct Told(AtomicI64);

impl Clock for Told {
    fn now(&self) -> Timestamp {
        at(self.0.load(Ordering::Relaxed))
    }
}

fn told(millis: i64) -> Arc<Told> {
    Arc::new(Told(AtomicI64::new(millis)))
}

/// A service that keeps what reaches it.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<Request<String>>>>);

impl Service<Request<String>> for Kept {
    type Response = Response<String>;
    type Error = Infallible;
    type Future = Ready<Result<Response<String>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<String>) -> Self::Future {
        self.0.lock().expect("no panic").push(request);
        ready(Ok(Response::new("served".to_owned())))
    }
}

/// A layer around a service that keeps what reaches it.
struct Api {
    layer: RequireKey,
    kept: Kept,
}

impl Api {
    fn new(layer: RequireKey) -> Self {
        let layer = layer.clock(told(NOW));
        let kept = Kept::default();
        Self { layer, kept }
    }

    fn of(records: impl IntoIterator<Item = Record>) -> Self {
        Self::new(RequireKey::new(verifier(records)))
    }

    fn send(&self, request: Request<String>) -> Response<String> {
        let mut service = self.layer.layer(self.kept.clone());
        let mut context = Context::from_waker(Waker::noop());
        assert!(service.poll_ready(&mut context).is_ready());
        let answer = pin!(service.call(request));
        match answer.poll(&mut context) {
            Poll::Ready(Ok(response)) => response,
            Poll::Pending => panic!("nothing here waits"),
        }
    }

    /// The requests that got through since this was last asked.
    fn served(&self) -> Vec<Request<String>> {
        std::mem::take(&mut self.kept.0.lock().expect("no panic"))
    }

    /// The key of the one request that got through since this was last asked.
    fn served_key(&self) -> Key {
        let served = self.served();
        assert_eq!(served.len(), 1, "one request got through");
        served[0].extensions().get::<Key>().expect("a key").clone()
    }

    #[track_caller]
    fn allows(&self, request: Request<String>) -> Key {
        let response = self.send(request);
        assert_eq!(
            (response.status().as_u16(), &**response.body()),
            (200, "served"),
            "{:?}",
            response.extensions().get::<Reason>()
        );
        self.served_key()
    }

    /// Sends what is refused; the reason is the owner's to know, and nothing gets through.
    #[track_caller]
    fn refuses(&self, request: Request<String>, reason: Reason) -> Response<String> {
        let response = self.send(request);
        assert_eq!(response.extensions().get::<Reason>(), Some(&reason));
        assert_eq!(response.status().as_u16(), reason.status());
        assert_eq!(
            header(&response, "content-type"),
            "application/problem+json"
        );
        assert_eq!(header(&response, "cache-control"), "no-store");
        assert!(self.served().is_empty(), "{reason:?} was served");
        response
    }
}

fn request(method: &str, target: &str, headers: &[(&str, &str)]) -> Request<String> {
    let mut request = Request::builder().method(method).uri(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body("the body".to_owned()).expect("a request")
}

/// A request with the key of that number.
fn with_key(method: &str, target: &str, number: u32) -> Request<String> {
    let bearer = format!("Bearer {}", key(number));
    request(method, target, &[("authorization", &bearer)])
}

fn header<'a>(response: &'a Response<String>, name: &str) -> &'a str {
    let value = response.headers().get(name);
    value.map_or("", |value| value.to_str().expect("ASCII"))
}

fn body(response: &Response<String>) -> Value {
    serde_json::from_str(response.body()).expect("JSON")
}

#[test]
fn what_the_service_behind_it_sees() {
    let api = Api::of([record(7, "read")
        .account("acme")
        .subject("user 4711")
        .meta(r#"{"plan":"pro"}"#)
        .constraint("shop", Constraint::only(["lyon", "metz"]).expect("values"))
        .constraint("ip", Constraint::All)
        .expires_at(at(NOW + 1))]);
    let response = api.send(with_key("GET", "/v1/orders/9?page=2", 7));
    assert_eq!(response.body(), "served");
    let served = api.served();
    let [request] = &served[..] else {
        panic!("one request got through");
    };
    assert_eq!(request.method(), "GET");
    assert_eq!(request.uri(), "/v1/orders/9?page=2");
    assert_eq!(request.body(), "the body");

    let key = request.extensions().get::<Key>().expect("a key");
    assert_eq!(key.id(), "key 7");
    assert_eq!(key.account(), Some("acme"));
    assert_eq!(key.subject(), Some("user 4711"));
    assert_eq!(key.meta(), Some(r#"{"plan":"pro"}"#));
    assert_eq!(key.level(), Some("read"));
    assert_eq!(key.scopes().collect::<Vec<_>>(), ["orders.read"]);
    assert!(!key.opens_everything());
    assert_eq!(key.expires_at(), Some(at(NOW + 1)));
    assert!(!key.is_stale());
    assert_eq!(key.cost(), 1);
    assert_eq!(key.rate(), None);
    let Some(Constraint::Only(shops)) = key.constraint("shop") else {
        panic!("the key is limited to some shops");
    };
    let expected = ["lyon", "metz"].map(|shop| ConstraintValue::Text(shop.into()));
    assert_eq!(shops.as_slice(), expected);
    assert_eq!(key.constraint("ip"), Some(Constraint::All));
    assert_eq!(key.constraint("shops"), None, "there is no such dimension");
    let names: Vec<_> = key.constraints().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(names, ["shop", "ip"]);
}

#[test]
fn a_full_key_and_one_with_scopes_of_its_own() {
    let own = Record::new("own", Digest::sha256_of(key(2).as_bytes())).scope("orders.*");
    let api = Api::of([record(1, "full"), own]);
    let full = api.allows(with_key("PUT", "/v1/nobody/lists/this", 1));
    assert_eq!(
        (full.level(), full.opens_everything()),
        (Some("full"), true)
    );
    let own = api.allows(with_key("POST", "/v1/orders", 2));
    assert_eq!((own.level(), own.account(), own.meta()), (None, None, None));
    assert_eq!(
        own.scopes().collect::<Vec<_>>(),
        ["orders.read", "orders.write"]
    );
    assert_eq!((own.cost(), own.expires_at()), (2, None));
}

#[test]
fn no_log_shows_the_key() {
    let api = Api::of([record(1, "read")]);
    let secret = key(1);
    for name in ["authorization", "x-api-key"] {
        let value = format!(
            "{}{secret}",
            if name == "x-api-key" { "" } else { "Bearer " }
        );
        api.send(request("GET", "/v1/orders", &[(name, &value)]));
        let served = api.served();
        assert_eq!(served[0].headers()[name], value, "the service can read it");
        for text in [
            format!("{:?}", served[0]),
            format!("{:?} {:?}", api.layer, api.layer.layer("inner")),
            format!("{:?}", served[0].extensions().get::<Key>()),
        ] {
            assert!(!text.contains(&secret), "{text}");
        }
    }
}

/// One request for each reason that records can give.
fn refusals() -> (Api, Vec<(Reason, Request<String>)>) {
    let api = Api::of([
        record(1, "read"),
        record(2, "read").status(Status::Disabled),
        record(3, "read").status(Status::Deactivated),
        record(4, "read").expires_at(at(NOW)),
        record(5, "limited").constraint("shop", Constraint::only(["lyon"]).expect("a value")),
        record(6, "limited").rate(Rate::new(1, 60).expect("a rate")),
    ]);
    let typo = key(1).replacen('1', "2", 1);
    let bearer = |token: &str| {
        let value = format!("Bearer {token}");
        request("GET", "/v1/orders", &[("authorization", &value)])
    };
    let twice = request(
        "GET",
        "/v1/orders",
        &[
            ("authorization", &format!("Bearer {}", key(1))),
            ("x-api-key", &key(1)),
        ],
    );
    let refusals = vec![
        (Reason::MissingCredential, request("GET", "/v1/orders", &[])),
        (Reason::MalformedCredential, bearer("a b")),
        (Reason::AmbiguousCredential, twice),
        (Reason::MalformedPath, with_key("GET", "/v1//orders", 1)),
        (Reason::MalformedKey, bearer("no-key-of-ours")),
        (Reason::BadChecksum, bearer(&typo)),
        (Reason::UnknownKey, bearer(&key(99))),
        (Reason::Disabled, bearer(&key(2))),
        (Reason::Deactivated, bearer(&key(3))),
        (Reason::Expired, bearer(&key(4))),
        (Reason::InsufficientScope, with_key("POST", "/v1/orders", 1)),
        (
            Reason::ConstraintViolated,
            with_key("POST", "/v1/orders", 5),
        ),
        (Reason::RateLimited, with_key("POST", "/v1/orders", 6)),
    ];
    (api, refusals)
}

#[test]
fn callers_are_told_what_the_npm_package_tells_them() {
    let source = include_str!("../pkg/src/decision.ts");
    let (_, outward) = source
        .split_once("\nfunction outward(")
        .expect("the function");
    let (api, refusals) = refusals();
    for (reason, request) in refusals {
        let problem = body(&api.refuses(request, reason));
        let text = |member: &str| problem[member].as_str().expect("a text").to_owned();
        assert_eq!(problem["status"], reason.status());
        assert_eq!(text("type"), "about:blank");
        let case = format!("case \"{}\":", reason.as_str());
        let (_, told) = outward.split_once(&case).expect("a case for each reason");
        let code = match text("code") {
            code if code == reason.as_str() => "reason,".to_owned(),
            code => format!("{code:?},"),
        };
        let status = format!("{},", reason.status());
        let [title, detail] = ["title", "detail"].map(|member| format!("{:?}", text(member)));
        for (member, ours) in [
            ("status", status),
            ("title", title),
            ("code", code),
            ("detail", detail),
        ] {
            let (_, theirs) = told.split_once(&format!("{member}: ")).expect(member);
            assert!(
                theirs.starts_with(&ours),
                "{reason:?}: {member} is not {ours}"
            );
        }
    }
}

#[test]
fn everything_about_the_key_itself_reads_alike() {
    let (api, refusals) = refusals();
    let unauthorized: Vec<_> = refusals
        .into_iter()
        .filter(|(reason, _)| reason.status() == 401)
        .map(|(reason, request)| api.refuses(request, reason))
        .collect();
    assert_eq!(unauthorized.len(), 7);
    for response in &unauthorized {
        assert_eq!(response.headers(), unauthorized[0].headers());
        assert_eq!(response.body(), unauthorized[0].body());
    }
    let challenge = r#"Bearer realm="Shop", Keyward realm="Shop", header="x-api-key""#;
    assert_eq!(header(&unauthorized[0], "www-authenticate"), challenge);
    let expected = json!({
        "type": "about:blank",
        "title": "Unauthorized",
        "status": 401,
        "code": "unauthorized",
        "detail": "This needs a valid API key.",
    });
    assert_eq!(body(&unauthorized[0]), expected);
}

#[test]
fn only_401_says_which_credentials_are_taken() {
    let (api, refusals) = refusals();
    for (reason, request) in refusals {
        let response = api.refuses(request, reason);
        let challenged = response.headers().contains_key("www-authenticate");
        assert_eq!(challenged, reason.status() == 401, "{reason:?}");
    }
}

#[test]
fn a_closed_route_says_what_to_do_instead() {
    let api = Api::of([record(1, "full")]);
    let response = api.refuses(with_key("GET", "/v1/sums", 1), Reason::InsufficientScope);
    let problem = body(&response);
    assert_eq!(problem["detail"], r#"Sums are "sealed": ask the console."#);
    assert_eq!(problem["code"], "insufficient_scope");
}

#[test]
fn one_credential_in_one_header() {
    let api = Api::of([record(1, "read")]);
    let good = format!("Bearer {}", key(1));
    let own = key(1);
    for headers in [
        vec![("authorization", &*good), ("authorization", &*good)],
        vec![("x-api-key", &*own), ("x-api-key", &*own)],
        vec![("x-api-key", &*own), ("authorization", &*good)],
        vec![("authorization", "Basic YTpi"), ("x-api-key", &*own)],
        vec![("authorization", &*good); 5],
    ] {
        api.refuses(
            request("GET", "/v1/orders", &headers),
            Reason::AmbiguousCredential,
        );
    }
    let joined = format!("{good}, {good}");
    let joined = request("GET", "/v1/orders", &[("authorization", &joined)]);
    api.refuses(joined, Reason::AmbiguousCredential);
    let latin = Request::builder()
        .uri("/v1/orders")
        .header("x-api-key", &b"sh_test_\xe9"[..])
        .body(String::new());
    api.refuses(latin.expect("a request"), Reason::MalformedCredential);
    api.allows(request("GET", "/v1/orders", &[("X-API-KEY", &own)]));
}

#[test]
fn what_is_authorised_is_the_path_that_the_router_will_see() {
    let api = Api::of([record(1, "read")]);
    for target in [
        "/v1/orders",
        "/v1/orders/9",
        "/v1/orders/9?x=//..;%2f",
        "https://shop.example/v1/orders/9",
        "http://shop.example:8080/v1/orders?x",
    ] {
        let asked = with_key("GET", target, 1);
        let uri = asked.uri().clone();
        api.send(asked);
        let served = api.served();
        assert_eq!(served.len(), 1, "{target}");
        assert_eq!(served[0].uri(), &uri);
    }
    for target in [
        "//v1/orders",
        "/v1//orders",
        "/v1/./orders",
        "/v1/sums/../orders",
        "/v1/sums/%2e%2e/orders",
        "/v1/orders/%2F",
        "/v1/orders/a%00",
        "/v1/orders;a=b",
        "https://shop.example//v1/orders",
        "*",
        "shop.example:443",
    ] {
        api.refuses(with_key("GET", target, 1), Reason::MalformedPath);
    }
    for target in [
        "/orders",
        "/V1/orders",
        "/v1/orders/",
        "/v1/%6frders",
        "/v1/orders/9/x",
    ] {
        api.refuses(with_key("GET", target, 1), Reason::InsufficientScope);
    }
}

#[test]
fn the_method_is_the_one_that_was_sent() {
    let api = Api::of([record(1, "read")]);
    let bearer = format!("Bearer {}", key(1));
    for name in [
        "x-http-method-override",
        "x-method-override",
        "x-http-method",
    ] {
        let headers = [("authorization", &*bearer), (name, "GET")];
        api.refuses(
            request("POST", "/v1/orders", &headers),
            Reason::InsufficientScope,
        );
    }
    api.allows(with_key("HEAD", "/v1/orders", 1));
    api.refuses(with_key("get", "/v1/orders", 1), Reason::InsufficientScope);
}

#[test]
fn constraints_are_held_against_what_the_request_says() {
    let lyon = Constraint::only(["lyon", "metz"]).expect("values");
    let records = || {
        let limited = record(1, "full").constraint("shop", lyon.clone());
        [limited, record(2, "full")]
    };
    let layer = RequireKey::new(verifier(records())).context(|request, context| {
        let shops = request
            .headers
            .get("x-shops")
            .map(|list| list.to_str().expect("ASCII"));
        if let Some(list) = shops {
            context.list("shop", list.split(',').filter(|shop| !shop.is_empty()));
        }
        if let Some(shop) = request.headers.get("x-shop") {
            context.value("shop", shop.to_str().expect("ASCII"));
        }
    });
    let api = Api::new(layer);
    let about = |headers: &[(&str, &str)], number| {
        let bearer = format!("Bearer {}", key(number));
        let headers = [&[("authorization", &*bearer)], headers].concat();
        request("POST", "/v1/orders", &headers)
    };
    for allowed in [
        &[("x-shop", "lyon")][..],
        &[("x-shops", "lyon,metz")],
        &[("x-shops", "lyon"), ("x-shop", "metz")],
    ] {
        api.allows(about(allowed, 1));
    }
    for refused in [
        &[][..],
        &[("x-shop", "Lyon")],
        &[("x-shops", "lyon,nice")],
        &[("x-shops", "")],
        &[("x-shops", ""), ("x-shop", "lyon")],
    ] {
        api.refuses(about(refused, 1), Reason::ConstraintViolated);
        api.allows(about(refused, 2));
    }
    api.allows(with_key("GET", "/v1/orders", 1));

    let unsaid = Api::of(records());
    unsaid.refuses(about(&[("x-shop", "lyon")], 1), Reason::ConstraintViolated);
}

#[test]
fn networks_are_held_against_the_address_that_the_host_names() {
    let office = Constraint::only(["10.0.0.0/8", "2001:db8::/32"]).expect("networks");
    let bound = || [record(1, "read").constraint("ip", office.clone())];
    let layer = RequireKey::new(verifier(bound()))
        .client_address(|request| request.extensions.get::<IpAddr>().copied());
    let api = Api::new(layer);
    let from = |address: &str| {
        let mut request = with_key("GET", "/v1/orders", 1);
        let address: IpAddr = address.parse().expect("an address");
        request.extensions_mut().insert(address);
        request
    };
    let key = api.allows(from("10.1.2.3"));
    let Some(Constraint::Only(networks)) = key.constraint("ip") else {
        panic!("the key is bound to networks");
    };
    assert_eq!(
        networks.as_slice()[0],
        ConstraintValue::Text("10.0.0.0/8".into())
    );
    api.allows(from("::ffff:10.1.2.3"));
    api.allows(from("2001:db8::1"));
    api.refuses(from("11.1.2.3"), Reason::ConstraintViolated);
    api.refuses(with_key("GET", "/v1/orders", 1), Reason::ConstraintViolated);
    let forwarded = request(
        "GET",
        "/v1/orders",
        &[
            ("x-api-key", &self::key(1)),
            ("x-forwarded-for", "10.1.2.3"),
        ],
    );
    api.refuses(forwarded, Reason::ConstraintViolated);
    Api::of(bound()).refuses(from("10.1.2.3"), Reason::ConstraintViolated);
}

#[test]
fn a_key_is_served_until_its_rate_is_used_up() {
    let clock = told(NOW);
    let mut api = Api::of([
        record(1, "limited"),
        record(2, "limited"),
        record(3, "read"),
    ]);
    api.layer = api.layer.clock(clock.clone());
    let read = |number| with_key("GET", "/v1/orders", number);
    let (rate, outcome) = api.allows(read(1)).rate().expect("a limited key");
    assert_eq!((rate.limit(), rate.window_seconds()), (3, 60));
    assert_eq!((outcome.remaining, outcome.reset_millis), (2, 20_000));
    let (_, outcome) = api
        .allows(with_key("POST", "/v1/orders", 1))
        .rate()
        .expect("limited");
    assert_eq!(outcome.remaining, 0, "the call costs two");

    clock.0.store(NOW + 500, Ordering::Relaxed);
    let response = api.refuses(read(1), Reason::RateLimited);
    assert_eq!(header(&response, "retry-after"), "20", "19.5 s, rounded up");
    assert_eq!(header(&response, "ratelimit"), r#""key";r=0;t=60"#);
    assert_eq!(header(&response, "ratelimit-policy"), r#""key";q=3;w=60"#);
    let expected = json!({
        "type": "about:blank",
        "title": "Too Many Requests",
        "status": 429,
        "code": "rate_limited",
        "detail": "Too many requests with this API key.",
    });
    assert_eq!(body(&response), expected);

    api.allows(read(2));
    for _ in 0..10 {
        assert_eq!(api.allows(read(3)).rate(), None);
    }
    // What is refused for another reason takes nothing.
    clock.0.store(NOW + 20_000, Ordering::Relaxed);
    api.refuses(with_key("GET", "/v1/sums", 1), Reason::InsufficientScope);
    api.allows(read(1));
    api.refuses(read(1), Reason::RateLimited);
}

#[test]
fn a_call_that_costs_more_than_the_limit_is_told_no_time_to_come_back() {
    let once = Rate::new(1, 60).expect("a rate");
    let api = Api::of([record(1, "limited").rate(once)]);
    let response = api.refuses(with_key("POST", "/v1/orders", 1), Reason::RateLimited);
    assert!(!response.headers().contains_key("retry-after"));
    assert_eq!(header(&response, "ratelimit"), r#""key";r=1;t=0"#);
    api.allows(with_key("GET", "/v1/orders", 1));
}

#[test]
fn layers_may_share_a_limiter() {
    let limiter = Arc::new(MemoryLimiter::default());
    let verifier = Arc::new(verifier([record(1, "limited")]));
    let layer = || RequireKey::new(Arc::clone(&verifier));
    let shared = || Api::new(layer().limiter(Arc::clone(&limiter)));
    let read = || with_key("GET", "/v1/orders", 1);
    let (one, other) = (shared(), shared());
    one.allows(read());
    other.allows(read());
    one.allows(read());
    other.refuses(read(), Reason::RateLimited);
    Api::new(layer()).allows(read());
}

#[test]
fn a_renewed_verifier_decides_the_next_request_and_the_rate_goes_on() {
    let current = Arc::new(Mutex::new(Arc::new(verifier([record(1, "limited")]))));
    let read = Arc::clone(&current);
    let api = Api::new(RequireKey::current(move || {
        Arc::clone(&read.lock().expect("no panic"))
    }));
    let old = api.allows(with_key("GET", "/v1/orders", 1));
    let renew =
        |records: Vec<Record>| *current.lock().expect("no panic") = Arc::new(verifier(records));
    renew(vec![record(1, "limited").account("acme")]);
    let new = api.allows(with_key("GET", "/v1/orders", 1));
    assert_eq!((old.account(), new.account()), (None, Some("acme")));
    assert_eq!(new.rate().expect("limited").1.remaining, 1);
    renew(vec![]);
    api.refuses(with_key("GET", "/v1/orders", 1), Reason::UnknownKey);
    assert_eq!(
        new.level(),
        Some("limited"),
        "what was decided stays readable"
    );
}

/// Threat 30: valid iff now is before the end, to the millisecond.
#[test]
fn a_key_ends_at_its_millisecond() {
    let api = |now| {
        let mut api = Api::of([record(1, "read").expires_at(at(NOW))]);
        api.layer = api.layer.clock(told(now));
        api
    };
    let read = || with_key("GET", "/v1/orders", 1);
    api(NOW - 1).allows(read());
    api(NOW).refuses(read(), Reason::Expired);
    api(NOW + 1).refuses(read(), Reason::Expired);
}

#[test]
fn a_snapshot_decides_while_it_is_valid() {
    let (root, online) = (
        SigningKey::from_seed(&[1; 32]),
        SigningKey::from_seed(&[2; 32]),
    );
    let mut shard = ShardBuilder::new(1, 1, profile());
    let live = LiveKey {
        id: KeyId::from_u64(1).expect("below 2^53"),
        digest: &Digest::sha256_of(key(1).as_bytes()),
        account: "acme",
        level: "full",
        expires_at: None,
        subject: None,
        meta: None,
        constraints: &[],
        rate: None,
    };
    shard.key(&live).expect("a good record");
    let shard = shard.finish().expect("a small shard");
    let keyring = Keyring {
        keyspace: "shop".into(),
        era: 1,
        keys: vec![online.public()],
    };
    let head = Head {
        keyspace: "shop".into(),
        era: 1,
        epoch: 1,
        issued_at: at(NOW),
        fresh_for_seconds: 300,
        valid_until: at(NOW + 86_400_000),
        shards: vec![ShardRef::of(&shard)],
    };
    let head = head.sign(&online, &keyring.sign(&root));
    let snapshot = Snapshot::open(&head, shard, &[root.public()], Some("shop"), (0, 0), vec![]);
    let verifier = Arc::new(snapshot.expect("a good snapshot").verifier);
    let api = |now| {
        let mut api = Api::new(RequireKey::new(Arc::clone(&verifier)));
        api.layer = api.layer.clock(told(now));
        api
    };
    let (read, delete) = (
        || with_key("GET", "/v1/orders", 1),
        || with_key("DELETE", "/v1/orders/1", 1),
    );
    let fresh = api(NOW + 299_999);
    let key = fresh.allows(delete());
    assert!(!key.is_stale());
    assert_eq!(key.id(), "key_000000001");
    let stale = api(NOW + 300_000);
    assert!(stale.allows(read()).is_stale());
    stale.refuses(delete(), Reason::StaleSnapshot);
    let response = api(NOW + 86_400_000).refuses(read(), Reason::StaleSnapshot);
    let expected = json!({
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
        "code": "unavailable",
        "detail": "API keys cannot be checked now.",
    });
    assert_eq!(body(&response), expected);
}

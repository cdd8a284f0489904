//! What is allowed is allowed in every reading: whoever else takes a request's target apart (the WHATWG's URL,
//! `http::Uri`) finds the path that was decided about, and whichever route a router serves for it is one that the key
//! may call.

use std::cell::Cell;
use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use axum::routing::{self, MethodFilter, MethodRouter};
use http::{Method, Request as HttpRequest, StatusCode, Uri};
use keyward::access::{Context, RouteAccess, RouteRule, RouteTable};
use keyward::key::Digest;
use keyward::profile::Profile;
use keyward::request::RequestPath;
use keyward::time::Timestamp;
use keyward::verify::{Decision, Record, Request, Verifier};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestRunner;
use tokio::runtime::{Builder, Runtime};
use tower_service::Service as _;
use url::Url;

const NOW: i64 = 1_790_000_000_000;
const SCOPES: [&str; 2] = ["s", "t"];
/// Versions that the service answers under, where the profile allows one.
const VERSIONS: [&str; 2] = ["/v1", "/v2"];

/// The rules of a service: those of its profile, and its routes.
#[derive(Clone, Debug)]
struct Service {
    base: &'static str,
    versions: bool,
    rules: Vec<RouteRule>,
}

/// How a host or a framework may turn a path before its router sees it.
type Reading = (&'static str, fn(&str) -> String);

const READINGS: [Reading; 5] = [
    ("as sent", str::to_owned),
    ("decoded", decoded),
    ("in lower case", str::to_ascii_lowercase),
    ("decoded, in lower case", |path| {
        decoded(path).to_ascii_lowercase()
    }),
    ("without its last slash", |path| {
        path.strip_suffix('/').unwrap_or(path).to_owned()
    }),
];

fn decoded(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut text = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped = path
            .get(at + 1..at + 3)
            .filter(|_| byte == b'%')
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        text.push(escaped.unwrap_or(byte));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// A pattern as matchit and axum write it; names of parameters are theirs to choose.
fn pattern(ours: &str) -> String {
    let segment = |(place, segment): (usize, &str)| match segment {
        "**" => "{*tail}".to_owned(),
        _ if segment.starts_with('{') => format!("{{p{place}}}"),
        _ => segment.to_owned(),
    };
    ours.split('/')
        .enumerate()
        .map(segment)
        .collect::<Vec<_>>()
        .join("/")
}

impl Service {
    /// Keeps the rules that go together: in a profile, and in the router.
    fn of(base: &'static str, versions: bool, drawn: Vec<RouteRule>) -> Self {
        let mut service = Self {
            base,
            versions,
            rules: Vec::new(),
        };
        for rule in drawn {
            service.rules.push(rule);
            let compiles = RouteTable::compile(base, versions, service.rules.clone()).is_ok();
            if !compiles || service.matcher(str::to_owned).is_none() {
                service.rules.pop();
            }
        }
        service
    }

    fn rule(&self, index: Index) -> Option<&RouteRule> {
        (!self.rules.is_empty()).then(|| index.get(&self.rules))
    }

    /// Where its routes stand: below the base, and below each version.
    fn mounts(&self) -> impl Iterator<Item = String> {
        let versions = if self.versions { &VERSIONS[..] } else { &[] };
        let base = self.base;
        std::iter::once(base.to_owned()).chain(
            versions
                .iter()
                .map(move |version| format!("{base}{version}")),
        )
    }

    /// The positions of the rules of each pattern, by the pattern as the router writes it.
    fn patterns(&self) -> BTreeMap<String, Vec<usize>> {
        let mut patterns: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (position, rule) in self.rules.iter().enumerate() {
            patterns
                .entry(pattern(&rule.pattern))
                .or_default()
                .push(position);
        }
        patterns
    }

    /// axum's router below: the rules of the pattern that serves a path. None where two patterns cannot be told apart.
    fn matcher(&self, read: fn(&str) -> String) -> Option<matchit::Router<Vec<usize>>> {
        let mut places: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (pattern, rules) in self.patterns() {
            for mount in self.mounts() {
                // Names of parameters are in lower case, escapes are in no pattern.
                places
                    .entry(read(&format!("{mount}{pattern}")))
                    .or_default()
                    .extend(&rules);
            }
        }
        let mut router = matchit::Router::new();
        for (place, rules) in places {
            router.insert(place, rules).ok()?;
        }
        Some(router)
    }

    /// A service in axum: each handler answers with the position of its rule.
    fn router(&self) -> Router {
        let mut router = Router::new();
        for (pattern, rules) in self.patterns() {
            let mut methods = MethodRouter::new();
            // The rule for every other method first: the others are added to it.
            let mut rules = rules;
            rules.sort_by_key(|&rule| &*self.rules[rule].method != "*");
            for position in rules {
                let handler = move || async move { position.to_string() };
                methods = match &*self.rules[position].method {
                    "*" => routing::any(handler),
                    name => {
                        let method = Method::from_bytes(name.as_bytes()).expect("a method");
                        let filter =
                            MethodFilter::try_from(method).expect("a method that axum knows");
                        methods.on(filter, handler)
                    }
                };
            }
            for mount in self.mounts() {
                router = router.route(&format!("{mount}{pattern}"), methods.clone());
            }
        }
        router
    }

    fn profile(&self) -> Profile {
        let mut toml = format!(
            "schema_version = 1\nid = \"service\"\ntitle = \"Service\"\ndescription = \"\"\n\
             [key]\nformat = \"opaque\"\n\
             [request]\ntransports = [\"bearer\"]\nrealm = \"Service\"\nbase_path = {:?}\nversion_segment = {}\n",
            self.base, self.versions
        );
        for scope in SCOPES {
            toml.push_str(&["[[scopes]]\nid = \"", scope, "\"\ntitle = \".\"\n"].concat());
        }
        toml += "[[levels]]\nid = \"everything\"\ntitle = \"Everything\"\neverything = true\n";
        for rule in &self.rules {
            let access = match &rule.access {
                RouteAccess::Scope(scope) => format!("scope = {:?}", SCOPES[usize::from(*scope)]),
                RouteAccess::Closed(text) => format!("closed = {text:?}"),
            };
            let call = format!("calls = [\"{} {}\"]\n", rule.method, rule.pattern);
            toml.push_str(&["[[routes]]\n", &access, "\n", &call].concat());
        }
        Profile::from_toml(&toml).unwrap_or_else(|error| panic!("{error}\n{toml}"))
    }

    /// A verifier of three keys: one for each scope, and one for everything.
    fn verifier(&self) -> Verifier {
        let record = |key: &str| Record::new(key, Digest::sha256_of(key.as_bytes()));
        let scoped = SCOPES.map(|scope| record(scope).scope(scope));
        Verifier::builder(self.profile())
            .records(scoped)
            .record(record("everything").level("everything"))
            .build()
            .expect("good records")
    }

    /// Those of a pattern's rules that speak for a method, as a router has it.
    fn speaking(&self, rules: &[usize], method: &str) -> Vec<&RouteRule> {
        let ways = [Some(method), (method == "HEAD").then_some("GET"), Some("*")];
        let named = |name: &str| {
            let rules = rules.iter().map(|&rule| &self.rules[rule]);
            rules
                .filter(|rule| &*rule.method == name)
                .collect::<Vec<_>>()
        };
        let mut found = ways.into_iter().flatten().map(named);
        found.find(|found| !found.is_empty()).unwrap_or_default()
    }
}

/// What axum serves a call with; None where it refuses it.
fn served(runtime: &Runtime, router: &mut Router, method: &str, target: &Uri) -> Option<usize> {
    let request = HttpRequest::builder()
        .method(method)
        .uri(target)
        .body(Body::empty())
        .expect("a request");
    runtime.block_on(async {
        let Ok(response) = router.call(request).await;
        let refusals = [StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED];
        if refusals.contains(&response.status()) {
            return None;
        }
        let body = axum::body::to_bytes(response.into_body(), 64)
            .await
            .expect("a short body");
        String::from_utf8(body.to_vec())
            .expect("digits")
            .parse()
            .ok()
    })
}

fn rules() -> impl Strategy<Value = Vec<RouteRule>> {
    // No two that differ by case alone: of such a service a router that does not mind case makes another one.
    let literal = prop::sample::select(vec!["a", "b", "Ab", "c.d", "v1"]);
    let segment = prop_oneof![3 => literal, 2 => Just("{x}")];
    let access = prop_oneof![
        3 => Just(RouteAccess::Scope(0)),
        2 => Just(RouteAccess::Scope(1)),
        2 => Just(RouteAccess::Closed("Not with a key.".into())),
    ];
    let method = prop::sample::select(vec!["GET", "GET", "POST", "HEAD", "*"]);
    let tail = prop_oneof![2 => Just(""), 1 => Just("/**")];
    let rule = (method, prop::collection::vec(segment, 1..4), tail, access);
    let rule = rule.prop_map(|(method, segments, tail, access)| RouteRule {
        method: method.into(),
        pattern: format!("/{}{tail}", segments.join("/")).into(),
        access,
        cost: 1,
        require_fresh: false,
    });
    prop::collection::vec(rule, 1..10)
}

/// How to make a call of a service's own out of one of its rules, and what to do to it.
#[derive(Clone, Debug)]
struct Call {
    method: Option<&'static str>,
    rule: Index,
    /// What stands for parameters and tails.
    fill: Vec<&'static str>,
    start: &'static str,
    base: Option<&'static str>,
    version: &'static str,
    end: &'static str,
    changed: Option<(Index, Change)>,
}

#[derive(Clone, Copy, Debug)]
enum Change {
    Escape,
    Case,
    Segment(&'static str),
    Insert(&'static str),
}

impl Call {
    fn method<'a>(&self, service: &'a Service) -> &'a str {
        let own = service.rule(self.rule).map_or("GET", |rule| &*rule.method);
        self.method.unwrap_or(if own == "*" { "PUT" } else { own })
    }

    fn target(&self, service: &Service) -> String {
        let pattern = service.rule(self.rule).map_or("/a", |rule| &*rule.pattern);
        let mut fill = self.fill.iter().copied().cycle();
        let mut segments: Vec<String> = Vec::new();
        for segment in pattern[1..].split('/') {
            match segment {
                "**" => {
                    segments.extend(fill.by_ref().take(1 + self.fill.len() % 3).map(Into::into));
                }
                _ if segment.starts_with('{') => segments.extend(fill.next().map(Into::into)),
                _ => segments.push(segment.to_owned()),
            }
        }
        if let Some((place, change)) = &self.changed {
            change.apply(place.get_mut(&mut segments), *place);
        }
        let (start, base, version, end) = (
            self.start,
            self.base.unwrap_or(service.base),
            self.version,
            self.end,
        );
        format!("{start}{base}{version}/{}{end}", segments.join("/"))
    }
}

impl Change {
    fn apply(self, segment: &mut String, place: Index) {
        let at = place.index(segment.len().max(1));
        let Some(byte) = segment.as_bytes().get(at).copied().filter(u8::is_ascii) else {
            return;
        };
        let letter = char::from(byte);
        let other = if letter.is_ascii_lowercase() {
            letter.to_ascii_uppercase()
        } else {
            letter.to_ascii_lowercase()
        };
        match self {
            Self::Escape => segment.replace_range(at..=at, &format!("%{byte:02x}")),
            Self::Case => segment.replace_range(at..=at, &other.to_string()),
            Self::Segment(text) => text.clone_into(segment),
            Self::Insert(text) => segment.insert_str(at, text),
        }
    }
}

fn call() -> impl Strategy<Value = Call> {
    let fill = prop::sample::select(vec![
        "a", "b", "A", "ab", "c.d", "v1", "x", "**", "%61", "C.D",
    ]);
    let segment = vec![
        "", ".", "..", "%2e", "%2E.", "**", "*", "%7Bx%7D", "{x}", "v1", "a", "%C3%A9", "é",
    ];
    let text = vec![
        "/", "//", ";", "%3b", "\\", "%5C", "%2f", "%2F", "%00", "\t", " ", "%", "%zz", "?", "#",
        "/./", "/../", ":", "@",
    ];
    let change = prop_oneof![
        Just(Change::Escape),
        Just(Change::Case),
        prop::sample::select(segment).prop_map(Change::Segment),
        prop::sample::select(text).prop_map(Change::Insert),
    ];
    (
        prop::option::weighted(
            0.3,
            prop::sample::select(vec!["GET", "POST", "PUT", "HEAD", "get"]),
        ),
        any::<Index>(),
        prop::collection::vec(fill, 1..4),
        prop::sample::select(vec![
            "",
            "",
            "",
            "",
            "",
            "http://h",
            "HTTPS://h:1",
            "https://u@h",
            "http://",
            "\t",
            "http:",
        ]),
        prop::option::weighted(
            0.15,
            prop::sample::select(vec![
                "",
                "/api",
                "/API",
                "/%61pi",
                "//api",
                "/api/.",
                "/x/../api",
            ]),
        ),
        prop::sample::select(vec!["", "", "", "/v1", "/v2", "/V1", "/v%31", "/v3"]),
        prop::sample::select(vec![
            "", "", "", "", "", "", "/", "//", "/.", "?q=/a", "?a#b", "#b", "/?", ";x",
        ]),
        prop::option::weighted(0.4, (any::<Index>(), change)),
    )
        .prop_map(
            |(method, rule, fill, start, base, version, end, changed)| Call {
                method,
                rule,
                fill,
                start,
                base,
                version,
                end,
                changed,
            },
        )
}

fn service() -> impl Strategy<Value = Service> {
    let base = prop::sample::select(vec!["", "/api"]);
    (base, any::<bool>(), rules())
        .prop_map(|(base, versions, rules)| Service::of(base, versions, rules))
}

/// How often what was allowed was read, and served.
#[derive(Debug, Default)]
struct Count {
    asked: Cell<usize>,
    allowed: Cell<usize>,
    by_url: Cell<usize>,
    by_axum: Cell<usize>,
    by_reading: [Cell<usize>; READINGS.len()],
}

fn one_more(count: &Cell<usize>) {
    count.set(count.get() + 1);
}

#[test]
fn whatever_is_allowed_is_allowed_in_every_reading() {
    let calls = prop::collection::vec(call(), 1..=120);
    let count = Count::default();
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(400)
    };
    TestRunner::new(config)
        .run(&(service(), calls), |(service, calls)| {
            holds(&service, &calls, &count)
        })
        .unwrap_or_else(|error| panic!("{error}"));
    eprintln!("{count:?}");
    // Too few would say nothing.
    assert!(count.asked.get() >= 10_000, "{count:?}");
    assert!(count.by_url.get() >= 2_000, "{count:?}");
    assert!(count.by_axum.get() >= 1_000, "{count:?}");
    assert!(
        count
            .by_reading
            .iter()
            .all(|reading| reading.get() >= 1_000),
        "{count:?}"
    );
}

fn holds(service: &Service, calls: &[Call], count: &Count) -> Result<(), TestCaseError> {
    let verifier = service.verifier();
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    let mut router = service.router();
    let matchers = READINGS.map(|(_, read)| service.matcher(read));
    for (call, key) in calls
        .iter()
        .flat_map(|call| ["s", "t", "everything"].map(|key| (call, key)))
    {
        let (method, target) = (call.method(service), &*call.target(service));
        one_more(&count.asked);
        if !allows(&verifier, key, method, target) {
            continue;
        }
        one_more(&count.allowed);
        let path = RequestPath::of_target(target.as_bytes()).expect("it was allowed");
        let path = std::str::from_utf8(path.as_bytes()).expect("ASCII");
        let call = format!("{key}: {method} {target}");
        // Whoever cannot read a target refuses it.
        if let Ok(url) = Url::parse("https://h").expect("a URL").join(target) {
            one_more(&count.by_url);
            prop_assert_eq!(url.path(), path, "{}", call);
        }
        if let Ok(uri) = target.parse::<Uri>() {
            prop_assert_eq!(uri.path(), path, "{}", call);
            if let Some(rule) = served(&runtime, &mut router, method, &uri) {
                one_more(&count.by_axum);
                let rule = &service.rules[rule];
                prop_assert!(meets(key, rule), "{}: axum serves {:?}", call, rule);
            }
        }
        for ((name, read), (matcher, count)) in
            READINGS.iter().zip(matchers.iter().zip(&count.by_reading))
        {
            let read = read(path);
            let found = matcher.as_ref().and_then(|matcher| matcher.at(&read).ok());
            for rule in found
                .iter()
                .flat_map(|found| service.speaking(found.value, method))
            {
                one_more(count);
                prop_assert!(meets(key, rule), "{}, {}: {:?} serves it", call, name, rule);
            }
        }
    }
    Ok(())
}

/// Whether a key may make the calls of a rule.
fn meets(key: &str, rule: &RouteRule) -> bool {
    match rule.access {
        RouteAccess::Scope(scope) => key == "everything" || key == SCOPES[usize::from(scope)],
        RouteAccess::Closed(_) => false,
    }
}

fn allows(verifier: &Verifier, key: &str, method: &str, target: &str) -> bool {
    let credential = format!("Bearer {key}");
    let request = Request {
        headers: &[("authorization", credential.as_bytes())],
        method: method.as_bytes(),
        target: target.as_bytes(),
        context: Context::default(),
    };
    let now = Timestamp::from_millis(NOW).expect("after 1970");
    matches!(verifier.verify(&request, now), Decision::Allow(_))
}

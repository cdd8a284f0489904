//! Threat 40: keys made in every way there is, and presented wherever they do not belong, are afterwards in the one
//! answer that showed them, and nowhere else: not in the log, the database, its journal or free pages, the log of
//! revocations, a backup, the audit trail, the metrics or any other answer.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::misplaced;
use crate::output;
use crate::program::directory::Directory;
use crate::program::{Program, Signal};
use crate::world::World;

/// In a name, so that it is in the database, the audit trail and a backup: what a search that works has to find.
const CONTROL: &str = "positive-control-7Fq2pLx9";

/// Where an answer shows a key.
const KEYS: [&str; 5] = [
    "/key",
    "/token",
    "/data/key",
    "/data/api_key",
    "/data/credential",
];

/// A key that was shown, and by which answer.
struct Canary {
    way: &'static str,
    key: String,
    /// The answers that may show it, by their place in the list of all.
    shown_by: Vec<usize>,
}

/// A server, every answer it gave, and the keys that were in them.
struct House {
    world: World,
    answers: RefCell<Vec<(String, Vec<u8>)>>,
    canaries: RefCell<Vec<Canary>>,
}

impl House {
    fn ask(
        &self,
        credential: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> (u16, Value) {
        let authorization = format!("Bearer {credential}");
        self.ask_by(&authorization, method, path, headers, body)
    }

    /// The same with this `Authorization`.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "bodies are made for one request"
    )]
    fn ask_by(
        &self,
        authorization: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> (u16, Value) {
        // The server may close a connection whose request it refused unread; the next one is a new one.
        let ask = |_| {
            self.world
                .server
                .call_whole(authorization, method, path, headers, body.clone())
        };
        let answer = (0..3).find_map(ask);
        let (status, mut head, body) =
            answer.unwrap_or_else(|| panic!("{method} {path}: no answer"));
        let json = serde_json::from_slice(&body).unwrap_or_default();
        head.extend(body);
        self.answers
            .borrow_mut()
            .push((format!("{method} {path} {status}"), head));
        (status, json)
    }

    /// A request that makes or shows a key: the member that holds it, and the whole answer.
    #[track_caller]
    fn shows(
        &self,
        way: &'static str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> (String, Value) {
        self.shows_to(&self.world.operator, "POST", way, path, headers, body)
    }

    #[track_caller]
    fn shows_to(
        &self,
        credential: &str,
        method: &str,
        way: &'static str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> (String, Value) {
        let (status, answer) = self.ask(credential, method, path, headers, body);
        assert!((200..300).contains(&status), "{way}: {status} {answer}");
        let key = KEYS
            .iter()
            .find_map(|place| answer.pointer(place).and_then(Value::as_str))
            .unwrap_or_else(|| panic!("{way}: no key in {answer}"))
            .to_owned();
        let answers = self.answers.borrow().len() - 1;
        let mut canaries = self.canaries.borrow_mut();
        match canaries.iter_mut().find(|canary| canary.key == key) {
            Some(canary) => canary.shown_by.push(answers),
            None => canaries.push(Canary {
                way,
                key: key.clone(),
                shown_by: vec![answers],
            }),
        }
        (key, answer)
    }
}

/// What may come out of a secret on the way: it, it backwards, base64 of it at each of three offsets, its hexadecimal
/// digits; and the same of what it is base64 of.
fn forms(key: &str) -> Vec<Vec<u8>> {
    let mut plain = vec![key.as_bytes().to_vec()];
    plain.extend(STANDARD.decode(key));
    let mut forms = Vec::new();
    for bytes in plain {
        // Neither prefix nor hint: twenty bytes out of the middle, so that a part of it is found as well.
        let start = bytes.len() / 2 - 10;
        let middle = &bytes[start..start + 20];
        for offset in 0..3 {
            let encoded = STANDARD.encode([&b"xxx"[..offset], middle].concat());
            // Without the characters that what stands beside it has a part in.
            let inner = &encoded[(offset * 8).div_ceil(6)..(offset + 20) * 8 / 6];
            forms.push(inner.replace('+', "-").replace('/', "_").into_bytes());
            forms.push(inner.as_bytes().to_vec());
        }
        let mut hex = String::new();
        for byte in middle {
            let _ = write!(hex, "{byte:02x}");
        }
        forms.push(hex.to_uppercase().into_bytes());
        forms.push(hex.into_bytes());
        forms.push(middle.iter().rev().copied().collect());
        forms.push(middle.to_vec());
    }
    forms.sort();
    forms.dedup();
    forms
}

/// Many things to find in one pass.
#[derive(Default)]
struct Search(HashMap<[u8; 8], Vec<(usize, Vec<u8>)>>);

impl Search {
    fn add(&mut self, which: usize, form: Vec<u8>) {
        let start = *form.first_chunk().expect("long enough");
        self.0.entry(start).or_default().push((which, form));
    }

    /// Which of them are in `bytes`, and as what.
    fn found<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = (usize, &'a [u8])> {
        let windows = bytes.windows(8).enumerate();
        windows.flat_map(move |(at, window)| {
            let start: &[u8; 8] = window.first_chunk().expect("eight");
            let known = self.0.get(start).map_or(&[][..], Vec::as_slice);
            let known = known
                .iter()
                .filter(move |(_, form)| bytes[at..].starts_with(form));
            known.map(|(which, form)| (*which, &**form))
        })
    }
}

/// Every file below a directory.
fn files(place: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(place).expect("a directory");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

const SHOP: &str = "/v1/keyspaces/shop/accounts/7";
const MAIL: &str = "/v1/keyspaces/mail/accounts/7";
const POST: &str = "/v1/keyspaces/post/accounts/7";

/// A server with a keyspace whose keys are kept as digests, one whose keys are kept sealed, and two that speak a
/// dialect.
fn house(secrets: &Directory) -> House {
    let file = secrets.path().join("master.key");
    std::fs::write(&file, "5a".repeat(32)).expect("a file");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).expect("its mode");
    let settings = [
        ("KEYWARD_MASTER_KEY_FILE", file.to_str().expect("text")),
        ("KEYWARD_FLUSH_INTERVAL_SECONDS", "1"),
    ];
    let house = House {
        world: World::empty(&settings),
        answers: RefCell::default(),
        canaries: RefCell::default(),
    };
    let operator = house.world.operator.clone();
    for (keyspace, profile) in [
        ("shop", "keyward"),
        ("mail", "inboxfirst"),
        ("post", "emailit"),
    ] {
        for (path, body) in [
            (
                "/v1/keyspaces".to_owned(),
                json!({ "id": keyspace, "profile": profile }),
            ),
            (
                format!("/v1/keyspaces/{keyspace}/accounts"),
                json!({ "id": "7", "name": CONTROL }),
            ),
        ] {
            let (status, answer) = house.ask(&operator, "POST", &path, &[], Some(body));
            assert_eq!(status, 201, "{answer}");
        }
    }
    house
}

/// Makes and shows keys in every way.
fn make(house: &House) {
    let id = |answer: &Value| answer["record"]["id"].as_str().expect("an id").to_owned();
    let full = |name: &str| Some(json!({ "name": name, "level": "full" }));
    let once = [("idempotency-key", "8e03978e-40d5-43e8-bc93-6894a57f9324")];
    let keys = format!("{SHOP}/keys");
    let (_, made) = house.shows("create", &keys, &[], full(CONTROL));
    house.shows("create once", &keys, &once, full("once"));
    house.shows("create once, replayed", &keys, &once, full("once"));
    house.shows("rotate", &format!("{keys}/{}/rotate", id(&made)), &[], None);
    let grace = Some(json!({ "grace_seconds": 3600, "after_first_use": true }));
    house.shows(
        "rotate with grace",
        &format!("{keys}/{}/rotate", id(&made)),
        &[],
        grace,
    );
    let rotate = format!("{keys}/{}/rotate", id(&made));
    let twice = [("idempotency-key", "rotation")];
    house.shows("rotate once", &rotate, &twice, None);
    house.shows("rotate once, replayed", &rotate, &twice, None);

    let keys = format!("{MAIL}/keys");
    let body = json!({ "name": "sealed", "level": "organization_admin" });
    let (admin, made) = house.shows("create, recoverable", &keys, &[], Some(body));
    let place = format!("{keys}/{}", id(&made));
    house.shows("reveal", &format!("{place}/reveal"), &[], None);
    // Two whose records are soon on free pages.
    for (way, end) in [
        ("create, then removed", "DELETE"),
        ("create, then deactivated", "POST"),
    ] {
        let body = json!({ "name": way, "level": "organization_admin" });
        let (_, made) = house.shows(way, &keys, &[], Some(body));
        let path = format!(
            "{keys}/{}{}",
            id(&made),
            if end == "POST" { "/deactivate" } else { "" }
        );
        let (status, answer) = house.ask(&house.world.operator, end, &path, &[], None);
        assert!((200..300).contains(&status), "{answer}");
    }
    let basic = format!("Basic {admin}");
    let body = json!({ "api_key": { "name": "by dialect" } });
    dialect(
        house,
        "InboxFirst's dialect",
        "/ga/api/v2/api_keys",
        &basic,
        &body,
    );

    let (admin, _) = house.shows(
        "create for a dialect",
        &format!("{POST}/keys"),
        &[],
        full("first"),
    );
    house.shows_to(
        &admin,
        "POST",
        "Emailit's dialect",
        "/v2/api-keys",
        &[],
        Some(json!({ "name": "by dialect" })),
    );

    for path in ["/v1", "/v1/keyspaces/shop", SHOP] {
        let path = format!("{path}/operators");
        let body = json!({ "name": CONTROL, "rights": ["keys.read"] });
        let (_, made) = house.shows("operator", &path, &[], Some(body));
        let id = made["operator"]["id"].as_str().expect("an id");
        house.shows(
            "operator, rotated",
            &format!("{path}/{id}/rotate"),
            &[],
            None,
        );
    }
    house.shows(
        "portal link",
        &format!("{SHOP}/portal-links"),
        &[],
        Some(json!({})),
    );
    let rights = json!({ "rights": ["snapshot.read", "usage.write", "keys.verify"] });
    house.shows("edge token", "/v1/keyspaces/shop/tokens", &[], Some(rights));
}

/// One whose key is sent as Basic credentials.
fn dialect(house: &House, way: &'static str, path: &str, authorization: &str, body: &Value) {
    let url = format!("{}{path}", house.world.server.url);
    let request = ureq::post(url)
        .header("authorization", authorization)
        .header("content-type", "application/json");
    let mut answer = request
        .send(body.to_string())
        .unwrap_or_else(|error| panic!("{way}: {error}"));
    let answer = answer.body_mut().read_to_vec().expect("a body");
    let json: Value = serde_json::from_slice(&answer).expect("JSON");
    let key = KEYS.iter().find_map(|place| json.pointer(place)?.as_str());
    let key = key
        .unwrap_or_else(|| panic!("{way}: no key in {json}"))
        .to_owned();
    house.answers.borrow_mut().push((way.to_owned(), answer));
    let shown_by = vec![house.answers.borrow().len() - 1];
    house
        .canaries
        .borrow_mut()
        .push(Canary { way, key, shown_by });
}

/// Presents a key wherever it does not belong.
#[expect(clippy::too_many_lines, reason = "one place after the other")]
fn present(house: &House, key: &str) {
    let operator = &house.world.operator;
    let bearer = format!("Bearer {key}");
    for path in [
        "/v1/me",
        "/v2/api-keys/0",
        "/ga/api/v2/api_keys/0",
        "/metrics",
    ] {
        house.ask(key, "GET", path, &[], None);
    }
    for name in [
        "x-api-key",
        "cookie",
        "proxy-authorization",
        "idempotency-key",
        "if-match",
        "if-none-match",
        "x-request-id",
        "traceparent",
        "user-agent",
        "referer",
        "origin",
        "accept",
        "content-type",
        "x-forwarded-for",
        "forwarded",
        "range",
    ] {
        for value in [key, &bearer] {
            house.ask(
                operator,
                "GET",
                &format!("{SHOP}/keys/key_000000000"),
                &[(name, value)],
                None,
            );
            house.ask(
                operator,
                "POST",
                &format!("{SHOP}/keys/key_000000000/rotate"),
                &[(name, value)],
                None,
            );
        }
    }
    let encoded = key
        .replace('=', "%3D")
        .replace('+', "%2B")
        .replace('/', "%2F");
    for path in [
        format!("/{encoded}"),
        format!("/v1/{encoded}"),
        format!("/v1/keyspaces/{encoded}"),
        format!("/v1/keyspaces/shop/accounts/{encoded}"),
        format!("/v1/keyspaces/{encoded}/accounts/7/keys"),
        format!("{SHOP}/keys/{encoded}"),
        format!("{SHOP}/keys/{encoded}/rotate"),
        format!("{SHOP}/operators/{encoded}"),
        format!("/v1/keyspaces/shop/tokens/{encoded}"),
        format!("/v1/keyspaces/shop/snapshot/{encoded}"),
        format!("/v1/operators/{encoded}"),
        format!("/v1/me?key={encoded}"),
        format!("/v1/me?{encoded}"),
        format!("{SHOP}/keys?access_token={encoded}"),
        format!("{SHOP}/keys?name={encoded}"),
        format!("{SHOP}/keys?name_contains={encoded}"),
        format!("{SHOP}/keys?level={encoded}"),
        format!("{SHOP}/keys?subject={encoded}"),
        format!("{SHOP}/keys?cursor={encoded}"),
        format!("{SHOP}/keys?limit={encoded}"),
        format!("{SHOP}/keys?created_after={encoded}"),
        format!("/v1/keyspaces/shop/keys?account={encoded}"),
        format!("/v1/keyspaces/shop/audit?target={encoded}"),
        format!("/v1/keyspaces/shop/audit?actor={encoded}"),
        format!("/v1/keyspaces/shop/usage?key={encoded}"),
        format!("/v2/api-keys/{encoded}"),
        format!("/ga/api/v2/api_keys/{encoded}"),
    ] {
        for method in ["GET", "POST", "DELETE"] {
            house.ask(operator, method, &path, &[], None);
        }
    }
    let keys = format!("{SHOP}/keys");
    let operators = format!("{SHOP}/operators");
    for (path, body) in [
        (&*keys, json!({ "name": "x", "level": key })),
        (&keys, json!({ "name": "x", "level": "full", "key": key })),
        (&keys, json!({ "name": "x", "level": "full", key: 1 })),
        (
            &keys,
            json!({ "name": "x", "level": "full", "expires_at": key }),
        ),
        (
            &keys,
            json!({ "name": "x", "level": "full", "constraints": { key: [key] } }),
        ),
        (&keys, json!({ "name": "x", "level": "full", "rate": key })),
        (&keys, json!({ "name": [key], "level": "full" })),
        (&keys, json!(key)),
        (&operators, json!({ "name": "x", "rights": [key] })),
        (
            &operators,
            json!({ "name": "x", "rights": ["keys.read"], "levels": [key] }),
        ),
        ("/v1/keyspaces", json!({ "id": key, "profile": "keyward" })),
        ("/v1/keyspaces", json!({ "id": "x", "profile": key })),
        ("/v1/keyspaces", json!({ "id": "x", "profile_toml": key })),
        ("/v1/keyspaces/shop/verify", json!({ "key": key })),
        (
            "/v1/keyspaces/mail/verify",
            json!({ "key": key, "method": "GET", "path": "/" }),
        ),
        (
            "/v1/keyspaces/shop/verify",
            json!({ "key": "x", "path": format!("/{key}"), "method": key, "scope": key }),
        ),
        (
            "/v1/keyspaces/shop/verify",
            json!({ "key": "x", "client_address": key, "context": { key: key } }),
        ),
        (
            "/v1/keyspaces/shop/explain",
            json!({ "key": key, "method": "GET", "path": "/" }),
        ),
        (
            "/v1/keyspaces/post/explain",
            json!({ "key": key, "method": "GET", "path": format!("/{key}") }),
        ),
        (
            "/v1/keyspaces/shop/usage",
            json!({ "batch": key, "keys": [{ "id": key, "count": 1, "last_used_at": "2026-11-21T20:14:00Z" }] }),
        ),
    ] {
        house.ask(operator, "POST", path, &[], Some(body));
    }
}

/// Puts a key into every place that the document has, and into every member of the dialects.
fn misplace(house: &House, document: &Value, key: &str, callers: &[(&str, &str)]) {
    let operator = format!("Bearer {}", house.world.operator);
    for request in misplaced::requests(document, key) {
        let headers: Vec<_> = request
            .headers
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        house.ask_by(
            &operator,
            &request.method,
            &request.path,
            &headers,
            request.body,
        );
    }
    let encoded = misplaced::encoded(key);
    for (keys, authorization) in callers {
        for query in [
            "name",
            "name_contains",
            "page",
            "per_page",
            "page_token",
            "limit",
            &encoded,
        ] {
            let path = format!("{keys}?{query}={encoded}");
            house.ask_by(authorization, "GET", &path, &[], None);
        }
        house.ask_by(
            authorization,
            "GET",
            &format!("{keys}/{encoded}"),
            &[],
            None,
        );
        for member in [
            "name",
            "scope",
            "role",
            "active",
            "sending_domain_id",
            "id",
            "api_key",
            key,
        ] {
            for value in [json!(key), json!([key]), json!({ key: key })] {
                let mut members = serde_json::Map::from_iter([("name".to_owned(), json!("x"))]);
                members.insert(member.to_owned(), value);
                for body in [json!(members), json!({ "api_key": members })] {
                    house.ask_by(authorization, "POST", keys, &[], Some(body.clone()));
                    let one = format!("{keys}/0");
                    house.ask_by(authorization, "POST", &one, &[], Some(body.clone()));
                    house.ask_by(authorization, "PUT", &one, &[], Some(body));
                }
            }
        }
    }
}

/// Adds what every file holds.
fn read(place: &Directory, when: &str, sinks: &mut Vec<(String, Vec<u8>)>) {
    for file in files(place.path()) {
        let name = file.strip_prefix(place.path()).expect("below").display();
        sinks.push((
            format!("{name}, {when}"),
            std::fs::read(&file).unwrap_or_default(),
        ));
    }
}

#[expect(clippy::too_many_lines, reason = "one way after the other")]
#[test]
fn a_key_is_in_the_answer_that_shows_it_and_nowhere_else() {
    let secrets = Directory::new();
    let mut house = house(&secrets);
    let first = Canary {
        way: "the first operator",
        key: house.world.operator.clone(),
        shown_by: Vec::new(),
    };
    house.canaries.borrow_mut().push(first);
    make(&house);
    let keys: Vec<_> = house
        .canaries
        .borrow()
        .iter()
        .map(|canary| canary.key.clone())
        .collect();
    assert!(keys.len() >= 19, "{} keys", keys.len());
    for key in &keys {
        present(&house, key);
    }
    let operator = house.world.operator.clone();
    let (_, document) = house.ask(&operator, "GET", "/openapi.json", &[], None);
    let of = |way: &str| {
        let canaries = house.canaries.borrow();
        let canary = canaries.iter().find(|canary| canary.way == way);
        canary.unwrap_or_else(|| panic!("no {way}")).key.clone()
    };
    let callers = [
        (
            "/v2/api-keys",
            format!("Bearer {}", of("create for a dialect")),
        ),
        (
            "/ga/api/v2/api_keys",
            format!("Basic {}", of("create, recoverable")),
        ),
    ];
    let callers = callers.each_ref().map(|(path, by)| (*path, &**by));
    // One of each form.
    for way in [
        "create once",
        "create, recoverable",
        "operator",
        "edge token",
    ] {
        misplace(&house, &document, &of(way), &callers);
    }
    house.ask(&operator, "POST", "/v1/maintain", &[], None);
    for path in [
        "/metrics",
        "/v1/audit?limit=1000",
        "/v1/keyspaces/shop/audit",
        "/v1/keyspaces/mail/audit",
        "/v1/keyspaces/post/audit",
        "/v1/keyspaces/shop/keys",
        "/v1/keyspaces/mail/keys",
        "/v1/keyspaces/post/keys",
        "/v1/keyspaces/shop/tokens",
        "/v1/keyspaces/shop/head",
        "/v1/keyspaces/shop/snapshot/0",
        "/v1/keyspaces/mail/snapshot/0",
        "/v1/operators",
        "/openapi.json",
        "/readyz",
    ] {
        house.ask(&operator, "GET", path, &[], None);
    }
    let data = house.world.place.path().join("data");
    let backup = house.world.place.path().join("backup.db");
    let made = output(&[
        "backup",
        "--data",
        data.to_str().expect("text"),
        "--to",
        backup.to_str().expect("text"),
    ]);
    assert!(made.status.success(), "{}", crate::text(&made.stderr));

    let mut sinks = vec![(
        "what backup says".to_owned(),
        [made.stdout, made.stderr].concat(),
    )];
    read(&house.world.place, "while it runs", &mut sinks);
    house.world.server.signal(Signal::KILL);
    house.world.server.child.wait().expect("it ends");
    read(&house.world.place, "after it was killed", &mut sinks);
    // Another one takes over what is in the journal, and leaves none when it ends.
    let log = house.world.place.path().join("log");
    let settings = [("KEYWARD_MASTER_KEY_FILE", secrets.path().join("master.key"))];
    let settings = settings
        .each_ref()
        .map(|(name, path)| (*name, path.to_str().expect("text")));
    house.world.server = Program::serve_with(&data, &log, &settings);
    house.world.server.signal(Signal::TERM);
    house.world.server.child.wait().expect("it ends");
    read(&house.world.place, "after the next one ended", &mut sinks);
    for name in [
        "data/keyward.db",
        "data/keyward.db-wal",
        "data/revocations.log",
        "backup.db",
        "log",
    ] {
        assert!(
            sinks
                .iter()
                .any(|(sink, bytes)| sink.starts_with(&format!("{name},")) && !bytes.is_empty()),
            "no {name}"
        );
    }
    let canaries = house.canaries.borrow();
    let mut search = Search::default();
    search.add(usize::MAX, CONTROL.as_bytes().to_vec());
    for (which, canary) in canaries.iter().enumerate() {
        for form in forms(&canary.key) {
            search.add(which, form);
        }
    }
    let (mut found, mut controls) = (BTreeSet::new(), BTreeSet::new());
    for (name, bytes) in &sinks {
        for (which, form) in search.found(bytes) {
            match canaries.get(which) {
                Some(canary) => drop(found.insert(format!(
                    "{} is in {name} as {}",
                    canary.way,
                    crate::text(form)
                ))),
                None => drop(controls.insert(&**name)),
            }
        }
    }
    let answers = house.answers.borrow();
    for (place, (name, body)) in answers.iter().enumerate() {
        for (which, _) in search.found(body) {
            match canaries.get(which) {
                Some(canary) if canary.shown_by.contains(&place) => {}
                Some(canary) => drop(found.insert(format!(
                    "{} is in the answer to {name}: {}",
                    canary.way,
                    crate::text(body)
                ))),
                None => drop(controls.insert("an answer")),
            }
        }
    }
    let bytes = sinks.iter().map(|(_, bytes)| bytes.len()).sum::<usize>();
    println!(
        "{} keys, {} answers, {} files, {bytes} bytes",
        canaries.len(),
        answers.len(),
        sinks.len()
    );
    let first = found
        .iter()
        .take(20)
        .cloned()
        .collect::<Vec<_>>()
        .join("\n");
    assert!(found.is_empty(), "{} leaks:\n{first}", found.len());
    for place in [
        "data/keyward.db-wal, while it runs",
        "data/keyward.db, after the next one ended",
        "backup.db, while it runs",
        "an answer",
    ] {
        assert!(
            controls.contains(place),
            "a name is not found in {place}: {controls:?}"
        );
    }
}

//! Holds that the generated vectors and the seeds of the fuzz targets are what this source makes of the profile and of
//! the other vectors. `KEYWARD_BLESS=1 cargo test --test vectors` writes them anew.
#![cfg(not(target_family = "wasm"))]

mod forge;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keyward::access::{Constraint, RouteAccess, ScopeSet};
use keyward::env::Entropy;
use keyward::profile::Profile;
use keyward::snapshot::SigningKey;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use forge::{EPOCH, ERA, Issued, KEYSPACE, LIMIT_INDEX, LIMITS, NOW, SCHEMES, STRANGER};

/// Two more sections of a shard.
const OWNERS: usize = 5;
const ACCOUNTS: usize = 6;

#[test]
fn generated_files_are_up_to_date() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![("tests/vectors/snapshot-files.json".to_owned(), snapshots())];
    files.extend(profiles());
    files.push((
        "tests/vectors/profile-info.json".to_owned(),
        profile_infos(),
    ));
    files.extend(seeds());
    for (name, content) in files {
        let path = root.join(&name);
        if std::env::var_os("KEYWARD_BLESS").is_some() {
            fs::create_dir_all(path.parent().expect("below the root")).expect("a directory");
            fs::write(&path, content).expect("a file");
        } else if fs::read(&path).unwrap_or_default() != content {
            panic!("{name} is stale: run KEYWARD_BLESS=1 cargo test --test vectors");
        }
    }
}

fn preset() -> Profile {
    Profile::preset("esputnik").expect("a preset")
}

/// Decides by everything that there is to decide by.
fn mailroom() -> Profile {
    Profile::from_toml(include_str!("vectors/mailroom.toml")).expect("a good profile")
}

/// Has keys of any shape.
fn imported() -> Profile {
    Profile::from_toml(include_str!("vectors/imported.toml")).expect("a good profile")
}

/// Has keys that name their account.
fn accounts() -> Profile {
    Profile::from_toml(include_str!("vectors/accounts.toml")).expect("a good profile")
}

/// The presets and the vectors' own profiles, compiled.
fn profiles() -> Vec<(String, Vec<u8>)> {
    Profile::PRESETS
        .iter()
        .map(|name| Profile::preset(name).expect("a preset"))
        .chain([mailroom(), imported(), accounts()])
        .map(|profile| {
            let text = STANDARD.encode(profile.compile()) + "\n";
            let name = format!("tests/vectors/{}.profile", profile.id());
            (name, text.into_bytes())
        })
        .collect()
}

/// What the core reads in each compiled profile, as the npm package's `profileInfo` has to read it.
fn profile_infos() -> Vec<u8> {
    let presets = Profile::PRESETS
        .iter()
        .map(|name| Profile::preset(name).expect("a preset"));
    let infos: BTreeMap<_, _> = presets
        .chain([mailroom(), imported(), accounts()])
        .map(|profile| (profile.id().to_owned(), profile_info(&profile)))
        .collect();
    let mut text = serde_json::to_vec_pretty(&infos).expect("JSON");
    text.push(b'\n');
    text
}

fn profile_info(profile: &Profile) -> Value {
    let scope = |scope: u16| &*profile.scopes()[usize::from(scope)].id;
    let scopes = |set: ScopeSet| set.iter().map(scope).collect::<Vec<_>>();
    let levels = profile.levels().iter().map(|level| {
        let rate = level.rate.map(|rate| json!({ "limit": rate.limit(), "window": rate.window_seconds() }));
        said(json!({
            "id": level.id, "title": level.title, "help": level.help, "everything": level.everything,
            "scopes": scopes(level.scopes), "rate": rate,
        }))
    });
    let routes = profile.routes().rules().iter().map(|rule| {
        let (needed, closed) = match &rule.access {
            RouteAccess::Scope(needed) => (Some(scope(*needed)), None),
            RouteAccess::Closed(note) => (None, Some(note)),
        };
        said(json!({
            "method": rule.method, "pattern": rule.pattern, "scope": needed, "closed": closed,
            "cost": rule.cost, "requireFresh": rule.require_fresh,
        }))
    });
    let constraints = profile.dimensions().iter().map(|dimension| {
        let carriers = dimension.levels.iter();
        let carriers = carriers.map(|&level| &profile.levels()[usize::from(level)].id);
        said(json!({
            "name": dimension.name, "title": dimension.title, "help": dimension.help,
            "kind": dimension.kind.as_str(), "levels": carriers.collect::<Vec<_>>(),
            "appliesTo": dimension.applies_to.map(scopes), "maxValues": dimension.max_values,
            "values": dimension.values,
        }))
    });
    let fields = profile.fields().iter().map(|field| {
        json!({
            "name": field.name, "label": field.label, "help": field.help, "required": field.required,
            "maxLength": field.max_length, "kind": field.kind.as_str(),
        })
    });
    let lifecycle = profile.lifecycle();
    let transports = profile.transports().iter().map(ToString::to_string);
    let vocabulary: BTreeMap<_, _> = profile.vocabulary().iter().cloned().collect();
    said(json!({
        "id": profile.id(), "title": profile.title(), "description": profile.description(),
        "keyFormat": profile.key_format().as_str(), "prefix": profile.key_format().prefix(),
        "transports": transports.collect::<Vec<_>>(),
        "headers": profile.credential_headers().collect::<Vec<_>>(),
        "basePath": profile.base_path(), "versionSegment": profile.has_version_segment(),
        "scopes": profile.scopes().iter().map(|scope| json!({ "id": scope.id, "title": scope.title })).collect::<Vec<_>>(),
        "levels": levels.collect::<Vec<_>>(), "routes": routes.collect::<Vec<_>>(),
        "constraints": constraints.collect::<Vec<_>>(), "fields": fields.collect::<Vec<_>>(),
        "vocabulary": vocabulary,
        "lifecycle": said(json!({
            "idleDisableDays": lifecycle.idle_disable_days, "expiresInDays": lifecycle.expires_in_days,
            "reversible": lifecycle.reversible, "recoverable": lifecycle.recoverable,
        })),
    }))
}

/// Without the members that say nothing.
fn said(mut object: Value) -> Value {
    if let Value::Object(members) = &mut object {
        members.retain(|_, member| !member.is_null());
    }
    object
}

/// Chance that repeats itself.
struct Repeated<'a>(&'a str, Cell<u8>);

impl Entropy for Repeated<'_> {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let block =
                Sha256::digest([self.0.as_bytes(), &[self.1.replace(self.1.get() + 1)]].concat());
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
    }
}

fn key(profile: &Profile, name: &str) -> String {
    let chance = Repeated(name, Cell::new(0));
    let key = profile
        .key_format()
        .generate(None, &chance)
        .expect("needs no account");
    key.expose().to_owned()
}

/// The files that `snapshots.json` speaks of: a snapshot, others like it, and what can be wrong with them.
fn snapshots() -> Vec<u8> {
    let mut keys = BTreeMap::new();
    for name in ["full", "events", "both", "ending", "revoked", "nobody"] {
        keys.insert(name, key(&preset(), name));
    }
    for name in LIMITED_KEYS {
        keys.insert(name, key(&mailroom(), name));
    }
    let mut files = whole(&keys);
    files.extend(limited(&keys));
    let files: BTreeMap<&str, String> = files
        .iter()
        .map(|(name, file)| (*name, STANDARD.encode(file)))
        .collect();
    let public = |seed| SigningKey::from_seed(seed).public().to_string();
    let document = json!({
        "public_keys": { "root": forge::root().public().to_string(), "stranger": public(&STRANGER) },
        "peppers": { "old": forge::secret("old"), "new": forge::secret("new") },
        "keys": keys,
        "files": files,
    });
    let mut text = serde_json::to_vec_pretty(&document).expect("plain JSON");
    text.push(b'\n');
    text
}

/// Snapshots of the profile `esputnik`.
fn whole(keys: &BTreeMap<&str, String>) -> BTreeMap<&'static str, Vec<u8>> {
    let issued = |id, name: &str, level, account| Issued {
        id,
        key: &keys[name],
        level,
        account,
        ..Issued::default()
    };
    let live = [
        issued(1, "full", "full", "acme"),
        Issued {
            subject: Some("app-1"),
            meta: Some(r#"{"plan":"pro"}"#),
            ..issued(2, "events", "events", "acme")
        },
        Issued {
            subject: Some("app-2"),
            ..issued(3, "both", "events_and_contacts", "umbrella")
        },
        Issued {
            expires_at: Some(NOW + 3_600_000),
            ..issued(4, "ending", "events", "acme")
        },
    ];
    let before = [
        issued(1, "full", "full", "acme"),
        issued(2, "revoked", "full", "acme"),
    ];
    let shard = forge::shard(ERA, EPOCH, preset(), &live);
    let mut files = heads(&shard);
    files.extend(states(&shard, &before));
    files.extend([
        ("shard, one byte short", shard[..shard.len() - 1].to_vec()),
        ("shard, one byte more", [&shard[..], &[0]].concat()),
        ("shard, empty", Vec::new()),
        ("shard", shard),
    ]);
    files
}

/// Keys of the profile `mailroom`.
const LIMITED_KEYS: [&str; 5] = [
    "sender",
    "sender before rotation",
    "sender of two domains",
    "reader in a network",
    "administrator",
];

/// Snapshots of the profile `mailroom`, under two peppers: what their keys are limited to, and what can be wrong with
/// it.
fn limited(keys: &BTreeMap<&str, String>) -> BTreeMap<&'static str, Vec<u8>> {
    let only = |values: &[i64]| Constraint::only(values.iter().copied()).expect("values");
    let texts = |values: &[&'static str]| Constraint::only(values.iter().copied()).expect("values");
    let sending = [("channel", texts(&["sms", "email"]))];
    let domains = [
        ("domain", only(&[42, -7])),
        ("channel", Constraint::All),
        ("tenant", texts(&["blue"])),
    ];
    let network = [("ip", texts(&["2001:db8::/32", "192.0.2.0/24"]))];
    let issued = |id, name: &str, pepper, level| Issued {
        id,
        key: &keys[name],
        pepper: Some(pepper),
        level,
        account: "acme",
        ..Issued::default()
    };
    let live = [
        Issued {
            constraints: &sending,
            ..issued(1, "sender", "new", "sender")
        },
        Issued {
            constraints: &sending,
            expires_at: Some(NOW + 60_000),
            ..issued(1, "sender before rotation", "old", "sender")
        },
        Issued {
            constraints: &domains,
            rate: Some((5, 3_600)),
            ..issued(2, "sender of two domains", "old", "sender")
        },
        Issued {
            constraints: &network,
            subject: Some("office"),
            ..issued(3, "reader in a network", "new", "reader")
        },
        issued(4, "administrator", "new", "admin"),
    ];
    let shard = forge::shard(ERA, EPOCH, mailroom(), &live);
    let head = |shard: &[u8]| forge::head(KEYSPACE, ERA, EPOCH, shard);
    let sections = forge::sections(&shard);
    let with = |section: usize, change: &dyn Fn(&mut [u8])| {
        let mut file = shard.clone();
        change(&mut file[sections[section].clone()]);
        file
    };
    let unknown = with(SCHEMES, &|schemes| schemes[2..6].copy_from_slice(b"HMAC"));
    let crowded = with(SCHEMES, &|schemes| schemes[0] = 3);
    let lost = with(LIMIT_INDEX, &|index| {
        for place in index.chunks_exact_mut(4) {
            place.copy_from_slice(&u32::MAX.to_le_bytes());
        }
    });
    // The last byte of the limits is that of a network.
    let damaged = with(LIMITS, &|limits| {
        if let Some(byte) = limits.last_mut() {
            *byte = 1;
        }
    });
    [
        ("limited head", head(&shard)),
        ("limited head of an unknown scheme", head(&unknown)),
        ("limited head of three schemes", head(&crowded)),
        ("limited head whose limits are not there", head(&lost)),
        ("limited head whose limits are damaged", head(&damaged)),
        ("limited shard of an unknown scheme", unknown),
        ("limited shard of three schemes", crowded),
        ("limited shard whose limits are not there", lost),
        ("limited shard whose limits are damaged", damaged),
        ("limited shard", shard),
    ]
    .into()
}

/// A head for the shard, and heads that are not quite one.
fn heads(shard: &[u8]) -> BTreeMap<&'static str, Vec<u8>> {
    let head = forge::head(KEYSPACE, ERA, EPOCH, shard);
    let (root, online) = (forge::root(), forge::online());
    let stranger = SigningKey::from_seed(&STRANGER);
    let statement = forge::statement(KEYSPACE, ERA, EPOCH, shard);
    let keyring = |keyspace, era, root| forge::keyring(keyspace, era).sign(root);
    let (signed_keyring, signed_statement) = forge::payloads(&head);
    let changed = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut file = head.clone();
        change(&mut file);
        file
    };
    [
        ("head", head.clone()),
        (
            "head, signed by hand",
            forge::sign_raw(signed_keyring, signed_statement),
        ),
        (
            "head of another keyspace",
            forge::head("news", ERA, EPOCH, shard),
        ),
        (
            "head of an epoch that its shard is not of",
            forge::head(KEYSPACE, ERA, EPOCH + 1, shard),
        ),
        (
            "head under a stranger's root",
            statement.sign(&online, &keyring(KEYSPACE, ERA, &stranger)),
        ),
        (
            "head by a key that is not in its keyring",
            statement.sign(&stranger, &keyring(KEYSPACE, ERA, &root)),
        ),
        (
            "head with the keyring of another keyspace",
            statement.sign(&online, &keyring("news", ERA, &root)),
        ),
        (
            "head with the keyring of the era before",
            statement.sign(&online, &keyring(KEYSPACE, ERA - 1, &root)),
        ),
        (
            "head, unsigned",
            changed(&|file| {
                file[20..84].fill(0);
                file[92..156].fill(0);
            }),
        ),
        (
            "head, statement unsigned",
            changed(&|file| file[92..156].fill(0)),
        ),
        (
            "head, signatures exchanged",
            changed(&|file| file[12..156].rotate_left(72)),
        ),
        ("head, one byte short", head[..head.len() - 1].to_vec()),
        ("head, one byte more", [&head[..], &[0]].concat()),
        ("head, of version 2", changed(&|file| file[7] = 2)),
        ("head, empty", Vec::new()),
    ]
    .into()
}

/// Earlier states of the keyspace, and damaged ones, each under a head that names it.
fn states(shard: &[u8], before: &[Issued<'_>]) -> BTreeMap<&'static str, Vec<u8>> {
    let earlier = forge::shard(ERA, EPOCH - 1, preset(), before);
    let restored = forge::shard(ERA - 1, EPOCH + 2, preset(), before);
    let lost = lost_owners(shard);
    let countless = countless_accounts(shard);
    let head = |shard: &[u8]| forge::head(KEYSPACE, ERA, EPOCH, shard);
    [
        (
            "head of the epoch before",
            forge::head(KEYSPACE, ERA, EPOCH - 1, &earlier),
        ),
        (
            "head of the era before",
            forge::head(KEYSPACE, ERA - 1, EPOCH + 2, &restored),
        ),
        (
            "head whose shard has owners that are not there",
            head(&lost),
        ),
        (
            "head whose shard counts too many accounts",
            head(&countless),
        ),
        ("shard of the epoch before", earlier),
        ("shard of the era before", restored),
        ("shard that has owners that are not there", lost),
        ("shard that counts too many accounts", countless),
    ]
    .into()
}

/// The shard with owners whose place in the accounts is beyond 32 bits.
fn lost_owners(shard: &[u8]) -> Vec<u8> {
    let owners = &forge::sections(shard)[OWNERS];
    let mut lost = shard.to_vec();
    for owner in lost[owners.clone()].chunks_exact_mut(4) {
        owner.copy_from_slice(&0x4000_0000u32.to_le_bytes());
    }
    lost
}

/// The shard with as many accounts as 32 bits can count, by its own word.
fn countless_accounts(shard: &[u8]) -> Vec<u8> {
    let accounts = &forge::sections(shard)[ACCOUNTS];
    let mut countless = shard.to_vec();
    countless[accounts.start..accounts.start + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    countless
}

/// A profile and a shard small enough to be mutated through and through.
const SMALL_PROFILE: &str = r#"
schema_version = 1
id = "small"
title = "s"
key = { prefix = "es" }
request = { transports = ["basic_password", "header(k)"], realm = "", base_path = "/a", version_segment = true }
scopes = [{ id = "r", title = "r" }, { id = "w", title = "w" }]
levels = [
    { id = "some", title = "s", scopes = ["r"], rate = { limit = 9, window = 60 } },
    { id = "all", title = "a", everything = true },
]
routes = [
    { scope = "r", calls = ["GET /x/{id}", "GET /x/y"] },
    { scope = "w", calls = ["* /x/{id}/**"], require_fresh = true, cost = 2 },
    { closed = "no", calls = ["* /z"] },
]
constraints = [
    { name = "t", title = "t", kind = "text", applies_to = ["r"] },
    { name = "n", title = "n", kind = "integer" },
    { name = "ip", title = "i", kind = "network" },
]
"#;

/// A key without limits, and one that is limited and known under a pepper.
fn small_shard(first: &str, second: &str) -> Vec<u8> {
    let only = |value: &'static str| Constraint::only([value]).expect("a value");
    let limits = [
        ("t", only("x")),
        ("n", Constraint::only([7]).expect("a value")),
        ("ip", only("10.0.0.0/8")),
    ];
    let issued = Issued {
        id: 1,
        key: first,
        level: "some",
        account: "acme",
        expires_at: Some(NOW + 1),
        subject: Some("s"),
        meta: Some("{}"),
        ..Issued::default()
    };
    let limited = Issued {
        id: 2,
        key: second,
        pepper: Some("new"),
        constraints: &limits,
        rate: Some((5, 1)),
        ..issued
    };
    let small = Profile::from_toml(SMALL_PROFILE).expect("a good profile");
    forge::shard(ERA, EPOCH, small, &[issued, limited])
}

/// A few inputs for each fuzz target; the fuzzer finds the rest.
fn seeds() -> Vec<(String, Vec<u8>)> {
    let targets = [
        ("constraint", constraint_seeds()),
        ("header", header_seeds()),
        ("key", key_seeds()),
        ("path", path_seeds()),
        ("profile", profile_seeds()),
        ("snapshot", snapshot_seeds()),
    ];
    let mut seeds = Vec::new();
    for (target, inputs) in targets {
        for (number, input) in inputs.into_iter().enumerate() {
            seeds.push((format!("fuzz/seeds/{target}/{number:02}"), input));
        }
    }
    seeds
}

/// The small shard's limits as they are, and lists as bytes.
fn constraint_seeds() -> Vec<Vec<u8>> {
    let keys = valid_keys("valid");
    let shard = small_shard(&keys[0], &keys[1]);
    let limits = &shard[forge::sections(&shard)[LIMITS].clone()];
    let lists: &[u8] = b"\x01\x02\x01x\x02yz\x01\x07\0\0\0\0\0\0\0\x01\x04\x08\x0a\0\0\0\x03t\x01xn\x07\0\0\0\0\0\0\0";
    vec![part(0, limits), lists.to_vec(), part(2, b"2001:db8::/32")]
}

/// The transports as bits, and a header a line.
fn header_seeds() -> Vec<Vec<u8>> {
    let cases = few("cases", include_str!("vectors/credentials.json"), 7);
    let seed = |case: Value| {
        let names = [
            "bearer",
            "basic_password",
            "basic_whole",
            "header(x-api-key)",
        ];
        let transports = list(&case, "transports");
        let bits = names.iter().enumerate().map(|(bit, name)| {
            u8::from(transports.iter().any(|transport| transport == name)) << bit
        });
        let authorization = case["authorization"].as_array();
        let authorization = authorization.into_iter().flatten();
        let mut lines: Vec<_> = authorization
            .map(|value| part(b'a', &latin1(value)))
            .collect();
        for header in case["headers"].as_array().into_iter().flatten() {
            let name = if header[0] == "x-api-key" { b'k' } else { b'm' };
            lines.push(part(name, &latin1(&header[1])));
        }
        part(bits.sum(), &lines.join(&b'\n'))
    };
    cases.map(seed).collect()
}

fn key_seeds() -> Vec<Vec<u8>> {
    let keys = vector(include_str!("vectors/keys.json"));
    let digest = list(&keys, "hmac")[0]["digest"].clone();
    let texts = valid_keys("valid")
        .into_iter()
        .step_by(5)
        .chain(valid_keys("account_hex").into_iter().take(2))
        .chain(valid_keys("opaque").into_iter().take(2))
        .chain([digest.as_str().expect("a text").to_owned()]);
    texts.map(String::into_bytes).collect()
}

fn path_seeds() -> Vec<Vec<u8>> {
    few("cases", include_str!("vectors/paths.json"), 9)
        .map(|case| latin1(&case["target"]))
        .collect()
}

/// 0 and TOML, or 1 and a compiled profile.
fn profile_seeds() -> Vec<Vec<u8>> {
    let small = Profile::from_toml(SMALL_PROFILE).expect("a good profile");
    vec![
        part(0, SMALL_PROFILE.as_bytes()),
        part(0, include_bytes!("vectors/imported.toml")),
        part(1, &small.compile()),
        part(1, &mailroom().compile()),
    ]
}

fn snapshot_seeds() -> Vec<Vec<u8>> {
    let keys = valid_keys("valid");
    let shard = small_shard(&keys[0], &keys[1]);
    let head = forge::head(KEYSPACE, ERA, EPOCH, &shard);
    let (keyring, statement) = forge::payloads(&head);
    vec![
        part(0, &head),
        part(1, keyring),
        part(2, statement),
        part(3, &shard),
    ]
}

/// A byte that chooses, and what it chooses for.
fn part(selector: u8, bytes: &[u8]) -> Vec<u8> {
    [&[selector], bytes].concat()
}

fn vector(text: &str) -> Value {
    serde_json::from_str(text).expect("a vector file")
}

fn list(file: &Value, name: &str) -> Vec<Value> {
    file[name].as_array().expect(name).clone()
}

/// Some of the cases, none of them long.
fn few(name: &str, text: &str, every: usize) -> impl Iterator<Item = Value> {
    list(&vector(text), name)
        .into_iter()
        .step_by(every)
        .filter(|case| case.get("fill").is_none())
}

/// The keys of a format.
fn valid_keys(format: &str) -> Vec<String> {
    let file = vector(include_str!("vectors/keys.json"));
    let cases = match &file[format] {
        Value::Array(cases) => cases.clone(),
        format => list(format, "valid"),
    };
    cases
        .iter()
        .map(|case| case["key"].as_str().expect("a text").to_owned())
        .collect()
}

fn latin1(value: &Value) -> Vec<u8> {
    let text = value.as_str().expect("text").chars();
    text.map(|character| u8::try_from(character).expect("a byte string"))
        .collect()
}

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
use keyward::env::Entropy;
use keyward::profile::Profile;
use keyward::snapshot::SigningKey;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use forge::{EPOCH, ERA, Issued, KEYSPACE, NOW, STRANGER};

#[test]
fn generated_files_are_up_to_date() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![
        ("tests/vectors/esputnik.profile".to_owned(), compiled()),
        ("tests/vectors/snapshot-files.json".to_owned(), snapshots()),
    ];
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

fn compiled() -> Vec<u8> {
    let mut text = STANDARD.encode(preset().compile());
    text.push('\n');
    text.into_bytes()
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

fn key(name: &str) -> String {
    let chance = Repeated(name, Cell::new(0));
    let key = preset().key_format().generate(&chance);
    key.expose().to_owned()
}

/// The files that `snapshots.json` speaks of: a snapshot, others like it, and what can be wrong with them.
fn snapshots() -> Vec<u8> {
    let names = ["full", "events", "both", "ending", "revoked", "nobody"];
    let keys: BTreeMap<&str, String> = names.map(|name| (name, key(name))).into();
    let issued = |name: &'static str, level, account| Issued {
        key: &keys[name],
        level,
        account,
        expires_at: None,
        subject: None,
        meta: None,
    };
    let live = [
        issued("full", "full", "acme"),
        Issued {
            subject: Some("app-1"),
            meta: Some(r#"{"plan":"pro"}"#),
            ..issued("events", "events", "acme")
        },
        Issued {
            subject: Some("app-2"),
            ..issued("both", "events_and_contacts", "umbrella")
        },
        Issued {
            expires_at: Some(NOW + 3_600_000),
            ..issued("ending", "events", "acme")
        },
    ];
    let before = [
        issued("full", "full", "acme"),
        issued("revoked", "full", "acme"),
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
    let files: BTreeMap<&str, String> = files
        .iter()
        .map(|(name, file)| (*name, STANDARD.encode(file)))
        .collect();
    let public = |seed| SigningKey::from_seed(seed).public().to_string();
    let document = json!({
        "public_keys": { "root": forge::root().public().to_string(), "stranger": public(&STRANGER) },
        "keys": keys,
        "files": files,
    });
    let mut text = serde_json::to_vec_pretty(&document).expect("plain JSON");
    text.push(b'\n');
    text
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
    let [.., owners, _, _, _] = forge::sections(shard);
    let mut lost = shard.to_vec();
    for owner in lost[owners].chunks_exact_mut(4) {
        owner.copy_from_slice(&0x4000_0000u32.to_le_bytes());
    }
    lost
}

/// The shard with as many accounts as 32 bits can count, by its own word.
fn countless_accounts(shard: &[u8]) -> Vec<u8> {
    let [.., accounts, _, _] = forge::sections(shard);
    let mut countless = shard.to_vec();
    countless[accounts.start..accounts.start + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    countless
}

/// A profile and a shard small enough to be mutated through and through.
const SMALL_PROFILE: &str = r#"
    schema_version = 1
    id = "small"
    title = ""
    key = { prefix = "es" }
    request = { transports = ["basic_password", "bearer"], realm = "", base_path = "/a", version_segment = true }
    scopes = [{ id = "r", title = "" }, { id = "w", title = "" }]
    levels = [{ id = "some", title = "", scopes = ["r"] }, { id = "all", title = "", everything = true }]
    routes = [{ scope = "r", calls = ["GET /x/{id}", "GET /x/y"] }, { scope = "w", calls = ["PUT /x/{id}/z"] }]
"#;

/// A few inputs for each fuzz target; the fuzzer finds the rest.
fn seeds() -> Vec<(String, Vec<u8>)> {
    let read = |text: &str| serde_json::from_str::<Value>(text).expect("a vector file");
    let list = |file: &Value, name: &str| file[name].as_array().expect(name).clone();
    let text = |case: &Value, name: &str| case[name].as_str().expect(name).as_bytes().to_vec();
    let keys = read(include_str!("vectors/keys.json"));
    let headers = read(include_str!("vectors/credentials.json"));
    let paths = read(include_str!("vectors/paths.json"));

    let small = Profile::from_toml(SMALL_PROFILE).expect("a good profile");
    let first = text(&list(&keys, "valid")[0], "key");
    let issued = Issued {
        key: std::str::from_utf8(&first).expect("ASCII"),
        level: "some",
        account: "acme",
        expires_at: Some(NOW + 1),
        subject: Some("s"),
        meta: Some("{}"),
    };
    let shard = forge::shard(ERA, EPOCH, small.clone(), &[issued]);
    let head = forge::head(KEYSPACE, ERA, EPOCH, &shard);
    let (keyring, statement) = forge::payloads(&head);
    let part = |selector: u8, file: &[u8]| [&[selector], file].concat();

    let mut seeds = Vec::new();
    let mut add = |target: &str, inputs: Vec<Vec<u8>>| {
        for (number, input) in inputs.into_iter().enumerate() {
            seeds.push((format!("fuzz/seeds/{target}/{number:02}"), input));
        }
    };
    let few = |cases: Vec<Value>, every: usize| {
        cases
            .into_iter()
            .step_by(every)
            .filter(|case| case.get("fill").is_none())
    };
    add(
        "key",
        few(list(&keys, "valid"), 5)
            .map(|case| text(&case, "key"))
            .collect(),
    );
    let latin1 = |value: &Value| {
        let text = value.as_str().expect("text");
        text.chars()
            .map(|character| u8::try_from(character).expect("a byte string"))
            .collect::<Vec<_>>()
    };
    let values = |case: Value| {
        let values = case["authorization"]
            .as_array()
            .expect("a list")
            .iter()
            .map(latin1);
        values.collect::<Vec<_>>().join(&b'\n')
    };
    add(
        "header",
        few(list(&headers, "cases"), 7).map(values).collect(),
    );
    add(
        "path",
        few(list(&paths, "cases"), 9)
            .map(|case| latin1(&case["target"]))
            .collect(),
    );
    add(
        "snapshot",
        vec![
            part(0, &head),
            part(1, keyring),
            part(2, statement),
            part(3, &shard),
        ],
    );
    add("profile", vec![small.compile(), preset().compile()]);
    seeds
}

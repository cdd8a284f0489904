//! Signed snapshots, and what is nearly one (tests/vectors/snapshots.json and snapshot-files.json).

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keyward::error::Error;
use keyward::key::Pepper;
use keyward::snapshot::{Head, PublicKey, Snapshot};
use keyward::verify::{Ask, Request};
use serde::Deserialize;
use serde_json::Value as Json;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::expectation::Expectation;
use crate::given;
use crate::vector::{self, Number};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Published {
    public_keys: BTreeMap<String, String>,
    peppers: BTreeMap<String, String>,
    keys: BTreeMap<String, String>,
    files: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vectors {
    opened: Vec<Case>,
    decisions: Vec<Decided>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    head: String,
    shard: String,
    trust: Trust,
    expect: Opened,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Trust {
    public_keys: Vec<String>,
    keyspace: Option<String>,
    #[serde(default)]
    min_era: u32,
    #[serde(default)]
    min_epoch: u64,
    /// The names of those that the reader has.
    #[serde(default)]
    peppers: Vec<String>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(untagged)]
enum Opened {
    Refused(Refused),
    Head(Stated),
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Refused {
    code: String,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Stated {
    keyspace: String,
    era: u32,
    epoch: u64,
    issued_at: i64,
    fresh_for_seconds: u32,
    valid_until: i64,
    size: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Decided {
    name: String,
    #[serde(default)]
    head: Option<String>,
    #[serde(default)]
    shard: Option<String>,
    /// How the key comes; Basic where nothing else is said.
    scheme: Option<String>,
    key: String,
    method: String,
    url: String,
    #[serde(default)]
    context: BTreeMap<String, Json>,
    client_address: Option<String>,
    now: Number,
    expect: Expectation,
}

impl Published {
    fn read() -> Self {
        vector::read(include_str!("../vectors/snapshot-files.json"))
    }

    fn file(&self, name: &str) -> Vec<u8> {
        vector::base64(self.files.get(name).expect(name))
    }

    fn roots(&self, names: &[String]) -> Vec<PublicKey> {
        let root = |name: &String| self.public_keys[name].parse().expect(name);
        names.iter().map(root).collect()
    }

    fn open(&self, head: &str, shard: &str, trust: &Trust) -> Result<Snapshot, Error> {
        Snapshot::open(
            &self.file(head),
            self.file(shard),
            &self.roots(&trust.public_keys),
            trust.keyspace.as_deref(),
            (trust.min_era, trust.min_epoch),
            self.peppers(&trust.peppers),
        )
    }

    fn peppers(&self, names: &[String]) -> Vec<Pepper> {
        let secret = |name: &String| (name.clone(), self.peppers[name].clone());
        given::peppers(&names.iter().map(secret).collect())
    }
}

fn vectors() -> Vectors {
    vector::read(include_str!("../vectors/snapshots.json"))
}

#[test]
fn a_snapshot_opens_as_it_was_signed_or_not_at_all() {
    let published = Published::read();
    let cases = vectors().opened;
    assert!(cases.len() >= 50, "{}", cases.len());
    for case in cases {
        let opened = match published.open(&case.head, &case.shard, &case.trust) {
            Ok(Snapshot { head, verifier }) => Opened::Head(Stated {
                issued_at: head.issued_at.as_millis(),
                fresh_for_seconds: head.fresh_for_seconds,
                valid_until: head.valid_until.as_millis(),
                size: verifier.table().len(),
                keyspace: head.keyspace,
                era: head.era,
                epoch: head.epoch,
            }),
            Err(error) => Opened::Refused(Refused {
                code: error.code().as_str().to_owned(),
            }),
        };
        assert_eq!(opened, case.expect, "{}", case.name);
    }
}

#[test]
fn a_snapshot_decides() {
    let published = Published::read();
    let trust = Trust {
        public_keys: vec!["root".into()],
        keyspace: Some("mail".into()),
        min_era: 0,
        min_epoch: 0,
        peppers: published.peppers.keys().cloned().collect(),
    };
    let cases = vectors().decisions;
    assert!(cases.len() >= 60, "{}", cases.len());
    for case in cases {
        let head = case.head.as_deref().unwrap_or("head");
        let shard = case.shard.as_deref().unwrap_or("shard");
        let verifier = published
            .open(head, shard, &trust)
            .expect(&case.name)
            .verifier;
        let key = published.keys.get(&case.key).expect(&case.key);
        let credential = match &case.scheme {
            None => format!("Basic {}", STANDARD.encode(format!("anyone:{key}"))),
            Some(scheme) => format!("{scheme} {key}"),
        };
        let now = case.now.instant();
        given::context(&case.context, case.client_address.as_deref(), |context| {
            let request = Request {
                headers: &[("authorization", credential.as_bytes())],
                method: case.method.as_bytes(),
                target: case.url.as_bytes(),
                context,
            };
            let decision = now.map(|now| verifier.verify(&request, now));
            let explanation = verifier.explain(&request, now);
            case.expect
                .check(&case.name, &verifier, decision, &explanation);
            if let Some(now) = now {
                let call = Ask::Call {
                    method: case.method.as_bytes(),
                    path: case.url.as_bytes(),
                };
                let bare = verifier.verify_key(key.as_bytes(), call, context, now);
                let whole = verifier.verify(&request, now);
                assert_eq!(bare.reason(), whole.reason(), "{}", case.name);
            }
        });
    }
}

#[test]
fn a_head_alone_is_read_only_under_its_root() {
    let published = Published::read();
    let head = published.file("head");
    let roots = published.roots(&["stranger".into(), "root".into()]);
    let opened = Head::open(&head, &roots, None).expect("the second root fits");
    assert_eq!((opened.era, opened.epoch), (3, 7));
    assert!(Head::open(&head, &roots[..1], None).is_err());
    assert!(Head::open(&head, &[], None).is_err());
}

#[test]
fn public_keys_have_one_spelling() {
    let text = &Published::read().public_keys["root"];
    assert_eq!(text.parse::<PublicKey>().expect(text).to_string(), *text);
    let standard = text.replace('_', "/").replace('-', "+");
    for other in [
        String::new(),
        text.replace("ed25519:", ""),
        text.replace("ed25519", "Ed25519"),
        format!("{text}="),
        format!("{text}A"),
        format!(" {text}"),
        text[..text.len() - 1].to_owned(),
        // 32 bytes leave two bits of the last character unused.
        format!("{}{}", &text[..text.len() - 1], "B"),
        format!("{standard}+"),
    ] {
        assert!(other.parse::<PublicKey>().is_err(), "{other:?}");
    }
}

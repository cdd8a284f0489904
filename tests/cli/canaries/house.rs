//! The server that is asked, with every answer that it gave and the keys that were in them.

use std::cell::RefCell;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use crate::program::directory::Directory;
use crate::world::World;

/// In a name, so that it is in the database, the audit trail and a backup: what a search that works has to find.
pub(super) const CONTROL: &str = "positive-control-7Fq2pLx9";

/// Where an answer shows a key.
pub(super) const KEYS: [&str; 5] = [
    "/key",
    "/token",
    "/data/key",
    "/data/api_key",
    "/data/credential",
];

pub(super) const SHOP: &str = "/v1/keyspaces/shop/accounts/7";
pub(super) const MAIL: &str = "/v1/keyspaces/mail/accounts/7";
pub(super) const POST: &str = "/v1/keyspaces/post/accounts/7";

/// A key that was shown, and by which answer.
pub(super) struct Canary {
    pub(super) way: &'static str,
    pub(super) key: String,
    /// The answers that may show it, by their place in the list of all.
    pub(super) shown_by: Vec<usize>,
}

/// A server, every answer it gave, and the keys that were in them.
pub(super) struct House {
    pub(super) world: World,
    pub(super) answers: RefCell<Vec<(String, Vec<u8>)>>,
    pub(super) canaries: RefCell<Vec<Canary>>,
}

impl House {
    pub(super) fn ask(
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
    pub(super) fn ask_by(
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
    pub(super) fn shows(
        &self,
        way: &'static str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> (String, Value) {
        self.shows_to(&self.world.operator, "POST", way, path, headers, body)
    }

    #[track_caller]
    pub(super) fn shows_to(
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

/// A server with a keyspace whose keys are kept as digests, one whose keys are kept sealed, and two that speak a
/// dialect.
pub(super) fn house(secrets: &Directory) -> House {
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

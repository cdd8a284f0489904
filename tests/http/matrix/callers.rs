//! Who asks: every kind of credential, with what it reaches and may do.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::operations::Operation;
use super::tenants::{Tenant, World};
use crate::rights::{ALL, OF_ACCOUNTS};
use crate::server::{Answer, Server, text};

/// What a caller's rights are over.
pub(super) enum Reach {
    Server,
    Keyspace(String),
    Account(String, String),
}

/// Over what an operation asks its right.
pub(super) enum Place {
    Server,
    Keyspace(String),
    Account(String, String),
    /// Wherever the caller has it.
    Any,
}

/// How a place lies to a caller's reach.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Distance {
    Within,
    Wider,
    OtherKeyspace,
    OtherAccount,
}

pub(super) struct Caller {
    pub(super) name: &'static str,
    pub(super) credential: Option<String>,
    /// Whether the server knows the credential.
    pub(super) is_known: bool,
    pub(super) reach: Reach,
    rights: BTreeSet<&'static str>,
}

impl Caller {
    pub(super) fn distance(&self, place: &Place) -> Distance {
        let (keyspace, account) = match &self.reach {
            Reach::Server => return Distance::Within,
            Reach::Keyspace(keyspace) => (keyspace, None),
            Reach::Account(keyspace, account) => (keyspace, Some(account)),
        };
        let (other, other_account) = match place {
            Place::Any => return Distance::Within,
            Place::Server => return Distance::Wider,
            Place::Keyspace(keyspace) => (keyspace, None),
            Place::Account(keyspace, account) => (keyspace, Some(account)),
        };
        match (account, other_account) {
            _ if keyspace != other => Distance::OtherKeyspace,
            (Some(_), None) => Distance::Wider,
            (Some(account), Some(other)) if account != other => Distance::OtherAccount,
            _ => Distance::Within,
        }
    }

    /// Whether it has what the operation takes, at this distance.
    pub(super) fn may(&self, operation: &Operation, distance: Distance) -> bool {
        let Some(right) = operation.right else {
            return self.is_known;
        };
        let sees = right != "keys.write" || self.rights.contains("keys.read");
        self.is_known && distance == Distance::Within && self.rights.contains(right) && sees
    }

    pub(super) fn ask(
        &self,
        server: &Server,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        server.call_as(self.credential.as_deref(), method, path, body)
    }
}

const LINK: [&str; 7] = [
    "accounts.read",
    "keys.read",
    "keys.write",
    "keys.reveal",
    "operators.read",
    "usage.read",
    "audit.read",
];

/// What an operator over a keyspace can have.
fn of_keyspaces() -> Vec<&'static str> {
    let beyond = ["server.maintain", "keyspaces.write"];
    ALL.iter()
        .copied()
        .filter(|right| !beyond.contains(right))
        .collect()
}

fn reading(rights: &[&'static str]) -> Vec<&'static str> {
    let reads = rights
        .iter()
        .filter(|right| right.split('.').nth(1) == Some("read"));
    reads.copied().collect()
}

/// What a credential is made by, as the first operator.
struct Maker<'a> {
    server: &'a Server,
    callers: Vec<Caller>,
}

impl Maker<'_> {
    fn add(
        &mut self,
        name: &'static str,
        credential: String,
        reach: Reach,
        rights: &[&'static str],
    ) {
        self.callers.push(Caller {
            name,
            credential: Some(credential),
            is_known: true,
            reach,
            rights: rights.iter().copied().collect(),
        });
    }

    /// One whom the server does not know, or no longer.
    fn add_unknown(&mut self, name: &'static str, credential: Option<String>) {
        self.callers.push(Caller {
            name,
            credential,
            is_known: false,
            reach: Reach::Server,
            rights: BTreeSet::new(),
        });
    }

    /// A credential, and where it can be removed.
    fn make(&self, path: &str, body: &Value) -> (String, String) {
        let made = self
            .server
            .call("POST", path, Some(body.clone()))
            .expect(201)
            .json();
        let credential = ["key", "token"]
            .iter()
            .find_map(|name| made[*name].as_str());
        let id = ["operator", "record"]
            .iter()
            .find_map(|name| made[*name]["id"].as_str());
        (
            credential.expect("a credential").to_owned(),
            format!("{path}/{}", id.expect("an id")),
        )
    }

    fn operator(&self, reach: &Reach, rights: &[&str]) -> String {
        self.make(
            &path(reach, "operators"),
            &json!({ "name": "a caller", "rights": rights }),
        )
        .0
    }
}

fn path(reach: &Reach, rest: &str) -> String {
    match reach {
        Reach::Server => format!("/v1/{rest}"),
        Reach::Keyspace(keyspace) => format!("/v1/keyspaces/{keyspace}/{rest}"),
        Reach::Account(keyspace, account) => {
            format!("/v1/keyspaces/{keyspace}/accounts/{account}/{rest}")
        }
    }
}

fn keyspace_of(tenant: &Tenant) -> Reach {
    Reach::Keyspace(tenant.keyspace.clone())
}

fn account_of(tenant: &Tenant) -> Reach {
    Reach::Account(tenant.keyspace.clone(), tenant.account.clone())
}

/// Every kind of caller, in each place.
#[expect(clippy::too_many_lines, reason = "one caller after the other")]
pub(super) fn all(world: &World) -> Vec<Caller> {
    let World {
        server,
        own,
        sibling,
        foreign,
        ..
    } = world;
    let mut maker = Maker {
        server,
        callers: Vec::new(),
    };
    let keyspace = of_keyspaces();
    maker.add(
        "the first operator",
        server.operator.clone(),
        Reach::Server,
        &ALL,
    );
    for (name, reach, rights) in [
        (
            "an operator over the server who only reads",
            Reach::Server,
            reading(&ALL),
        ),
        (
            "the keyspace's operator",
            keyspace_of(own),
            keyspace.clone(),
        ),
        (
            "the keyspace's operator who only reads",
            keyspace_of(own),
            reading(&keyspace),
        ),
        (
            "the keyspace's operator who writes keys unseen",
            keyspace_of(own),
            vec!["keys.write"],
        ),
        (
            "another keyspace's operator",
            keyspace_of(foreign),
            keyspace.clone(),
        ),
        (
            "the account's operator",
            account_of(own),
            OF_ACCOUNTS.to_vec(),
        ),
        (
            "the account's operator who only reads",
            account_of(own),
            reading(&OF_ACCOUNTS),
        ),
        (
            "a foreign account's operator",
            account_of(sibling),
            OF_ACCOUNTS.to_vec(),
        ),
        (
            "an account's operator of another keyspace",
            account_of(foreign),
            OF_ACCOUNTS.to_vec(),
        ),
    ] {
        let credential = maker.operator(&reach, &rights);
        maker.add(name, credential, reach, &rights);
    }
    for (name, tenant) in [
        ("a portal link", own),
        ("a foreign account's portal link", sibling),
        ("a portal link of another keyspace", foreign),
    ] {
        let reach = account_of(tenant);
        let body = json!({ "rights": LINK, "expires_in_seconds": 86_400 });
        let (credential, _) = maker.make(&path(&reach, "portal-links"), &body);
        maker.add(name, credential, reach, &LINK);
    }
    for (name, tenant, right) in [
        ("an edge that reads", own, "snapshot.read"),
        ("an edge that reports", own, "usage.write"),
        ("an edge that verifies", own, "keys.verify"),
        (
            "another keyspace's edge that reads",
            foreign,
            "snapshot.read",
        ),
        (
            "another keyspace's edge that reports",
            foreign,
            "usage.write",
        ),
        (
            "another keyspace's edge that verifies",
            foreign,
            "keys.verify",
        ),
    ] {
        let credential = server.token(&tenant.keyspace, &[right]);
        maker.add(name, credential, keyspace_of(tenant), &[right]);
    }
    maker.add_unknown("nobody", None);
    maker.add_unknown("a customer's key", Some(own.key.clone()));
    maker.add_unknown("a foreign customer's key", Some(foreign.key.clone()));
    maker.add_unknown(
        "a key that never was",
        Some("kw_op_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17".to_owned()),
    );
    unknown(&mut maker, own);
    // What was read and reported is told of tokens; from here on it stays the same.
    for caller in &maker.callers {
        for path in ["head", "usage"] {
            let path = format!("/v1/keyspaces/{}/{path}", foreign.keyspace);
            caller.ask(server, "GET", &path, None);
        }
    }
    server.call("POST", "/v1/maintain", None).expect(200);
    maker.callers
}

/// Those that worked once: removed, replaced, over.
fn unknown(maker: &mut Maker<'_>, own: &Tenant) {
    let operator = json!({ "name": "removed", "rights": ALL });
    let account = account_of(own);
    for (name, path, body) in [
        (
            "a removed operator",
            "/v1/operators".to_owned(),
            operator.clone(),
        ),
        (
            "a removed edge",
            path(&keyspace_of(own), "tokens"),
            json!({ "rights": ["snapshot.read"] }),
        ),
        (
            "a removed portal link",
            path(&account, "portal-links"),
            json!({ "rights": LINK }),
        ),
    ] {
        let (credential, place) = maker.make(&path, &body);
        maker.server.call("DELETE", &place, None).expect(204);
        maker.add_unknown(name, Some(credential));
    }
    let (credential, place) = maker.make("/v1/operators", &operator);
    let rotated = maker
        .server
        .call("POST", &format!("{place}/rotate"), None)
        .expect(200)
        .json();
    assert_ne!(text(&rotated["key"]), credential);
    maker.add_unknown("an operator by the key before", Some(credential));

    let soon = json!({ "name": "over", "rights": ALL, "expires_at": "2026-11-21T20:15:00Z" });
    let (operator, _) = maker.make("/v1/operators", &soon);
    let soon = json!({ "rights": LINK, "expires_in_seconds": 60 });
    let (link, _) = maker.make(&path(&account, "portal-links"), &soon);
    maker.server.clock.advance(60_000);
    maker.add_unknown("an expired operator", Some(operator));
    maker.add_unknown("an expired portal link", Some(link));
}

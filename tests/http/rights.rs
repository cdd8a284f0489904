//! Every operation of keyspaces, accounts, operators, portal links, tokens and audit: which right it takes, over what,
//! and that what lies beyond a caller's reach answers as what does not exist.

use serde_json::{Value, json};

use crate::server::{Answer, Server, text};

/// Every right of the server.
pub(crate) const ALL: [&str; 18] = [
    "keyspaces.read",
    "keyspaces.write",
    "accounts.read",
    "accounts.write",
    "keys.read",
    "keys.write",
    "keys.reveal",
    "keys.verify",
    "operators.read",
    "operators.write",
    "tokens.read",
    "tokens.write",
    "portal_links.write",
    "snapshot.read",
    "usage.read",
    "usage.write",
    "audit.read",
    "server.maintain",
];

/// Those that an account's operator can have.
pub(crate) const OF_ACCOUNTS: [&str; 8] = [
    "accounts.read",
    "keys.read",
    "keys.write",
    "keys.reveal",
    "operators.read",
    "operators.write",
    "usage.read",
    "audit.read",
];

/// What an operation is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Over {
    Server,
    Keyspace,
    Account,
}

/// An operation, and what becomes of it.
struct Case {
    method: &'static str,
    /// Below `/v1`, with `{k}` and `{a}` for keyspace and account.
    path: &'static str,
    body: Option<Value>,
    over: Over,
    right: &'static str,
    /// The status for whoever has this right and no other.
    alone: u16,
}

fn case(
    method: &'static str,
    path: &'static str,
    right: &'static str,
    body: Option<Value>,
    alone: u16,
) -> Case {
    let over = if path.contains("{a}") {
        Over::Account
    } else if path.contains("{k}") {
        Over::Keyspace
    } else {
        Over::Server
    };
    Case {
        method,
        path,
        body,
        over,
        right,
        alone,
    }
}

/// Of what does not exist, so that nothing is lost: who gets as far as 404 was let through.
#[expect(clippy::too_many_lines, reason = "one operation after the other")]
fn cases() -> Vec<Case> {
    let operator = || Some(json!({ "name": "x", "rights": ["operators.write"] }));
    let link = || Some(json!({ "rights": ["keys.read"] }));
    let token = || Some(json!({ "rights": ["snapshot.read"] }));
    let keyspace = || Some(json!({ "id": "other", "profile": "nobody" }));
    let account = || Some(json!({ "id": "not an id" }));
    let name = || Some(json!({ "name": "Acme Ltd" }));
    let (read, write) = ("operators.read", "operators.write");
    vec![
        case("GET", "/keyspaces", "keyspaces.read", None, 200),
        case("POST", "/keyspaces", "keyspaces.write", keyspace(), 400),
        case("GET", "/keyspaces/{k}", "keyspaces.read", None, 200),
        case("GET", "/keyspaces/{k}/accounts", "accounts.read", None, 200),
        case(
            "POST",
            "/keyspaces/{k}/accounts",
            "accounts.write",
            account(),
            400,
        ),
        case(
            "GET",
            "/keyspaces/{k}/accounts/{a}",
            "accounts.read",
            None,
            200,
        ),
        case(
            "PATCH",
            "/keyspaces/{k}/accounts/{a}",
            "accounts.write",
            name(),
            200,
        ),
        case("GET", "/operators", read, None, 200),
        case("POST", "/operators", write, operator(), 201),
        case("GET", "/operators/op_0", read, None, 404),
        case("POST", "/operators/op_0/rotate", write, None, 404),
        case("DELETE", "/operators/op_0", write, None, 404),
        case("GET", "/keyspaces/{k}/operators", read, None, 200),
        case("POST", "/keyspaces/{k}/operators", write, operator(), 201),
        case("GET", "/keyspaces/{k}/operators/op_0", read, None, 404),
        case(
            "POST",
            "/keyspaces/{k}/operators/op_0/rotate",
            write,
            None,
            404,
        ),
        case("DELETE", "/keyspaces/{k}/operators/op_0", write, None, 404),
        case(
            "GET",
            "/keyspaces/{k}/accounts/{a}/operators",
            read,
            None,
            200,
        ),
        case(
            "POST",
            "/keyspaces/{k}/accounts/{a}/operators",
            write,
            operator(),
            201,
        ),
        case(
            "GET",
            "/keyspaces/{k}/accounts/{a}/operators/op_0",
            read,
            None,
            404,
        ),
        case(
            "POST",
            "/keyspaces/{k}/accounts/{a}/operators/op_0/rotate",
            write,
            None,
            404,
        ),
        case(
            "DELETE",
            "/keyspaces/{k}/accounts/{a}/operators/op_0",
            write,
            None,
            404,
        ),
        case(
            "POST",
            "/keyspaces/{k}/accounts/{a}/portal-links",
            "portal_links.write",
            link(),
            403,
        ),
        case(
            "DELETE",
            "/keyspaces/{k}/accounts/{a}/portal-links/prt_0",
            "portal_links.write",
            None,
            404,
        ),
        case("GET", "/keyspaces/{k}/tokens", "tokens.read", None, 200),
        case(
            "POST",
            "/keyspaces/{k}/tokens",
            "tokens.write",
            token(),
            403,
        ),
        case(
            "DELETE",
            "/keyspaces/{k}/tokens/tok_0",
            "tokens.write",
            None,
            404,
        ),
        case("GET", "/keyspaces/{k}/head", "snapshot.read", None, 200),
        case(
            "GET",
            "/keyspaces/{k}/snapshot/0",
            "snapshot.read",
            None,
            200,
        ),
        case("GET", "/keyspaces/{k}/audit", "audit.read", None, 200),
        case(
            "GET",
            "/keyspaces/{k}/accounts/{a}/audit",
            "audit.read",
            None,
            200,
        ),
        case("GET", "/audit", "audit.read", None, 200),
        case("GET", "/audit/check", "server.maintain", None, 200),
    ]
}

impl Case {
    fn run(&self, server: &Server, credential: &str, keyspace: &str, account: &str) -> Answer {
        let path = self.path.replace("{k}", keyspace).replace("{a}", account);
        server.call_as(
            Some(credential),
            self.method,
            &format!("/v1{path}"),
            self.body.clone(),
        )
    }

    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// What of an answer a caller can tell apart.
fn shape(answer: &Answer) -> (u16, String) {
    (
        answer.status,
        String::from_utf8_lossy(&answer.body).into_owned(),
    )
}

/// Two keyspaces with the same accounts.
fn world() -> Server {
    let server = Server::start();
    for keyspace in ["shop", "club"] {
        server.keyspace(keyspace, "acme");
        server.account(keyspace, "rival");
    }
    server
}

fn server_operator(server: &Server, rights: &[&str]) -> String {
    let body = json!({ "name": "somebody", "rights": rights });
    text(
        &server
            .call("POST", "/v1/operators", Some(body))
            .expect(201)
            .json()["key"],
    )
}

#[test]
fn each_operation_takes_its_right_and_no_other() {
    let server = world();
    for right in ALL {
        let others = ALL
            .iter()
            .copied()
            .filter(|other| *other != right)
            .collect::<Vec<_>>();
        let without = server_operator(&server, &others);
        let alone = server_operator(&server, &[right]);
        for case in cases() {
            let (with_others, with_it) = (
                case.run(&server, &without, "shop", "acme"),
                case.run(&server, &alone, "shop", "acme"),
            );
            if case.right == right {
                let detail = with_others.problem(403, "missing_right")["detail"].clone();
                assert!(text(&detail).contains(right), "{}: {detail}", case.name());
                assert_eq!(
                    with_it.status,
                    case.alone,
                    "{}: {}",
                    case.name(),
                    shape(&with_it).1
                );
                if case.alone == 403 {
                    with_it.problem(403, "stronger_than_maker");
                }
            } else {
                // What is made needs its own rights too, which is another refusal.
                let told = shape(&with_others).1;
                assert!(
                    !told.contains("missing_right"),
                    "{} without {right}: {told}",
                    case.name()
                );
                with_it.problem(403, "missing_right");
            }
        }
    }
}

#[test]
fn a_right_over_a_keyspace_ends_at_the_keyspace() {
    let server = world();
    let rights = ALL
        .iter()
        .copied()
        .filter(|right| *right != "server.maintain")
        .collect::<Vec<_>>();
    let operator = server.operator("shop", None, &rights);
    for case in cases() {
        let own = case.run(&server, &operator, "shop", "acme");
        if case.path == "/keyspaces" && case.method == "GET" {
            let list = own.expect(200).json();
            assert_eq!(list["data"].as_array().map(Vec::len), Some(1), "{list}");
            assert_eq!(list["data"][0]["id"], "shop");
            continue;
        }
        if case.over == Over::Server {
            own.problem(403, "missing_right");
            continue;
        }
        assert_ne!(own.status, 403, "{}", case.name());
        let foreign = case.run(&server, &operator, "club", "acme");
        let absent = case.run(&server, &operator, "none", "acme");
        assert_eq!(shape(&foreign), shape(&absent), "{}", case.name());
        foreign.problem(404, "not_found");
    }
}

/// Threats 32 and 52.
#[test]
fn a_customers_administrator_stays_in_the_account() {
    let server = world();
    let operator = server.operator("shop", Some("acme"), &OF_ACCOUNTS);
    let link = json!({ "rights": ["accounts.read", "keys.read", "keys.write", "keys.reveal", "operators.read", "usage.read", "audit.read"] });
    let link = server.call(
        "POST",
        "/v1/keyspaces/shop/accounts/acme/portal-links",
        Some(link),
    );
    let link = text(&link.expect(201).json()["token"]);
    for credential in [&operator, &link] {
        for case in cases() {
            if case.over != Over::Account {
                case.run(&server, credential, "shop", "acme")
                    .problem(403, "missing_right");
                if case.over == Over::Keyspace {
                    let foreign = case.run(&server, credential, "club", "acme");
                    let absent = case.run(&server, credential, "none", "acme");
                    assert_eq!(shape(&foreign), shape(&absent), "{}", case.name());
                    foreign.problem(404, "not_found");
                }
                continue;
            }
            let own = case.run(&server, credential, "shop", "acme");
            let may = OF_ACCOUNTS.contains(&case.right)
                && (credential == &operator || case.right != "operators.write");
            assert_eq!(
                own.status == 403,
                !may,
                "{}: {}",
                case.name(),
                shape(&own).1
            );
            for (foreign, absent) in [
                (("shop", "rival"), ("shop", "none")),
                (("club", "acme"), ("none", "acme")),
                (("club", "rival"), ("club", "none")),
            ] {
                let foreign = case.run(&server, credential, foreign.0, foreign.1);
                let absent = case.run(&server, credential, absent.0, absent.1);
                assert_eq!(shape(&foreign), shape(&absent), "{}", case.name());
                foreign.problem(404, "not_found");
            }
        }
    }
}

#[test]
fn an_edge_token_manages_nothing() {
    let server = world();
    let token = server.token("shop", &["snapshot.read", "usage.write", "keys.verify"]);
    for case in cases() {
        let own = case.run(&server, &token, "shop", "acme");
        if case.right == "snapshot.read" {
            own.expect(200);
        } else {
            own.problem(403, "missing_right");
        }
        if case.over != Over::Server {
            let foreign = case.run(&server, &token, "club", "acme");
            let absent = case.run(&server, &token, "none", "acme");
            assert_eq!(shape(&foreign), shape(&absent), "{}", case.name());
            foreign.problem(404, "not_found");
        }
    }
}

/// Threat 33: scopes with the names of management rights are scopes and nothing else.
#[test]
fn a_customers_key_is_no_credential_here_whatever_its_scopes_are_called() {
    let server = Server::start();
    let toml = keyward::profile::Profile::preset_toml("keyward").expect("a preset");
    let toml = toml.replace("\"write\"", "\"operators.write\"");
    let body = json!({ "id": "shop", "profile_toml": toml });
    server.call("POST", "/v1/keyspaces", Some(body)).expect(201);
    server.account("shop", "acme");
    let keys = "/v1/keyspaces/shop/accounts/acme/keys";
    let body = json!({ "name": "a test", "level": "full" });
    let key = text(&server.call("POST", keys, Some(body)).expect(201).json()["key"]);
    for case in cases() {
        case.run(&server, &key, "shop", "acme")
            .problem(401, "invalid_credential");
    }
}

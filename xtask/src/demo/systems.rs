//! The five systems as keyspaces of one server, and what each does by its own rules and in its own dialect.

use crate::demo::api::Api;
use crate::demo::stage::text;
use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use std::process::Command;

/// A system, its account here, the word for it, and what its keys are made of.
struct System {
    profile: &'static str,
    account: &'static str,
    name: &'static str,
    keys: fn() -> Vec<Value>,
}

const SYSTEMS: [System; 5] = [
    System {
        profile: "esputnik",
        account: "acme",
        name: "Acme",
        keys: || {
            vec![
                json!({ "level": "events", "description": "Shop" }),
                json!({ "level": "full", "description": "CRM" }),
            ]
        },
    },
    System {
        profile: "emailit",
        account: "acme",
        name: "Acme",
        keys: || {
            vec![
                json!({ "level": "full", "name": "Administration" }),
                json!({ "level": "sending", "name": "Shop", "constraints": { "sending_domain_id": [42] } }),
            ]
        },
    },
    System {
        profile: "optimove",
        account: "cid-1017",
        name: "CID 1017",
        keys: || {
            vec![
                json!({ "level": "integrations", "nickname": "Partner", "contact_email": "partner@example.com", "constraints": { "channel": ["email"] } }),
            ]
        },
    },
    System {
        profile: "smashfly",
        account: "zone-1",
        name: "Zone 1",
        keys: || {
            vec![
                json!({ "level": "contact", "contact_email": "owner@example.com", "expires_in_days": 90 }),
            ]
        },
    },
    System {
        profile: "inboxfirst",
        account: "6",
        name: "Organization 6",
        keys: || vec![json!({ "level": "organization_admin", "name": "some_name" })],
    },
];

/// A call as a newcomer would type it, and what came back.
pub(crate) struct Exchange {
    /// The command, with the customer's key left out.
    pub(crate) command: String,
    pub(crate) status: u16,
    /// The answer to the letter: the order of its members is part of a dialect.
    pub(crate) text: String,
    answer: Value,
}

/// The keys that the walk-through goes on with.
pub(crate) struct Systems {
    emailit: String,
    inboxfirst: String,
    smashfly: String,
}

impl Systems {
    /// Makes the keyspaces, their accounts and their keys.
    pub(crate) fn set(api: &Api) -> Result<Self> {
        let mut first = Vec::new();
        for system in &SYSTEMS {
            let id = system.profile;
            api.post("/keyspaces", &json!({ "id": id, "profile": id }))?;
            api.post(
                &format!("/keyspaces/{id}/accounts"),
                &json!({ "id": system.account, "name": system.name }),
            )?;
            let made = (system.keys)()
                .iter()
                .map(|key| api.post(&keys(system), key))
                .collect::<Result<Vec<_>>>()?;
            first.push((id, made));
        }
        let of = |profile: &str, pointer: &str| {
            let made = first.iter().find(|(id, _)| *id == profile);
            let made = made.and_then(|(_, made)| made.first());
            text(made.context("no key was made")?, pointer)
        };
        Ok(Self {
            emailit: of("emailit", "/key")?,
            inboxfirst: of("inboxfirst", "/key")?,
            smashfly: of("smashfly", "/record/id")?,
        })
    }

    /// S16: a second active key for the same e-mail address and API is refused, one for the other API is not.
    pub(crate) fn one_active_key_per_address(&self, api: &Api) -> Result<()> {
        let ask = |level: &str| json!({ "level": level, "contact_email": "OWNER@example.com", "expires_in_days": 180 });
        let path = keys(smashfly());
        let (status, answer) = api.ask("POST", &path, &ask("contact"))?;
        expect(status, 409, &answer)?;
        ensure!(answer["existing"]["id"] == *self.smashfly, "{answer}");
        let (status, answer) = api.ask("POST", &path, &ask("list"))?;
        expect(status, 201, &answer)
    }

    /// S23 to S25: a deactivated key never comes back, and its address is free for another.
    pub(crate) fn deactivated_for_good(&self, api: &Api) -> Result<()> {
        let path = keys(smashfly());
        let one = |verb: &str| format!("{path}/{}/{verb}", self.smashfly);
        let (status, answer) = api.ask("POST", &one("deactivate"), &json!({}))?;
        expect(status, 200, &answer)?;
        let (status, answer) = api.ask("POST", &one("enable"), &json!({}))?;
        expect(status, 409, &answer)?;
        let again = json!({ "level": "contact", "contact_email": "owner@example.com", "expires_in_days": 365 });
        let (status, answer) = api.ask("POST", &path, &again)?;
        expect(status, 201, &answer)
    }

    /// The documented calls of one dialect.
    pub(crate) fn emailit(&self, api: &Api) -> Result<Vec<Exchange>> {
        let url = format!("{}/v2/api-keys", api.address());
        let header = format!("Authorization: Bearer {}", self.emailit);
        let call = |method: &str, path: &str, body: Option<&Value>, status: u16| {
            curl(&header, method, &format!("{url}{path}"), body, status)
        };
        let body =
            json!({ "name": "My API Key", "scope": "sending", "sending_domain_id": 1_234_567_890 });
        let created = call("POST", "", Some(&body), 201)?;
        let id = created.answer["id"].as_u64().context("an integer id")?;
        let again = call("POST", "", Some(&body), 409)?;
        ensure!(again.answer["existing"]["id"] == id, "{}", again.answer);
        let list = call("GET", "?page=1&limit=10", None, 200)?;
        ensure!(list.answer["data"].is_array(), "{}", list.answer);
        let deleted = call("DELETE", &format!("/{id}"), None, 200)?;
        ensure!(deleted.answer["deleted"] == true, "{}", deleted.answer);
        let gone = call("GET", &format!("/{id}"), None, 404)?;
        Ok(vec![created, again, list, deleted, gone])
    }

    /// The documented calls of the other dialect.
    pub(crate) fn inboxfirst(&self, api: &Api) -> Result<Vec<Exchange>> {
        let url = format!("{}/ga/api/v2", api.address());
        let header = format!("Authorization: Basic {}", self.inboxfirst);
        let call = |method: &str, path: &str, body: Option<&Value>, status: u16| {
            curl(&header, method, &format!("{url}{path}"), body, status)
        };
        let body = json!({ "api_key": { "name": "Api Key Name", "active": true } });
        let created = call("POST", "/api_keys", Some(&body), 200)?;
        let id = created.answer["data"]["id"]
            .as_u64()
            .context("an integer id")?;
        let list = call(
            "GET",
            "/organization/6/api_keys?name_contains=name",
            None,
            200,
        )?;
        ensure!(list.answer["num_records"] == 2, "{}", list.answer);
        let body = json!({ "api_key": { "active": false } });
        let changed = call("PUT", &format!("/api_keys/{id}"), Some(&body), 200)?;
        ensure!(
            changed.answer["data"]["api_key"] == created.answer["data"]["api_key"],
            "{}",
            changed.answer
        );
        let deleted = call("DELETE", &format!("/api_keys/{id}"), None, 200)?;
        ensure!(deleted.answer["data"].is_null(), "{}", deleted.answer);
        let foreign = call("GET", "/organization/7/api_keys", None, 404)?;
        Ok(vec![created, list, changed, deleted, foreign])
    }
}

fn keys(
    System {
        profile, account, ..
    }: &System,
) -> String {
    format!("/keyspaces/{profile}/accounts/{account}/keys")
}

const fn smashfly() -> &'static System {
    &SYSTEMS[3]
}

fn expect(status: u16, expected: u16, answer: &Value) -> Result<()> {
    if status != expected {
        bail!("answered {status} instead of {expected}: {answer}");
    }
    Ok(())
}

/// Calls curl. The header with the key goes in by standard input: arguments are seen by every user of the machine.
fn curl(
    header: &str,
    method: &str,
    url: &str,
    body: Option<&Value>,
    expected: u16,
) -> Result<Exchange> {
    use std::io::Write as _;
    use std::process::Stdio;

    let body = body.map(Value::to_string);
    let mut arguments = vec!["-X".to_owned(), method.to_owned(), url.to_owned()];
    if let Some(body) = &body {
        arguments.extend(["-H", "Content-Type: application/json", "-d", body].map(str::to_owned));
    }
    let mut child = Command::new("curl")
        .args([
            "--silent",
            "--show-error",
            "--max-time",
            "10",
            "--header",
            "@-",
        ])
        .args(["--write-out", "\n%{http_code}"])
        .args(&arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context(
            "cannot start curl, which the demo shows the systems' own calls with: install it",
        )?;
    let mut stdin = child.stdin.take().context("curl has no standard input")?;
    writeln!(stdin, "{header}")?;
    drop(stdin);
    let output = child.wait_with_output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let (answer, status) = text.trim_end().rsplit_once('\n').unwrap_or_default();
    let status = status
        .parse()
        .with_context(|| format!("curl {method} {url} failed"))?;
    let text = answer.to_owned();
    let answer = serde_json::from_str(&text)
        .with_context(|| format!("{method} {url} answered no JSON: {text}"))?;
    expect(status, expected, &answer)?;
    Ok(Exchange {
        command: shown(header, method, url, body.as_deref()),
        status,
        text,
        answer,
    })
}

fn shown(header: &str, method: &str, url: &str, body: Option<&str>) -> String {
    let scheme = header.rsplit_once(' ').map_or(header, |(scheme, _)| scheme);
    let body = body.map_or_else(String::new, |body| format!(" -d '{body}'"));
    format!("curl -X {method} '{url}' -H '{scheme} …'{body}")
}

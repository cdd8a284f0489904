//! Schemathesis, with all its checks, against a running server: what the document says of each operation, asked with
//! what the document allows and with what it does not.

use crate::build::server::{self, Profile};
use crate::context::Context;
use crate::demo::Api;
use crate::plan::Live;
use crate::process::Service;
use crate::test::Tally;
use crate::tool::{Output, Tool, shown};
use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The same requests every time.
const SEED: u32 = 1;
/// For each operation, where `KEYWARD_EXAMPLES` says nothing else: all of it in about three minutes.
const EXAMPLES: &str = "60";

/// As whom it asks, each with a configuration of its own.
const CALLERS: [(&str, &str); 2] = [
    ("an operator over the server", "schemathesis.toml"),
    ("an operator over an account", "account.toml"),
];

/// Runs it, as each caller.
pub(crate) fn run(context: &Context, live: &Live) -> Result<Tally> {
    let python = Tool::new(context, "python3")
        .args("-m venv --help")
        .attempt(live);
    if !python.is_ok_and(|output| output.success) {
        return Ok(Tally {
            skipped: 1,
            ..Tally::default()
        }
        .note("Schemathesis needs Python 3 with venv"));
    }
    let program = install(context, live)?;
    let seen = context.scratch("schemathesis-seen");
    fs::write(&seen, "").context("cannot write what is seen")?;
    let mut tally = Tally::default();
    for (caller, config) in CALLERS {
        let output = ask(context, live, &program, config, &seen)?;
        let passed = count(&output.text, "passed");
        tally.passed += passed;
        tally.failed += count(&output.text, "failed");
        let tested = number(&output.text, "Tested: ");
        if !output.success || passed == 0 || tested != number(&output.text, "Selected: ") {
            tally.failed = tally.failed.max(1);
            tally.failure = Some(format!(
                "Schemathesis as {caller}{}",
                shown(&output.text, live)
            ));
            return Ok(tally);
        }
        let cases = before(&output.text, " generated").unwrap_or_default();
        tally = tally.note(format!(
            "as {caller}: {tested} operations, {cases} requests"
        ));
    }
    let list = context.root.join("tests/schemathesis/exempt.toml");
    hold_exemptions(&list, &seen)?;
    Ok(tally)
}

/// Asks a server of its own as one caller.
fn ask(
    context: &Context,
    live: &Live,
    program: &Path,
    config: &str,
    seen: &Path,
) -> Result<Output> {
    let data = context.scratch("schemathesis-data");
    let _ = fs::remove_dir_all(&data);
    let (service, address) = Service::start(
        "server",
        Command::new(server::binary(context, Profile::Debug))
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(&data),
    )?;
    let key = fs::read_to_string(data.join("operator.key")).context("no operator key")?;
    let key = key.trim_end();
    let spared = fill(&Api::new(address.clone(), key.to_owned()), &data)?;
    let files = context.root.join("tests/schemathesis");
    let examples = env::var("KEYWARD_EXAMPLES").unwrap_or_else(|_| EXAMPLES.to_owned());
    let output = Tool::new(context, program)
        .arg("--config-file")
        .arg(files.join(config))
        .arg("run")
        .arg(format!("{address}/openapi.json"))
        .args(&format!("--seed {SEED} --max-examples {examples}"))
        .args("--continue-on-failure --no-color")
        .env("KEYWARD_URL", &address)
        .env("KEYWARD_OPERATOR_KEY", key)
        .env("KEYWARD_SPARED", &spared)
        .env("KEYWARD_SEEN", seen)
        .env("SCHEMATHESIS_HOOKS", "hooks")
        .env("PYTHONPATH", &files)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .dir(&data)
        .attempt(live)?;
    service.stop()?;
    Ok(output)
}

/// What is there to be found. Returns the ids of those who ask besides the first operator: nobody removes them.
fn fill(api: &Api, data: &Path) -> Result<String> {
    let account = "/keyspaces/shop/accounts/acme";
    for (path, body) in [
        ("/keyspaces", json!({ "id": "shop", "profile": "keyward" })),
        ("/keyspaces/shop/accounts", json!({ "id": "acme" })),
        ("/keyspaces/shop/accounts", json!({ "id": "globex" })),
    ] {
        api.post(path, &body)?;
    }
    api.post(
        &format!("{account}/keys"),
        &json!({ "name": "CRM", "level": "full" }),
    )?;
    let mut ids = Vec::new();
    let mut callers = Vec::new();
    for account in ["acme", "globex"] {
        let rights = [
            "accounts.read",
            "keys.read",
            "keys.write",
            "keys.reveal",
            "operators.read",
            "operators.write",
            "usage.read",
            "audit.read",
        ];
        let made = api.post(
            &format!("/keyspaces/shop/accounts/{account}/operators"),
            &json!({ "name": "Ada", "rights": rights }),
        )?;
        let text = |place| made.pointer(place).and_then(Value::as_str);
        let (Some(id), Some(key)) = (text("/operator/id"), text("/key")) else {
            bail!("an operator was made without id or key: {made}");
        };
        ids.push(id.to_owned());
        let header = json!({ "name": "Authorization", "value": format!("Bearer {key}") });
        callers.push(json!({ "name": account, "fixedHeaders": [header] }));
    }
    // In the format of Web Fuzzing Commons.
    let callers = json!({ "schema_version": "0.2.0", "auth": callers });
    fs::write(data.join("callers.json"), callers.to_string()).context("cannot write callers")?;
    Ok(ids.join(" "))
}

/// An exemption that nothing met is one too many: it would hide the next mistake.
fn hold_exemptions(list: &Path, seen: &Path) -> Result<()> {
    let read = |path: &Path| {
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
    };
    let list: toml::Table = toml::from_str(&read(list)?).context("in exempt.toml")?;
    let all = list.get("exempt").and_then(toml::Value::as_array);
    let seen = read(seen)?;
    let seen: BTreeSet<_> = seen.lines().collect();
    let unmet: Vec<_> = all
        .into_iter()
        .flatten()
        .enumerate()
        .filter(|(at, _)| !seen.contains(&*at.to_string()))
        .filter_map(|(_, entry)| entry.get("reason")?.as_str())
        .collect();
    if unmet.is_empty() {
        return Ok(());
    }
    bail!(
        "tests/schemathesis/exempt.toml has entries that nothing met; take them out:\n{}",
        unmet.join("\n")
    )
}

/// Installs exactly what the requirements name, into an environment of its own; returns the program.
fn install(context: &Context, live: &Live) -> Result<PathBuf> {
    let root = context.tool_root("schemathesis", context.card.version("schemathesis")?);
    let (program, whole) = (root.join("bin/schemathesis"), root.join("whole"));
    let wanted = context.root.join("tests/schemathesis/requirements.txt");
    let wanted_text = fs::read_to_string(&wanted).context("no requirements")?;
    // Written last: what was interrupted, or holds other versions, is made anew.
    if fs::read_to_string(&whole).is_ok_and(|installed| installed == wanted_text) {
        return Ok(program);
    }
    Tool::new(context, "python3")
        .args("-m venv --clear")
        .arg(&root)
        .run(live)?;
    Tool::new(context, root.join("bin/python"))
        .args("-m pip install --quiet --disable-pip-version-check --only-binary :all: --no-deps --require-hashes --requirement")
        .arg(&wanted)
        .run(live)?;
    fs::write(&whole, wanted_text).with_context(|| format!("cannot write {}", whole.display()))?;
    Ok(program)
}

/// The sum of what it counts as `12 passed` in the lines of its phases, which have a mark before each number.
fn count(text: &str, word: &str) -> usize {
    let mark = if word == "passed" { '✅' } else { '❌' };
    let parts = text.split(mark).skip(1);
    let counts = parts.filter_map(|part| {
        let mut words = part.split_whitespace();
        let number = words.next()?.parse::<usize>().ok()?;
        (words.next() == Some(word)).then_some(number)
    });
    counts.sum()
}

/// The number behind a word.
fn number(text: &str, word: &str) -> usize {
    let rest = text.split(word).nth(1).unwrap_or_default();
    let digits = rest.split(|next: char| !next.is_ascii_digit()).next();
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// The number before a word.
fn before<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    text.split_once(word)?.0.split_whitespace().next_back()
}

#[cfg(test)]
mod tests {
    use super::{before, count, number};

    #[test]
    fn its_summary_is_read() {
        let text = "  Selected: 52/53\n  Tested: 51\n\nTest cases:\n  3116 generated, 31 found";
        assert_eq!(
            (number(text, "Selected: "), number(text, "Tested: ")),
            (52, 51)
        );
        assert_eq!(before(text, " generated"), Some("3116"));
        assert_eq!(number("", "Tested: "), 0);
    }

    #[test]
    fn its_phases_add_up() {
        let text = " ❌  Coverage (in 13.34s)\n\n     ✅ 30 passed  ❌ 23 failed\n\n ✅  Examples\n\n     ✅ 41 passed  ❌  2 failed  ⏭  10 skipped\n";
        assert_eq!((count(text, "passed"), count(text, "failed")), (71, 25));
    }
}

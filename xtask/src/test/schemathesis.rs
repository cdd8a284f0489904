//! Schemathesis, with all its checks, against a running server: what the document says of each operation, asked with what the
//! document allows and with what it does not.

use crate::build::server::{self, Profile};
use crate::context::Context;
use crate::demo::Api;
use crate::plan::Live;
use crate::process::Service;
use crate::test::Tally;
use crate::tool::{Tool, shown};
use anyhow::{Context as _, Result};
use serde_json::json;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// The same requests every time.
const SEED: u32 = 1;
/// For each operation and phase: all of it in about two minutes.
const EXAMPLES: u32 = 100;

/// Runs it against a server of its own.
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
    fill(&Api::new(address.clone(), key.to_owned()))?;
    let files = context.root.join("tests/schemathesis");
    let output = Tool::new(context, &program)
        .arg("--config-file")
        .arg(files.join("schemathesis.toml"))
        .arg("run")
        .arg(format!("{address}/openapi.json"))
        .args(&format!("--seed {SEED} --max-examples {EXAMPLES}"))
        .args("--continue-on-failure --no-color")
        .env("KEYWARD_URL", &address)
        .env("KEYWARD_OPERATOR_KEY", key)
        .env("SCHEMATHESIS_HOOKS", "hooks")
        .env("PYTHONPATH", &files)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .dir(&data)
        .attempt(live)?;
    service.stop()?;
    let mut tally = Tally {
        passed: count(&output.text, "passed"),
        failed: count(&output.text, "failed"),
        ..Tally::default()
    };
    if !output.success || tally.passed == 0 {
        tally.failed = tally.failed.max(1);
        tally.failure = Some(format!("Schemathesis{}", shown(&output.text, live)));
    }
    Ok(tally)
}

/// What is there to be found.
fn fill(api: &Api) -> Result<()> {
    let keys = "/keyspaces/shop/accounts/acme/keys";
    for (path, body) in [
        ("/keyspaces", json!({ "id": "shop", "profile": "keyward" })),
        ("/keyspaces/shop/accounts", json!({ "id": "acme" })),
        (keys, json!({ "name": "CRM", "level": "full" })),
    ] {
        api.post(path, &body)?;
    }
    Ok(())
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
        .args("-m pip install --quiet --disable-pip-version-check --only-binary :all: --no-deps --requirement")
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

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn its_phases_add_up() {
        let text = " ❌  Coverage (in 13.34s)\n\n     ✅ 30 passed  ❌ 23 failed\n\n ✅  Examples\n\n     ✅ 41 passed  ❌  2 failed  ⏭  10 skipped\n";
        assert_eq!((count(text, "passed"), count(text, "failed")), (71, 25));
    }
}

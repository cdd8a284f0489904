//! `keyward explain`: decide about one call, here, and show every step.

use std::fs;
use std::io::{self, BufRead as _, IsTerminal as _, Read as _};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;
use zeroize::Zeroizing;

use super::output::{BAD, DIM, GOOD, Table, plain, print, print_json, styled};
use super::profile::Source;
use super::{Failure, records};
use crate::access::{Context, DimensionKind, Value};
use crate::env::{Clock as _, SystemClock};
use crate::key::Pepper;
use crate::profile::Profile;
use crate::time::Timestamp;
use crate::verify::{Ask, Decision, Explanation, Outcome, Verdict, Verifier};

/// The most that is read where a key or a pepper should be.
const MAX_SECRET: u64 = 64 * 1024;

const HELP: &str = "\
Examples:
  keyward explain --profile emailit --records records.json --key-file key.txt POST /v2/emails --context sending_domain_id=42
  pass show my-key | keyward explain --profile my-api.toml --records records.json --key-stdin GET /items/7

RECORDS is a JSON array of the records that the npm package's createVerifier takes:
  [{ \"id\": \"crm\", \"digest\": \"sha256:…\", \"level\": \"sending\", \"constraints\": { \"sending_domain_id\": [42] } }]

Exit codes:
  0  the call is allowed
  1  it is denied
  2  nothing was decided: the command line, the profile, the records or the key could not be read";

/// Decide about one call with records from a file, and show every step
///
/// Nothing is asked of a server. The key comes from a file or from stdin, never as an argument, which `ps` would show.
#[derive(Args)]
#[command(after_help = HELP)]
pub(super) struct Explain {
    /// The name of a preset, or a file of TOML
    #[arg(long, value_name = "PROFILE")]
    profile: String,
    /// The file of records
    #[arg(long, value_name = "RECORDS")]
    records: PathBuf,
    #[command(flatten)]
    key: KeySource,
    /// A pepper: its id and the file of its bytes; may be given several times
    #[arg(long = "pepper", value_name = "ID=FILE")]
    peppers: Vec<String>,
    /// What the call is about, by a constraint's name; several values by giving it several times, an empty value for an
    /// empty list
    #[arg(long, value_name = "NAME=VALUE")]
    context: Vec<String>,
    /// Where the client calls from
    #[arg(long, value_name = "ADDRESS")]
    client_address: Option<IpAddr>,
    /// The time at which is decided, as RFC 3339 [default: now]
    #[arg(long, value_name = "TIME")]
    now: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// The call's method, such as POST
    method: String,
    /// The call's path as sent, without query
    path: String,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct KeySource {
    /// Read the key from a file
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Read the key from stdin
    #[arg(long)]
    key_stdin: bool,
}

/// What is printed as JSON: the explanation, and what callers are told of a closed route.
#[derive(Serialize)]
struct Explained<'a> {
    #[serde(flatten)]
    explanation: &'a Explanation,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
}

impl Explain {
    /// Every failure says that nothing was decided.
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        self.decide().map_err(Failure::into_usage)
    }

    fn decide(self) -> Result<ExitCode, Failure> {
        let profile = Source::open(&self.profile)?.profile;
        let now = self.now()?;
        let peppers = self.peppers()?;
        let verifier = Verifier::builder(profile)
            .records(records::read(&self.records)?)
            .peppers(peppers)
            .build()
            .map_err(|error| Failure::failed(format!("{}: {error}", self.records.display())))?;
        let values = self.values(verifier.profile())?;
        let context = Context {
            client: self.client_address,
            values: &values,
        };
        let key = self.key.read()?;
        let ask = Ask::Call {
            method: self.method.as_bytes(),
            path: self.path.as_bytes(),
        };
        let explanation = verifier.explain_key(&key, ask, context, Some(now));
        let note = match verifier.verify_key(&key, ask, context, now) {
            Decision::Deny(denial) => denial.note(),
            Decision::Allow(_) => None,
        };
        if self.json {
            print_json(&Explained {
                explanation: &explanation,
                note,
            })?;
        } else {
            print(&page(&explanation, note))?;
        }
        Ok(match explanation.verdict {
            Verdict::Allow => ExitCode::SUCCESS,
            Verdict::Deny => ExitCode::from(1),
        })
    }

    fn now(&self) -> Result<Timestamp, Failure> {
        let Some(text) = &self.now else {
            return Ok(SystemClock.now());
        };
        records::rfc3339(text).ok_or_else(|| {
            let message =
                format!("--now {text}: write an RFC 3339 time such as 2027-01-31T12:00:00Z");
            Failure::failed(message)
        })
    }

    fn peppers(&self) -> Result<Vec<Pepper>, Failure> {
        let pepper = |given: &String| {
            let (id, path) = given.split_once('=').ok_or_else(|| {
                Failure::failed(format!("--pepper {given}: write the id, `=` and a file"))
            })?;
            let secret = read_secret(Path::new(path))?;
            id.parse()
                .and_then(|id| Pepper::new(id, &secret))
                .map_err(|error| Failure::failed(format!("--pepper {given}: {error}")))
        };
        self.peppers.iter().map(pepper).collect()
    }

    fn values<'a>(&'a self, profile: &Profile) -> Result<Vec<(&'a str, Value<'a>)>, Failure> {
        let value = |given: &'a String| {
            let refuse = |why: String| Failure::failed(format!("--context {given}: {why}"));
            let (name, value) = given
                .split_once('=')
                .ok_or_else(|| refuse("write a constraint's name, `=` and a value".into()))?;
            let mut dimensions = profile.dimensions().iter();
            let Some(dimension) = dimensions.find(|dimension| *dimension.name == *name) else {
                let dimensions = profile.dimensions().iter();
                let known: Vec<_> = dimensions.map(|dimension| &*dimension.name).collect();
                return Err(refuse(format!(
                    "the profile has no such constraint; there are: {}",
                    known.join(", ")
                )));
            };
            let value = match dimension.kind {
                _ if value.is_empty() => Value::Empty,
                DimensionKind::Integer => {
                    let number = value.parse();
                    Value::Integer(
                        number.map_err(|_| refuse("its values are whole numbers".into()))?,
                    )
                }
                DimensionKind::Network => {
                    return Err(refuse(
                        "a client's network comes by --client-address".into(),
                    ));
                }
                _ => Value::Text(value),
            };
            Ok((name, value))
        };
        self.context.iter().map(value).collect()
    }
}

impl KeySource {
    fn read(&self) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let mut key = if let Some(path) = &self.key_file {
            read_secret(path)?
        } else {
            let mut stdin = io::stdin().lock();
            if stdin.is_terminal() {
                eprintln!("Type or paste the key and press Enter; it will be visible here.");
            }
            let mut key = Zeroizing::new(Vec::new());
            let read = stdin.by_ref().take(MAX_SECRET).read_until(b'\n', &mut key);
            read.map_err(|error| Failure::failed(format!("no key from stdin: {error}")))?;
            key
        };
        // Editors and `echo` put a line's end behind it; nothing else is taken off.
        for end in [b'\n', b'\r'] {
            if key.last() == Some(&end) {
                key.pop();
            }
        }
        Ok(key)
    }
}

fn read_secret(path: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let mut secret = Zeroizing::new(Vec::new());
    fs::File::open(path)
        .and_then(|file| file.take(MAX_SECRET).read_to_end(&mut secret))
        .map_err(|error| Failure::failed(format!("{}: {error}", path.display())))?;
    Ok(secret)
}

fn page(explanation: &Explanation, note: Option<&str>) -> String {
    let mut table = Table::new(&["STEP", "OUTCOME", "DETAIL"]);
    for step in &explanation.steps {
        let (style, outcome) = match step.outcome {
            Outcome::Pass => (GOOD, "pass"),
            Outcome::Fail => (BAD, "fail"),
            Outcome::Skip => (DIM, "–"),
        };
        table.styled_row([
            (anstyle::Style::new(), step.step.as_str().to_owned()),
            (style, outcome.to_owned()),
            (anstyle::Style::new(), step.detail.clone()),
        ]);
    }
    let verdict = match explanation.reason {
        None => styled(GOOD, "allow"),
        Some(reason) => format!("{}: {reason}, {}", styled(BAD, "deny"), explanation.status),
    };
    let mut page = format!("{table}\n{verdict}\n");
    let level = explanation.level.as_deref();
    for (what, value) in [
        ("key", explanation.key_id.as_deref()),
        ("level", level),
        ("told to the caller", note),
    ] {
        if let Some(value) = value {
            page.extend([what, ": ", &plain(value), "\n"]);
        }
    }
    page
}

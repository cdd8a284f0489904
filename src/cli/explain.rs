//! `keyward explain`: decide about one call, here or on a server, and show every step.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anstyle::Style;
use clap::Args;
use serde::{Deserialize, Serialize};

use super::client::{Call, Server};
use super::key::{AskedCall, Presented};
use super::output::{BAD, DIM, GOOD, Table, plain, print, print_json, styled};
use super::presented::{PresentedKey, read_secret};
use super::profile::Source;
use super::record::print_answer;
use super::{Failure, place, records};
use crate::access::{Context, DimensionKind, Value};
use crate::env::{Clock as _, SystemClock};
use crate::key::Pepper;
use crate::profile::Profile;
use crate::time::Timestamp;
use crate::verify::{Ask, Decision, Explanation, Step, Verdict, Verifier};

const HELP: &str = "\
Examples:
  keyward explain --profile emailit --records records.json --key-file key.txt POST /v2/emails --context sending_domain_id=42
  pass show my-key | keyward explain --profile my-api.toml --records records.json --key-stdin GET /items/7
  keyward explain --keyspace shop --key-file key.txt POST /v2/emails --context sending_domain_id=42

With --keyspace a server is asked about its own keys, and needs an operator key with the right keys.verify. Otherwise
nothing is asked of a server.

RECORDS is a JSON array of the records that the npm package's createVerifier takes:
  [{ \"id\": \"crm\", \"digest\": \"sha256:…\", \"level\": \"sending\", \"constraints\": { \"sending_domain_id\": [42] } }]

Exit codes:
  0  the call is allowed
  1  it is denied
  2  nothing was decided: the command line, the profile, the records or the key could not be read
  5, 6  nothing was decided: the server refused, or cannot be reached";

/// Decide about one call, with records from a file or on a server, and show every step
///
/// The key comes from a file, from stdin or is asked for, never as an argument, which `ps` would show.
#[derive(Args)]
#[command(after_help = HELP)]
pub(super) struct Explain {
    /// The name of a preset, or a file of TOML
    #[arg(long, value_name = "PROFILE", required_unless_present = "keyspace")]
    profile: Option<String>,
    /// The file of records
    #[arg(long, value_name = "RECORDS", required_unless_present = "keyspace")]
    records: Option<PathBuf>,
    /// Ask the server about a key of this keyspace
    #[arg(long, short = 'k', value_name = "KEYSPACE", conflicts_with_all = ["profile", "records", "peppers", "now"])]
    keyspace: Option<String>,
    #[command(flatten)]
    key: PresentedKey,
    /// A pepper: its id and the file of its bytes; may be given several times
    #[arg(long = "pepper", value_name = "ID=FILE")]
    peppers: Vec<String>,
    #[command(flatten)]
    asked: AskedCall,
    /// The time at which is decided, as RFC 3339 [default: now]
    #[arg(long, value_name = "TIME")]
    now: Option<String>,
    #[command(flatten)]
    server: Server,
    /// The call's method, such as POST
    method: String,
    /// The call's path as sent, without query
    path: String,
}

/// What is shown of an explanation, wherever it was made.
#[derive(Deserialize)]
struct Shown {
    verdict: String,
    reason: Option<String>,
    status: u16,
    steps: Vec<ShownStep>,
    key_id: Option<String>,
    level: Option<String>,
}

#[derive(Deserialize)]
struct ShownStep {
    step: String,
    outcome: String,
    detail: String,
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
        let outcome = match (&self.keyspace, &self.profile, &self.records) {
            (Some(keyspace), ..) => self.ask(keyspace),
            (None, Some(profile), Some(records)) => self.decide(profile, records),
            (None, ..) => Err(Failure::usage("name a keyspace, or a profile and records")),
        };
        self.server.told(outcome.map_err(Failure::undecided))
    }

    /// Has the server decide.
    fn ask(&self, keyspace: &str) -> Result<ExitCode, Failure> {
        let mut members = self.asked.members()?;
        members.insert("method".into(), self.method.as_str().into());
        members.insert("path".into(), self.path.as_str().into());
        let client = self.server.connect()?;
        let body = Presented {
            key: &self.key.read_text()?,
            members,
        };
        let call = Call::post(place::keyspace(keyspace).under("explain")).with(&body);
        let answer = client.send(&call)?;
        let shown: Shown = answer.read()?;
        if self.server.json {
            print_answer(&answer)?;
        } else {
            print(&page(&shown, None))?;
        }
        Ok(ExitCode::from(u8::from(
            shown.verdict != Verdict::Allow.as_str(),
        )))
    }

    /// Decides here.
    fn decide(&self, profile: &str, records: &Path) -> Result<ExitCode, Failure> {
        let profile = Source::open(profile)?.profile;
        let now = self.now()?;
        let peppers = self.peppers()?;
        let verifier = Verifier::builder(profile)
            .records(records::read(records)?)
            .peppers(peppers)
            .build()
            .map_err(|error| Failure::failed(format!("{}: {error}", records.display())))?;
        let values = self.values(verifier.profile())?;
        let context = Context {
            client: self.asked.client_address,
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
        if self.server.json {
            print_json(&Explained {
                explanation: &explanation,
                note,
            })?;
        } else {
            print(&page(&Shown::of(&explanation), note))?;
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
        self.asked.context.iter().map(value).collect()
    }
}

impl Shown {
    fn of(explanation: &Explanation) -> Self {
        let step = |step: &Step| ShownStep {
            step: step.step.as_str().to_owned(),
            outcome: step.outcome.as_str().to_owned(),
            detail: step.detail.clone(),
        };
        Self {
            verdict: explanation.verdict.as_str().to_owned(),
            reason: explanation.reason.map(str::to_owned),
            status: explanation.status,
            steps: explanation.steps.iter().map(step).collect(),
            key_id: explanation.key_id.clone(),
            level: explanation.level.clone(),
        }
    }
}

fn page(shown: &Shown, note: Option<&str>) -> String {
    let mut table = Table::new(&["STEP", "OUTCOME", "DETAIL"]);
    for step in &shown.steps {
        let (style, outcome) = match &*step.outcome {
            "skip" => (DIM, "–"),
            "pass" => (GOOD, "pass"),
            outcome => (BAD, outcome),
        };
        table.styled_row([
            (Style::new(), step.step.clone()),
            (style, outcome.to_owned()),
            (Style::new(), step.detail.clone()),
        ]);
    }
    let verdict = match &shown.reason {
        None => styled(GOOD, plain(&shown.verdict)),
        Some(reason) => format!(
            "{}: {}, {}",
            styled(BAD, "deny"),
            plain(reason),
            shown.status
        ),
    };
    let mut page = format!("{table}\n{verdict}\n");
    for (what, value) in [
        ("key", shown.key_id.as_deref()),
        ("level", shown.level.as_deref()),
        ("told to the caller", note),
    ] {
        if let Some(value) = value {
            page.extend([what, ": ", &plain(value), "\n"]);
        }
    }
    page
}

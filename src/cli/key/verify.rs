//! `keyward key verify`.

use std::process::ExitCode;

use clap::Args;
use serde_json::{Map, Value};

use super::{AskedCall, Presented};
use crate::cli::Failure;
use crate::cli::client::{Call, Item, Server};
use crate::cli::output::{BAD, GOOD, plain, print, styled};
use crate::cli::place::InKeyspace;
use crate::cli::presented::PresentedKey;
use crate::cli::record::{page, print_answer};

const EXAMPLES: &str = "\
Examples:
  keyward key verify --keyspace shop --key-file crm.key
  keyward key verify --keyspace shop --key-file crm.key POST /v2/emails --context sending_domain_id=42
  pass show crm | keyward key verify --keyspace shop --key-stdin --scope emails.send && echo allowed

`keyward explain --keyspace shop` shows every step of the same decision.

Exit codes:
  0  allowed
  1  denied
  other: nothing was decided; see `keyward --help`";

/// Have the server decide whether a key is good, and whether it may make a call
///
/// The key comes from a file, from stdin or is asked for, never as an argument, which `ps` would show.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Verify {
    #[command(flatten)]
    place: InKeyspace,
    #[command(flatten)]
    key: PresentedKey,
    #[command(flatten)]
    asked: AskedCall,
    /// A scope that it must have
    #[arg(long, value_name = "SCOPE", conflicts_with = "method")]
    scope: Option<String>,
    /// How many units of its rate the call costs [default: what its route says]
    #[arg(long, value_name = "N")]
    cost: Option<u32>,
    /// The call's method, such as POST
    #[arg(requires = "path")]
    method: Option<String>,
    /// The call's path as sent, without query
    path: Option<String>,
}

impl Verify {
    pub(super) fn run(self, server: &Server) -> Result<ExitCode, Failure> {
        self.decide(server).map_err(Failure::undecided)
    }

    fn decide(&self, server: &Server) -> Result<ExitCode, Failure> {
        let members = self.members()?;
        let client = server.connect()?;
        let body = Presented {
            key: &self.key.read_text()?,
            members,
        };
        let call = Call::post(self.place.target().under("verify")).with(&body);
        let answer = client.send(&call)?;
        let decision: Item = answer.read()?;
        let allowed = decision.member("allowed") == Some(&Value::Bool(true));
        if server.json {
            print_answer(&answer)?;
        } else {
            print(&told(&decision, allowed))?;
        }
        Ok(ExitCode::from(u8::from(!allowed)))
    }

    fn members(&self) -> Result<Map<String, Value>, Failure> {
        let mut body = self.asked.members()?;
        for (name, value) in [
            ("method", self.method.clone().map(Value::from)),
            ("path", self.path.clone().map(Value::from)),
            ("scope", self.scope.clone().map(Value::from)),
            ("cost", self.cost.map(Value::from)),
        ] {
            if let Some(value) = value {
                body.insert(name.into(), value);
            }
        }
        Ok(body)
    }
}

fn told(decision: &Item, allowed: bool) -> String {
    if allowed {
        let details = page(&decision.without("allowed"));
        return format!("{}\n{details}", styled(GOOD, "allowed"));
    }
    let reason = plain(decision.text("reason"));
    let status = decision.member("status").and_then(Value::as_u64);
    let status = status
        .map(|status| format!(", {status}"))
        .unwrap_or_default();
    let note = match decision.text("note") {
        "" => String::new(),
        note => format!("told to the caller: {}\n", plain(note)),
    };
    format!("{}: {reason}{status}\n{note}", styled(BAD, "denied"))
}

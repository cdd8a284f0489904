//! `keyward key update`.

use clap::Args;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::IfRevision;
use super::content::{CONSTRAINTS, Content};
use crate::cli::client::{Call, Client, Server};
use crate::cli::place::OneKey;
use crate::cli::when::Expiry;
use crate::cli::{Failure, record};

const EXAMPLES: &str = "\
Examples:
  keyward key update key_0FkLm2x9Q --keyspace shop --account acme --field name=\"CRM Berlin\"
  keyward key update key_0FkLm2x9Q --keyspace shop --account acme --constraint sending_domain_id=42
  keyward key update key_0FkLm2x9Q --keyspace shop --account acme --expires-in 30d
  keyward key update key_0FkLm2x9Q --keyspace shop --account acme --clear expires-at --clear rate

Constraints that are not named stay as they are; --constraint NAME=all takes one away.

";

/// Change what was chosen of a key; what is not named stays as it is
#[derive(Args)]
#[command(after_help = format!("{EXAMPLES}{CONSTRAINTS}"))]
pub(super) struct Update {
    #[command(flatten)]
    key: OneKey,
    /// The access level: what it may do
    #[arg(long, value_name = "LEVEL")]
    level: Option<String>,
    #[command(flatten)]
    expiry: Expiry,
    #[command(flatten)]
    content: Content,
    /// Take something away: expires-at, rate, subject, meta, or one of the profile's fields; may be given several times
    #[arg(long, value_name = "WHAT")]
    clear: Vec<String>,
    #[command(flatten)]
    only: IfRevision,
}

/// What has to be known of a key before one of its constraints is changed.
#[derive(Deserialize)]
struct Before {
    revision: u64,
    #[serde(default)]
    constraints: Map<String, Value>,
}

impl Update {
    pub(super) fn run(self, server: &Server) -> Result<(), Failure> {
        let mut body = self.members()?;
        let constraints = self.content.constraints()?;
        if body.is_empty() && constraints.is_empty() {
            return Err(Failure::usage("nothing is to be changed; name what is"));
        }
        let client = server.connect()?;
        let mut revision = self.only.if_revision;
        if !constraints.is_empty() {
            let seen = self.merge(&client, &mut body, constraints)?;
            revision = revision.or(Some(seen));
        }
        let call = Call::patch(self.key.target())
            .with(&body)
            .at_revision(revision);
        record::show(&client.send(&call)?, server.json)
    }

    fn members(&self) -> Result<Map<String, Value>, Failure> {
        let mut body = self.content.members()?;
        if let Some(level) = &self.level {
            body.insert("level".into(), level.as_str().into());
        }
        if let Some(end) = self.expiry.instant() {
            body.insert("expires_at".into(), end.into());
        }
        for what in &self.clear {
            let name = match &**what {
                "expires-at" => "expires_at",
                name => name,
            };
            if body.insert(name.to_owned(), Value::Null).is_some() {
                return Err(Failure::usage(format!(
                    "--clear {what}: it cannot be given and taken away at once"
                )));
            }
        }
        Ok(body)
    }

    /// The server takes all constraints anew: those that are not named go along as they were, so that naming one never
    /// frees another. Returns the revision that they were read at.
    fn merge(
        &self,
        client: &Client,
        body: &mut Map<String, Value>,
        constraints: Map<String, Value>,
    ) -> Result<u64, Failure> {
        let before: Before = client.send(&Call::get(self.key.target()))?.read()?;
        let mut all = before.constraints;
        all.extend(constraints);
        body.insert("constraints".into(), all.into());
        Ok(before.revision)
    }
}

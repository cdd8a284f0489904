//! A call that is to be decided about, as arguments.

use std::net::IpAddr;

use clap::Args;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::cli::Failure;

/// A key and what it is wanted for, as the server is asked about it.
#[derive(Serialize)]
pub(in crate::cli) struct Presented<'a> {
    pub(in crate::cli) key: &'a str,
    #[serde(flatten)]
    pub(in crate::cli) members: Map<String, Value>,
}

/// What the call is about, and from where it comes.
#[derive(Args)]
pub(in crate::cli) struct AskedCall {
    /// What the call is about, by a constraint's name; several values by giving it several times, an empty value for an
    /// empty list
    #[arg(long, value_name = "NAME=VALUE")]
    pub(in crate::cli) context: Vec<String>,
    /// Where the client calls from
    #[arg(long, value_name = "ADDRESS")]
    pub(in crate::cli) client_address: Option<IpAddr>,
}

impl AskedCall {
    /// The members of a request that say the same. Which values are numbers is told by how they look; a text that looks
    /// like one is put in double quotes.
    pub(in crate::cli) fn members(&self) -> Result<Map<String, Value>, Failure> {
        let mut context = Map::new();
        for given in &self.context {
            let Some((name, value)) = given.split_once('=') else {
                return Err(Failure::usage(format!(
                    "--context {given}: write a constraint's name, `=` and a value"
                )));
            };
            let values = context.entry(name).or_insert_with(|| json!([]));
            if let Value::Array(values) = values
                && !value.is_empty()
            {
                values.push(read(value));
            }
        }
        let mut members = Map::new();
        if !context.is_empty() {
            members.insert("context".into(), context.into());
        }
        if let Some(address) = self.client_address {
            members.insert("client_address".into(), address.to_string().into());
        }
        Ok(members)
    }
}

fn read(value: &str) -> Value {
    if let Ok(number) = value.parse::<i64>() {
        return number.into();
    }
    match serde_json::from_str(value) {
        Ok(Value::String(text)) => text.into(),
        _ => value.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_gather_by_name() {
        let context = ["a=1", "b=x", "a=2", "c=", "d=\"7\""]
            .map(str::to_owned)
            .to_vec();
        let asked = AskedCall {
            context,
            client_address: None,
        };
        assert_eq!(
            Value::Object(asked.members().expect("well formed")),
            json!({ "context": { "a": [1, 2], "b": ["x"], "c": [], "d": ["7"] } })
        );
    }
}

//! What can be chosen of a key, as arguments: the same for making and for changing one.

use std::collections::BTreeSet;
use std::fs;

use clap::Args;
use serde_json::{Map, Value};

use crate::cli::Failure;
use crate::cli::when::Rate;

#[derive(Args)]
pub(super) struct Content {
    /// What the profile asks for besides, by name, such as name=CRM or description=CRM; may be given several times
    #[arg(long = "field", value_name = "NAME=VALUE")]
    fields: Vec<String>,
    /// What it may use, by a constraint's name: `all`, or values with commas between; may be given several times
    #[arg(long = "constraint", value_name = "NAME=VALUES")]
    constraints: Vec<String>,
    /// How often it may be used, such as 100/60s [default: what its level says]
    #[arg(long, value_name = "LIMIT/SPAN")]
    rate: Option<Rate>,
    /// Your own id for whom it stands for
    #[arg(long, value_name = "TEXT")]
    subject: Option<String>,
    /// A JSON object of your own, which comes back in each decision: itself, or the file that holds it
    #[arg(long, value_name = "JSON|FILE")]
    meta: Option<String>,
}

/// How constraints are written, for the help of commands that take them.
pub(super) const CONSTRAINTS: &str = "\
Constraints: whole numbers are taken as numbers; a text that looks like one is put in double quotes, which the shell must
leave alone: --constraint 'tag=\"42\"'. Quotes also keep commas together.";

impl Content {
    /// The members of a request; constraints are `constraints()`.
    pub(super) fn members(&self) -> Result<Map<String, Value>, Failure> {
        let mut members = Map::new();
        for given in &self.fields {
            let (name, value) = pair("--field", given)?;
            if members.insert(name.to_owned(), value.into()).is_some() {
                return Err(twice("--field", name));
            }
        }
        let own = [
            ("rate", self.rate.map(Rate::to_json)),
            ("subject", self.subject.clone().map(Value::from)),
            ("meta", self.meta.as_deref().map(meta).transpose()?),
        ];
        for (name, value) in own {
            if let Some(value) = value
                && members.insert(name.to_owned(), value).is_some()
            {
                return Err(not_a_field(name));
            }
        }
        if let Some(name) = ["level", "constraints", "expires_at", "expires_in_days"]
            .into_iter()
            .find(|name| members.contains_key(*name))
        {
            return Err(not_a_field(name));
        }
        Ok(members)
    }

    /// The constraints that are given, by dimension.
    pub(super) fn constraints(&self) -> Result<Map<String, Value>, Failure> {
        let mut constraints = Map::new();
        for given in &self.constraints {
            let (name, values) = pair("--constraint", given)?;
            let value = constraint(values)
                .map_err(|why| Failure::usage(format!("--constraint {given}: {why}")))?;
            if constraints.insert(name.to_owned(), value).is_some() {
                return Err(twice("--constraint", name));
            }
        }
        Ok(constraints)
    }
}

fn pair<'a>(option: &str, given: &'a str) -> Result<(&'a str, &'a str), Failure> {
    match given.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name, value)),
        _ => Err(Failure::usage(format!(
            "{option} {given}: write a name, `=` and what it is to be"
        ))),
    }
}

fn twice(option: &str, name: &str) -> Failure {
    Failure::usage(format!("{option} {name}=… is given twice"))
}

fn not_a_field(name: &str) -> Failure {
    Failure::usage(format!(
        "--field {name}=…: there is an option of its own for that"
    ))
}

/// `all`, or a list. An empty one never stands for all.
fn constraint(values: &str) -> Result<Value, &'static str> {
    if values == "all" {
        return Ok(values.into());
    }
    let values = split(values)?;
    let mut seen = BTreeSet::new();
    if !values.iter().all(|value| seen.insert(value.to_string())) {
        return Err("a value stands in it twice");
    }
    Ok(Value::Array(values))
}

fn split(text: &str) -> Result<Vec<Value>, &'static str> {
    let mut values = Vec::new();
    let mut rest = text;
    loop {
        let value;
        (value, rest) = if rest.starts_with('"') {
            quoted(rest)?
        } else {
            let (value, rest) = rest.split_at(rest.find(',').unwrap_or(rest.len()));
            (number_or_text(value)?, rest)
        };
        values.push(value);
        match rest.strip_prefix(',') {
            Some(more) => rest = more,
            None if rest.is_empty() => return Ok(values),
            None => return Err("a comma must follow the closing quote"),
        }
    }
}

/// A JSON string, and what follows it.
fn quoted(text: &str) -> Result<(Value, &str), &'static str> {
    let mut parts = serde_json::Deserializer::from_str(text).into_iter::<String>();
    match parts.next() {
        Some(Ok(value)) => Ok((value.into(), &text[parts.byte_offset()..])),
        _ => Err("the double quote has no end"),
    }
}

fn number_or_text(text: &str) -> Result<Value, &'static str> {
    if text.is_empty() {
        return Err("a value is missing; for no limit write `all`");
    }
    Ok(text
        .parse::<i64>()
        .map_or_else(|_| text.into(), Value::from))
}

/// What is written itself, or what is in the file of this name.
fn meta(given: &str) -> Result<Value, Failure> {
    let refuse = |why: String| Failure::usage(format!("--meta {given}: {why}"));
    let text = if given.trim_start().starts_with('{') {
        given.to_owned()
    } else {
        fs::read_to_string(given).map_err(|error| refuse(error.to_string()))?
    };
    match serde_json::from_str(&text) {
        Ok(Value::Object(object)) => Ok(Value::Object(object)),
        Ok(_) => Err(refuse("it is no JSON object".to_owned())),
        Err(error) => Err(refuse(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn constraints_are_all_or_values() {
        for (text, expected) in [
            ("all", json!("all")),
            ("42,43", json!([42, 43])),
            ("-1", json!([-1])),
            ("email,sms", json!(["email", "sms"])),
            ("\"42\",x", json!(["42", "x"])),
            ("\"a,b\\\"\"", json!(["a,b\""])),
            ("all,x", json!(["all", "x"])),
            (
                "192.0.2.0/24,2001:db8::/32",
                json!(["192.0.2.0/24", "2001:db8::/32"]),
            ),
            ("9223372036854775808", json!(["9223372036854775808"])),
        ] {
            assert_eq!(constraint(text), Ok(expected), "{text}");
        }
        for text in ["", ",", "a,", ",a", "a,,b", "\"a", "\"a\"b", "1,1"] {
            assert!(constraint(text).is_err(), "{text}");
        }
    }
}

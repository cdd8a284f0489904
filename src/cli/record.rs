//! Records of the server as people read them: a member a line, in the server's order.

use anstyle::Style;
use serde_json::Value;

use super::Failure;
use super::client::{Answer, Item};
use super::output::{BAD, BOLD, DIM, GOOD, Table, indented, print};
use super::when;

/// Prints one record: the whole answer as JSON, or a table.
pub(super) fn show(answer: &Answer, json: bool) -> Result<(), Failure> {
    if json {
        return print_answer(answer);
    }
    print(&page(&answer.read()?))
}

/// Prints the whole answer as it came, spread over lines.
pub(super) fn print_answer(answer: &Answer) -> Result<(), Failure> {
    print(&format!("{}\n", indented(answer.text(), 0)))
}

/// A record as a table of two columns.
pub(super) fn page(item: &Item) -> String {
    let mut table = Table::without_headings();
    // A whole file is no line of a table.
    for (name, value) in item.members().filter(|(name, _)| *name != "profile_toml") {
        let style = if name == "status" {
            status_style(value)
        } else {
            Style::new()
        };
        table.styled_row([(BOLD, name.replace('_', " ")), (style, shown(name, value))]);
    }
    table.to_string()
}

/// A value as it is shown under its name.
pub(super) fn shown(name: &str, value: &Value) -> String {
    match value {
        Value::Null if name == "last_used_at" || name == "expires_at" => "never".to_owned(),
        Value::Null if name == "levels" => "all".to_owned(),
        Value::Null => "–".to_owned(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::String(time) if is_time(name) => when::long(time),
        Value::String(text) => text.clone(),
        Value::Array(values) if values.is_empty() => "none".to_owned(),
        Value::Array(values) => {
            let values: Vec<_> = values.iter().map(|value| shown("", value)).collect();
            values.join(", ")
        }
        Value::Object(members) if name == "rate" => {
            rate(members).unwrap_or_else(|| value.to_string())
        }
        Value::Object(members) if name == "reach" && members.values().all(Value::is_null) => {
            "the whole server".to_owned()
        }
        Value::Object(members) if members.is_empty() => "none".to_owned(),
        Value::Object(_) if name == "meta" => value.to_string(),
        Value::Object(members) => {
            let members = members.iter();
            let members: Vec<_> = members
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| format!("{}: {}", name.replace('_', " "), shown(name, value)))
                .collect();
            members.join("; ")
        }
        Value::Number(number) => number.to_string(),
    }
}

/// A time in a column; an end or a use that there is none of is `never`.
pub(super) fn time_cell(item: &Item, name: &str) -> (Style, String) {
    match item.member(name) {
        Some(Value::String(time)) => (Style::new(), when::short(time)),
        _ => (DIM, "never".to_owned()),
    }
}

/// A status in a column.
pub(super) fn status_cell(item: &Item) -> (Style, String) {
    let status = item.member("status").unwrap_or(&Value::Null);
    (status_style(status), shown("status", status))
}

/// A member in a column, as text.
pub(super) fn cell(item: &Item, name: &str) -> (Style, String) {
    match item.member(name) {
        None | Some(Value::Null) => (DIM, "–".to_owned()),
        Some(value) => (Style::new(), shown(name, value)),
    }
}

fn status_style(status: &Value) -> Style {
    match status.as_str() {
        Some("active") => GOOD,
        Some("disabled") => DIM,
        Some("deactivated" | "expired") => BAD,
        _ => Style::new(),
    }
}

fn is_time(name: &str) -> bool {
    name.ends_with("_at") || name == "at"
}

fn rate(members: &serde_json::Map<String, Value>) -> Option<String> {
    let limit = members.get("limit")?.as_u64()?;
    let window = members.get("window_seconds")?.as_u64()?;
    Some(format!("{limit} in {window} s"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_at_a_glance() {
        let item: Item = serde_json::from_str(
            r#"{"id":"key_1","status":"active","constraints":{"channel":"all","sending_domain_id":[42,43]},
                "rate":{"limit":100,"window_seconds":60},"expires_at":null,"subject":null,"keys_enabled":true,
                "rights":["a","b"],"meta":{"plan":"pro"},"monthly_uses":1000,"levels":[]}"#,
        )
        .expect("well formed");
        let page = anstream::adapter::strip_str(&page(&item)).to_string();
        let expected = "\
id            key_1
status        active
constraints   channel: all; sending domain id: 42, 43
rate          100 in 60 s
expires at    never
subject       –
keys enabled  yes
rights        a, b
meta          {\"plan\":\"pro\"}
monthly uses  1000
levels        none
";
        assert_eq!(page, expected);
    }
}

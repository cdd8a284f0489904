//! The shape of `tests/vectors/systems.json` (tests/vectors/README.md).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::sheet::Sheet;

pub(crate) const TEXT: &str = include_str!("../vectors/systems.json");

/// When a case is decided that does not say when.
pub(crate) const NOW: i64 = 1_790_000_000_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Vectors {
    pub(crate) format: u8,
    pub(crate) now: i64,
    /// The rows that the cases are of.
    pub(crate) rows: Vec<String>,
    pub(crate) keys: BTreeMap<String, Vec<GivenKey>>,
    pub(crate) cases: Vec<Case>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GivenKey {
    pub(crate) name: String,
    pub(crate) key: String,
    /// Absent: nothing is known of the key any more, or another one's record knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) record: Option<Record>,
}

/// A record as the npm package takes it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Record {
    pub(crate) id: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) digests: Vec<GivenDigest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) digest: Option<String>,
    pub(crate) account: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) level: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) scopes: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) constraints: BTreeMap<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct GivenDigest {
    pub(crate) digest: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<i64>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) row: String,
    /// Begins with the row.
    pub(crate) name: String,
    pub(crate) profile: String,
    /// Which of the keys the case is about; the request holds it in full where it holds it at all.
    pub(crate) key: String,
    pub(crate) request: Request,
    /// By dimension: a text, a number, or a list of them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) context: BTreeMap<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) now: Option<i64>,
    pub(crate) expect: Expect,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) headers: BTreeMap<String, String>,
}

/// With `allowed`: `keyId`, `level` of a key that has one, and `scopes` unless it opens everything. Otherwise:
/// `reason`, `status`, and `noted` where the reply says what to use instead.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Expect {
    pub(crate) allowed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) level: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scopes: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) noted: bool,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "what serde asks for in skip_serializing_if"
)]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// Reads the file; members that are not known here are errors, so that a misspelt one is no case less.
pub(crate) fn read() -> Vectors {
    let vectors: Vectors =
        serde_json::from_str(TEXT).expect("the shape that tests/vectors/README.md describes");
    assert_eq!((vectors.format, vectors.now), (1, NOW));
    vectors
}

/// The file: a line for each key and each case.
pub(crate) fn write(sheets: &[Sheet]) -> String {
    let cases = || sheets.iter().flat_map(|sheet| &sheet.cases);
    let rows: BTreeSet<_> = cases().map(|case| (order(&case.row), &*case.row)).collect();
    let rows: Vec<&str> = rows.into_iter().map(|(_, row)| row).collect();
    let mut out = format!("{{\n  \"format\": 1,\n  \"now\": {NOW},\n");
    writeln!(out, "  \"rows\": {},\n  \"keys\": {{", line(&rows)).expect("a string grows");
    let keys = sheets.iter().map(|sheet| {
        let keys: Vec<_> = sheet
            .keys
            .iter()
            .map(|key| format!("      {}", line(key)))
            .collect();
        format!("    \"{}\": [\n{}\n    ]", sheet.profile, keys.join(",\n"))
    });
    out.push_str(&keys.collect::<Vec<_>>().join(",\n"));
    out.push_str("\n  },\n  \"cases\": [\n");
    let cases: Vec<_> = cases().map(|case| format!("    {}", line(case))).collect();
    out.push_str(&cases.join(",\n"));
    out.push_str("\n  ]\n}\n");
    out
}

/// As docs/systems.md has the rows: by system, by number, and what has none at the end.
fn order(row: &str) -> (Option<usize>, u32) {
    let (system, number) = row.split_at(1);
    ("EMOSIK".find(system), number.parse().unwrap_or(u32::MAX))
}

fn line(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain JSON")
}

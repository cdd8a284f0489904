//! The members of a profile's TOML, as they are written; those of `[[fields]]` and `[lifecycle]` stand beside their
//! checks (`fields`, `lifecycle`). Everything that can be wrong keeps its place, so that a mistake can be shown by its
//! line. The JSON Schema (`docs/profile.schema.json`) is made of these types and their comments.

use std::collections::BTreeMap;

#[cfg(feature = "server")]
use schemars::JsonSchema;
use serde::Deserialize;

use super::fields::NamedField;
use super::lifecycle::LifecycleRules;
use super::limits::DEFAULT_MAX_VALUES;
#[cfg(feature = "server")]
use super::limits::{MAX_COST, MAX_HELP, MAX_TITLE, MAX_VALUES, SCHEMA_VERSION};
use super::management::Wire;

/// A value and where it stands.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct At<T>(toml::Spanned<T>);

impl<T> At<T> {
    pub(super) fn get(&self) -> &T {
        self.0.get_ref()
    }

    pub(super) fn into_inner(self) -> T {
        self.0.into_inner()
    }

    /// Where it begins, in bytes from the start of the document.
    pub(super) fn place(&self) -> usize {
        self.0.span().start
    }
}

/// In a schema, a value is what it is without its place.
#[cfg(feature = "server")]
impl<T: JsonSchema> JsonSchema for At<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> std::borrow::Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        T::json_schema(generator)
    }
}

/// A text and where it stands.
pub(super) type Text = At<Box<str>>;

/// The rules of one published API whose keys Keyward issues and verifies.
#[derive(Debug, Deserialize)]
#[cfg_attr(
    feature = "server",
    derive(JsonSchema),
    schemars(title = "Keyward profile")
)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    /// The version of this schema: 1.
    #[cfg_attr(feature = "server", schemars(range(min = SCHEMA_VERSION, max = SCHEMA_VERSION)))]
    #[expect(dead_code, reason = "it is read by itself, before everything else")]
    pub(super) schema_version: At<u16>,
    /// The profile's name in code, on the command line and in HTTP.
    #[cfg_attr(feature = "server", schemars(regex(pattern = NAME)))]
    pub(super) id: Text,
    /// What people call the system.
    #[cfg_attr(feature = "server", schemars(length(max = MAX_TITLE)))]
    pub(super) title: Text,
    /// What the profile covers, in a sentence or two.
    #[cfg_attr(feature = "server", schemars(length(max = MAX_HELP)))]
    pub(super) description: Option<Text>,
    /// The wire format in which keys can be managed at their own API's paths, besides Keyward's own.
    pub(super) dialect: Option<At<Wire>>,
    /// What a list of keys shows, in order: fields, constraints, and `key`, `id`, `level`, `status`, `subject`,
    /// `created_by`, `created_at`, `updated_at`, `expires_at`, `last_used_at`. A page has an order of its own, if left
    /// out.
    #[cfg_attr(feature = "server", schemars(length(min = 1), inner(regex(pattern = NAME))))]
    pub(super) columns: Option<At<Vec<Text>>>,
    /// What the keys look like.
    pub(super) key: At<Key>,
    /// How keys arrive.
    pub(super) request: Request,
    /// The named permissions; at most 128.
    #[serde(default)]
    pub(super) scopes: Vec<At<NamedScope>>,
    /// What can be chosen when a key is made; at least one.
    #[cfg_attr(feature = "server", schemars(length(min = 1)))]
    pub(super) levels: At<Vec<At<NamedLevel>>>,
    /// Which scope a call needs. A call that no rule lists is open only to levels with `everything`.
    #[serde(default)]
    pub(super) routes: Vec<At<Routes>>,
    /// What a call is about and a key can be limited in; at most 32.
    #[serde(default)]
    pub(super) constraints: Vec<At<NamedDimension>>,
    /// What is filled in when a key is made.
    #[serde(default)]
    pub(super) fields: Vec<At<NamedField>>,
    /// What time and people do to a key.
    #[serde(default)]
    pub(super) lifecycle: LifecycleRules,
    /// The system's own names of rights over an account, each with the rights of Keyward's that it stands for:
    /// `"Manage keys" = ["keys.read", "keys.write"]`.
    #[cfg_attr(
        feature = "server",
        schemars(extend(
            "additionalProperties" = { "type": "array", "items": { "type": "string", "pattern": NAME }, "minItems": 1 }
        ))
    )]
    #[serde(default)]
    pub(super) privileges: BTreeMap<Box<str>, At<Vec<Text>>>,
    /// The system's own words for pages, by Keyward's word for the thing.
    #[serde(default)]
    pub(super) vocabulary: BTreeMap<Box<str>, Text>,
}

/// The JSON Schema pattern of names.
#[cfg(feature = "server")]
pub(super) const NAME: &str = "^[a-z0-9][a-z0-9_.-]{0,63}$";
/// The JSON Schema pattern of scopes that may hold `*`.
#[cfg(feature = "server")]
const SCOPES: &str = r"^(\*|[a-z0-9_-]+)(\.(\*|[a-z0-9_-]+))*$";

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "server", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Key {
    #[serde(default)]
    pub(super) format: Format,
    /// What stands before `_` and the random part, such as `em_live`: ASCII letters and digits, words joined by `_`, at
    /// most 20 characters. Needed for `checksummed`, and for it alone.
    #[cfg_attr(
        feature = "server",
        schemars(length(max = 20), regex(pattern = "^[A-Za-z0-9]+(_[A-Za-z0-9]+)*$"))
    )]
    pub(super) prefix: Option<Text>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[cfg_attr(feature = "server", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(super) enum Format {
    /// `<prefix>_`, 30 random characters and six that check them.
    #[default]
    Checksummed,
    /// Base64 of the account's number, a colon and 40 hexadecimal digits.
    AccountHex,
    /// Any printable string without spaces, at most 256 bytes: keys that come from elsewhere.
    Opaque,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "server", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    /// Where in a request a key may stand, in order of preference: `basic_password`, `basic_whole`, `bearer`,
    /// `header(x-api-key)`. The two of Basic exclude each other, and at most three headers may be named.
    #[cfg_attr(
        feature = "server",
        schemars(
            length(min = 1),
            inner(regex(
                pattern = r"^(basic_password|basic_whole|bearer|header\([!#$%&'*+.^_`|~0-9a-z-]{1,64}\))$"
            ))
        )
    )]
    pub(super) transports: At<Vec<Text>>,
    /// The realm that `WWW-Authenticate` names: printable ASCII without quotes and backslashes.
    #[cfg_attr(feature = "server", schemars(length(max = MAX_TITLE), regex(pattern = r"^[ !#-\[\]-~]*$")))]
    pub(super) realm: Text,
    /// The path that every route begins with: empty, or like `/api`.
    pub(super) base_path: Option<Text>,
    /// Whether a segment such as `v1` may stand between base path and route.
    #[serde(default)]
    pub(super) version_segment: bool,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "server", derive(JsonSchema), schemars(rename = "Scope"))]
#[serde(deny_unknown_fields)]
pub(super) struct NamedScope {
    /// The name, its segments joined by dots: `contacts.read`.
    #[cfg_attr(feature = "server", schemars(regex(pattern = NAME)))]
    pub(super) id: Text,
    /// What people read.
    #[cfg_attr(feature = "server", schemars(length(max = MAX_TITLE)))]
    pub(super) title: Text,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "server", derive(JsonSchema), schemars(rename = "Level"))]
#[serde(deny_unknown_fields)]
pub(super) struct NamedLevel {
    /// The name in code and HTTP.
    #[cfg_attr(feature = "server", schemars(regex(pattern = NAME)))]
    pub(super) id: Text,
    /// What people read.
    #[cfg_attr(feature = "server", schemars(length(max = MAX_TITLE)))]
    pub(super) title: Text,
    /// A sentence that explains it.
    #[cfg_attr(feature = "server", schemars(length(max = MAX_HELP)))]
    pub(super) help: Option<Text>,
    /// What it grants. `*` stands for one segment: `contacts.*`.
    #[cfg_attr(feature = "server", schemars(inner(regex(pattern = SCOPES))))]
    #[serde(default)]
    pub(super) scopes: Vec<Text>,
    /// Levels whose scopes it takes over.
    #[serde(default)]
    pub(super) includes: Vec<Text>,
    /// Whether it opens every call, listed or not.
    #[serde(default)]
    pub(super) everything: bool,
    /// The rate of keys that have none of their own.
    pub(super) rate: Option<At<LevelRate>>,
}

/// At most `limit` units at once, and as many more in each `window`.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "server", derive(JsonSchema), schemars(rename = "Rate"))]
#[serde(deny_unknown_fields)]
pub(super) struct LevelRate {
    /// How many units: calls, unless their rule says what they cost.
    #[cfg_attr(feature = "server", schemars(range(min = 1)))]
    pub(super) limit: u32,
    /// In how many seconds; 31 days at most.
    #[cfg_attr(feature = "server", schemars(range(min = 1, max = 2_678_400)))]
    pub(super) window: u32,
}

/// Calls that need the same scope, or that no key may make.
#[derive(Debug, Deserialize)]
#[cfg_attr(
    feature = "server",
    derive(JsonSchema),
    schemars(extend("oneOf" = [{ "required": ["scope"] }, { "required": ["closed"] }]))
)]
#[serde(deny_unknown_fields)]
pub(super) struct Routes {
    /// The scope they need. Either this or `closed`.
    #[cfg_attr(feature = "server", schemars(regex(pattern = NAME)))]
    pub(super) scope: Option<Text>,
    /// That no key may make these calls, also none that opens everything, and what to use instead.
    #[cfg_attr(feature = "server", schemars(length(min = 1, max = MAX_HELP)))]
    pub(super) closed: Option<Text>,
    /// Whether they are refused while the edge's snapshot is past its fresh time.
    #[serde(default)]
    pub(super) require_fresh: bool,
    /// How many units each takes from the rate limit and the quota; 1 if left out.
    #[cfg_attr(feature = "server", schemars(range(max = MAX_COST)))]
    pub(super) cost: Option<At<u32>>,
    /// The calls: method, space, path pattern, such as `GET /contacts/{id}` or `* /contact-export/**`.
    #[cfg_attr(
        feature = "server",
        schemars(length(min = 1), inner(regex(pattern = r"^(\*|[A-Z-]+) +/")))
    )]
    pub(super) calls: At<Vec<Text>>,
}

#[derive(Debug, Deserialize)]
#[cfg_attr(
    feature = "server",
    derive(JsonSchema),
    schemars(rename = "Constraint")
)]
#[serde(deny_unknown_fields)]
pub(super) struct NamedDimension {
    /// The name in a key's constraints and in the context of a call.
    #[cfg_attr(feature = "server", schemars(regex(pattern = NAME)))]
    pub(super) name: Text,
    /// What people read.
    #[cfg_attr(feature = "server", schemars(length(max = MAX_TITLE)))]
    pub(super) title: Text,
    /// A sentence that explains it.
    #[cfg_attr(feature = "server", schemars(length(max = MAX_HELP)))]
    pub(super) help: Option<Text>,
    pub(super) kind: At<Kind>,
    /// The scopes whose calls are about it; every call if left out. `*` stands for one segment.
    #[cfg_attr(feature = "server", schemars(length(min = 1), inner(regex(pattern = SCOPES))))]
    pub(super) applies_to: Option<At<Vec<Text>>>,
    /// The levels whose keys may be limited in it; all if left out.
    #[cfg_attr(feature = "server", schemars(length(min = 1)))]
    pub(super) levels: Option<At<Vec<Text>>>,
    /// The most values that a key may list; 100 if left out.
    #[cfg_attr(feature = "server", schemars(range(min = 1, max = MAX_VALUES)))]
    #[serde(default = "default_max_values")]
    pub(super) max_values: At<u16>,
    /// For texts: the only values there are. Any, if left out or empty.
    #[serde(default)]
    pub(super) values: Vec<Text>,
}

fn default_max_values() -> At<u16> {
    At(toml::Spanned::new(0..0, DEFAULT_MAX_VALUES))
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(feature = "server", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// Whole numbers between −(2⁵³ − 1) and 2⁵³ − 1.
    Integer,
    /// Text, compared byte for byte.
    Text,
    /// Networks such as `192.0.2.0/24`, against which the client's address is held, on every call.
    Network,
}

/// The JSON Schema of this page.
#[cfg(feature = "server")]
pub(super) fn json_schema() -> schemars::Schema {
    let mut settings = schemars::generate::SchemaSettings::draft2020_12();
    settings.transforms.push(Box::new(without_null));
    settings.into_generator().into_root_schema_for::<Document>()
}

/// TOML has no null: what may be left out is left out.
#[cfg(feature = "server")]
fn without_null(schema: &mut schemars::Schema) {
    use serde_json::Value;

    schemars::transform::transform_subschemas(&mut without_null, schema);
    let Some(members) = schema.as_object_mut() else {
        return;
    };
    if let Some(Value::Array(types)) = members.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = &types[..] {
            let only = only.clone();
            members.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(choices)) = members.get_mut("anyOf") {
        choices.retain(|choice| choice["type"] != "null");
        if let [Value::Object(only)] = &choices[..] {
            let only = only.clone();
            members.remove("anyOf");
            members.extend(only);
        }
    }
}

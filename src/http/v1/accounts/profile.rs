//! `GET /v1/keyspaces/{keyspace}/accounts/{account}/profile`: what a form needs to know in order to make a key. An
//! account's own administrator sees no keyspace as a whole, and has to fill in that form all the same.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::{Dimension, Level};
use crate::http::App;
use crate::http::caller::Caller;
use crate::http::openapi::Refusals;
use crate::http::parameters::Segments;
use crate::http::problem::{Problem, Table};
use crate::http::v1::keys::{AccountSegments, RateBody};
use crate::profile::{Field, Lifecycle, Profile, Uniqueness};
use crate::service::{AccountPath, Code};

const STATUS: Table = Table(&[(Code::NotFound, StatusCode::NOT_FOUND)]);

/// The rules by which the keys of an account are made.
#[derive(Serialize, ToSchema)]
pub(super) struct ProfileBody {
    /// The id of the profile.
    #[schema(example = "esputnik")]
    id: String,
    /// What people read.
    title: String,
    description: String,
    /// The access levels, of which a key has one.
    levels: Vec<LevelBody>,
    /// What is filled in when a key is made. People know a key by the first of them.
    fields: Vec<FieldBody>,
    /// What a key can be limited in.
    constraints: Vec<DimensionBody>,
    lifecycle: LifecycleBody,
    /// The columns of a list of keys, in their order.
    columns: Vec<String>,
    /// The system's own words for pages, by Keyward's word for the thing.
    vocabulary: BTreeMap<String, String>,
}

/// An access level.
#[derive(Serialize, ToSchema)]
struct LevelBody {
    id: String,
    /// What people read.
    title: String,
    /// A sentence that explains it; may be empty.
    help: String,
    /// How often its keys may be used, unless they say otherwise.
    #[schema(required)]
    rate: Option<RateBody>,
}

/// Something that is filled in when a key is made.
#[derive(Serialize, ToSchema)]
struct FieldBody {
    /// The member's name.
    name: String,
    /// What people read.
    label: String,
    /// A sentence that explains it; may be empty.
    help: String,
    required: bool,
    /// The most characters that it may have.
    max_length: u16,
    /// `text` or `email`.
    kind: &'static str,
    /// Where its value may not stand twice: among the keys of the `account`, or among the active ones of
    /// `account_and_level`.
    #[schema(required)]
    unique: Option<&'static str>,
    /// How many of its characters a list shows; null for all of them.
    #[schema(required)]
    shown_characters: Option<u16>,
}

/// Something that a key can be limited in.
#[derive(Serialize, ToSchema)]
struct DimensionBody {
    name: String,
    /// What people read.
    title: String,
    /// A sentence that explains it; may be empty.
    help: String,
    /// `integer`, `text` or `network`.
    kind: &'static str,
    /// The levels whose keys may be limited in it; null for all.
    #[schema(required)]
    levels: Option<Vec<String>>,
    /// The most values that a key may list.
    max_values: u16,
    /// The only values there are; empty for any.
    values: Vec<String>,
}

/// What time and people do to a key.
#[derive(Serialize, ToSchema)]
struct LifecycleBody {
    /// A key that was not used for so many days is disabled; null for never.
    #[schema(required)]
    idle_disable_days: Option<u16>,
    /// The lifetimes in days of which one has to be chosen; empty for any.
    expires_in_days: Vec<u16>,
    /// The longest lifetime in days; null for any, and no end.
    #[schema(required)]
    max_expires_in_days: Option<u16>,
    /// For how many days at most the secret before a rotation may still count.
    rotation_grace_days: u16,
    /// How many days before its end a key's owner is told; null for never.
    #[schema(required)]
    notice_days: Option<u16>,
    /// Whether a key that was switched off can be switched on again.
    reversible: bool,
    /// Whether a key can be shown again after it was made.
    recoverable: bool,
}

#[utoipa::path(get, path = "/v1/keyspaces/{keyspace}/accounts/{account}/profile", tag = "accounts",
    summary = "Show the rules for an account's keys",
    description = "The levels, fields, constraints and lifetimes to choose from when a key is made. Needs `keys.read`.",
    params(AccountSegments),
    responses((status = 200, description = "The rules", body = ProfileBody), Refusals))]
pub(super) async fn show_account_profile(
    State(app): State<App>,
    Caller(caller): Caller,
    Segments(segments): Segments<AccountSegments>,
) -> Result<Json<ProfileBody>, Problem> {
    let path = AccountPath::from(segments);
    let profile = app
        .read(STATUS, move |service| {
            service.account_profile(&caller, &path)
        })
        .await?;
    Ok(Json(ProfileBody::from(&profile)))
}

impl From<&Profile> for ProfileBody {
    fn from(profile: &Profile) -> Self {
        let constraints = profile.dimensions().iter();
        let vocabulary = profile.vocabulary().iter();
        Self {
            id: profile.id().to_owned(),
            title: profile.title().to_owned(),
            description: profile.description().to_owned(),
            levels: profile.levels().iter().map(LevelBody::from).collect(),
            fields: profile.fields().iter().map(FieldBody::from).collect(),
            constraints: constraints
                .map(|dimension| DimensionBody::of(profile, dimension))
                .collect(),
            lifecycle: profile.lifecycle().into(),
            columns: texts(profile.columns()),
            vocabulary: vocabulary
                .map(|(word, text)| (word.to_string(), text.to_string()))
                .collect(),
        }
    }
}

impl From<&Level> for LevelBody {
    fn from(level: &Level) -> Self {
        Self {
            id: level.id.to_string(),
            title: level.title.to_string(),
            help: level.help.to_string(),
            rate: level.rate.map(RateBody::from),
        }
    }
}

impl From<&Field> for FieldBody {
    fn from(field: &Field) -> Self {
        Self {
            name: field.name.to_string(),
            label: field.label.to_string(),
            help: field.help.to_string(),
            required: field.required,
            max_length: field.max_length,
            kind: field.kind.as_str(),
            unique: field.unique.map(Uniqueness::as_str),
            shown_characters: field.shown_characters,
        }
    }
}

impl DimensionBody {
    fn of(profile: &Profile, dimension: &Dimension) -> Self {
        let levels = dimension.levels.iter();
        let levels = levels.filter_map(|&level| profile.levels().get(usize::from(level)));
        let levels = levels.map(|level| level.id.to_string()).collect::<Vec<_>>();
        Self {
            name: dimension.name.to_string(),
            title: dimension.title.to_string(),
            help: dimension.help.to_string(),
            kind: dimension.kind.as_str(),
            levels: Some(levels).filter(|levels| !levels.is_empty()),
            max_values: dimension.max_values,
            values: texts(&dimension.values),
        }
    }
}

impl From<&Lifecycle> for LifecycleBody {
    fn from(lifecycle: &Lifecycle) -> Self {
        Self {
            idle_disable_days: lifecycle.idle_disable_days,
            expires_in_days: lifecycle.expires_in_days.clone(),
            max_expires_in_days: lifecycle.max_expires_in_days,
            rotation_grace_days: lifecycle.rotation_grace_days,
            notice_days: lifecycle.notice_days,
            reversible: lifecycle.reversible,
            recoverable: lifecycle.recoverable,
        }
    }
}

fn texts(texts: &[Box<str>]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

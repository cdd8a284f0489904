//! Constraints and rates as JSON. A dimension is `"all"` or a list of values; a list without values is neither, and
//! refused.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::{Constraint, ConstraintValue};
use crate::http::body::Unique;
use crate::http::problem::Problem;
use crate::key::misplaced;
use crate::limit::Rate;

/// What a key may use of one dimension.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(in crate::http::v1) enum ConstraintBody {
    /// Every value, also those that are added later.
    All(AllBody),
    /// These values alone; at least one.
    Only(Vec<ConstraintValueBody>),
}

/// The word for no limit.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::http::v1) enum AllBody {
    /// Every value.
    All,
}

/// One value: a number of an integer dimension; a text, also for networks (`192.0.2.0/24`).
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(in crate::http::v1) enum ConstraintValueBody {
    /// Of an integer dimension.
    Integer(i64),
    /// Of a text or network dimension.
    Text(String),
}

/// How often a key may be used.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http::v1) struct RateBody {
    /// So many units at once, and so many more in each window, evenly.
    #[schema(minimum = 1, example = 100)]
    limit: u32,
    /// The window.
    #[schema(minimum = 1, maximum = 2_678_400, example = 60)]
    window_seconds: u32,
}

/// Constraints by dimension, each dimension once.
pub(super) type Constraints = Unique<ConstraintBody>;

impl Constraints {
    /// The same for the service.
    pub(super) fn read(self) -> Result<BTreeMap<String, Constraint>, Problem> {
        let read = self.0.into_iter().map(|(dimension, body)| match body {
            ConstraintBody::All(AllBody::All) => Ok((dimension, Constraint::All)),
            ConstraintBody::Only(values) => match Constraint::only(values) {
                Ok(only) => Ok((dimension, only)),
                Err(error) => Err(Problem::invalid_field(
                    &format!("constraints.{}", misplaced::shown(&dimension)),
                    error.message(),
                )),
            },
        });
        read.collect()
    }
}

impl RateBody {
    /// The same for the service.
    pub(super) fn read(self) -> Result<Rate, Problem> {
        Rate::new(self.limit, self.window_seconds)
            .map_err(|error| Problem::invalid_field("rate", error.message()))
    }
}

impl From<Rate> for RateBody {
    fn from(rate: Rate) -> Self {
        Self {
            limit: rate.limit(),
            window_seconds: rate.window_seconds(),
        }
    }
}

/// Constraints as they go out.
pub(in crate::http::v1) fn bodies(
    constraints: &BTreeMap<String, Constraint>,
) -> BTreeMap<String, ConstraintBody> {
    let bodies = constraints
        .iter()
        .map(|(dimension, constraint)| (dimension.clone(), constraint.into()));
    bodies.collect()
}

impl From<&Constraint> for ConstraintBody {
    fn from(constraint: &Constraint) -> Self {
        match constraint {
            Constraint::All => Self::All(AllBody::All),
            Constraint::Only(values) => {
                let values = values.as_slice().iter().map(|value| match value {
                    ConstraintValue::Integer(number) => ConstraintValueBody::Integer(*number),
                    ConstraintValue::Text(text) => ConstraintValueBody::Text(text.to_string()),
                });
                Self::Only(values.collect())
            }
        }
    }
}

impl From<ConstraintValueBody> for ConstraintValue {
    fn from(value: ConstraintValueBody) -> Self {
        match value {
            ConstraintValueBody::Integer(number) => Self::Integer(number),
            ConstraintValueBody::Text(text) => Self::Text(text.into()),
        }
    }
}

impl<'de> Deserialize<'de> for ConstraintBody {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct AllOrValues;

        impl<'de> Visitor<'de> for AllOrValues {
            type Value = ConstraintBody;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"all\" or a list of values")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<ConstraintBody, E> {
                match text {
                    "all" => Ok(ConstraintBody::All(AllBody::All)),
                    _ => Err(E::custom("expected \"all\" or a list of values")),
                }
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<ConstraintBody, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = list.next_element()? {
                    values.push(value);
                }
                Ok(ConstraintBody::Only(values))
            }
        }

        input.deserialize_any(AllOrValues)
    }
}

impl<'de> Deserialize<'de> for ConstraintValueBody {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct NumberOrText;

        impl Visitor<'_> for NumberOrText {
            type Value = ConstraintValueBody;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number or a text")
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<ConstraintValueBody, E> {
                Ok(ConstraintValueBody::Integer(number))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<ConstraintValueBody, E> {
                i64::try_from(number)
                    .map(ConstraintValueBody::Integer)
                    .map_err(|_| E::custom("the number is too large"))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<ConstraintValueBody, E> {
                Ok(ConstraintValueBody::Text(text.to_owned()))
            }
        }

        input.deserialize_any(NumberOrText)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<BTreeMap<String, Constraint>, String> {
        let constraints = serde_json::from_str::<Constraints>(text).map_err(|e| e.to_string())?;
        constraints.read().map_err(|problem| format!("{problem:?}"))
    }

    #[test]
    fn all_and_only_are_told_apart_and_nothing_is_neither() {
        let text = r#"{"channel":"all","sending_domain_id":[7,-1],"ip":["192.0.2.0/24"]}"#;
        let constraints = read(text).expect("well formed");
        assert_eq!(constraints["channel"], Constraint::All);
        assert_eq!(
            constraints["sending_domain_id"],
            Constraint::only([7, -1]).expect("values")
        );
        assert_eq!(
            serde_json::to_string(&bodies(&constraints)).expect("JSON"),
            r#"{"channel":"all","ip":["192.0.2.0/24"],"sending_domain_id":[7,-1]}"#
        );
        assert!(read("{}").expect("none").is_empty());
    }

    #[test]
    fn what_could_be_misread_is_refused() {
        for text in [
            r#"{"channel":[]}"#,
            r#"{"channel":null}"#,
            r#"{"channel":"ALL"}"#,
            r#"{"channel":""}"#,
            r#"{"channel":"email"}"#,
            r#"{"channel":true}"#,
            r#"{"channel":{}}"#,
            r#"{"channel":[1.5]}"#,
            r#"{"channel":[9223372036854775808]}"#,
            r#"{"channel":[null]}"#,
            r#"{"channel":[["email"]]}"#,
            r#"{"channel":"all","channel":["email"]}"#,
            "[]",
            "null",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(read(r#"{"channel":[]}"#).is_err_and(|why| why.contains("constraints.channel")));
    }

    #[test]
    fn a_rate_has_two_numbers_that_make_sense() {
        let read = |text: &str| {
            let rate = serde_json::from_str::<RateBody>(text).map_err(|e| e.to_string())?;
            rate.read().map_err(|problem| format!("{problem:?}"))
        };
        assert_eq!(
            read(r#"{"limit":100,"window_seconds":60}"#),
            Ok(Rate::new(100, 60).expect("a rate"))
        );
        for text in [
            r#"{"limit":0,"window_seconds":60}"#,
            r#"{"limit":1,"window_seconds":0}"#,
            r#"{"limit":1}"#,
            r#"{"limit":1,"window_seconds":60,"burst":1}"#,
            r#"{"limit":1,"limit":1,"window_seconds":60}"#,
            r#"{"limit":-1,"window_seconds":60}"#,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}

//! How the vectors are written down (tests/vectors/README.md), and nothing about what they say.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keyward::profile::Profile;
use keyward::time::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Reads a file whose members are all known here, so that a misspelt one is an error and not a case less.
pub(crate) fn read<T: DeserializeOwned>(json: &str) -> T {
    serde_json::from_str(json).expect("a vector file of the shape that its README describes")
}

/// The profile `esputnik`, compiled: wasm has no parser for the other form.
pub(crate) fn profile() -> Profile {
    Profile::decode(&base64(include_str!("../vectors/esputnik.profile")))
        .expect("a compiled profile of this version")
}

/// Bytes written in base64.
pub(crate) fn base64(text: &str) -> Vec<u8> {
    STANDARD.decode(text.trim_end()).expect("base64")
}

/// What each `…` of a case stands for.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Fill(String, usize);

impl Fill {
    /// The text with every `…` replaced.
    pub(crate) fn text(fill: Option<&Self>, text: &str) -> String {
        match fill {
            Some(Self(unit, times)) => text.replace('…', &unit.repeat(*times)),
            None => text.to_owned(),
        }
    }

    /// A byte string: one character a byte, U+0000 to U+00FF, as in JavaScript's `Headers`.
    pub(crate) fn bytes(fill: Option<&Self>, text: &str) -> Vec<u8> {
        let byte = |character| u8::try_from(character).expect("U+0000 to U+00FF");
        Self::text(fill, text).chars().map(byte).collect()
    }
}

/// A number of JavaScript; those that JSON lacks are written as text.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Number {
    Finite(f64),
    Other(String),
}

impl Number {
    /// The instant, where the number gives one.
    pub(crate) fn instant(&self) -> Option<Timestamp> {
        Timestamp::from_js(match self {
            Self::Finite(number) => *number,
            Self::Other(text) => match text.as_str() {
                "NaN" => f64::NAN,
                "Infinity" => f64::INFINITY,
                "-Infinity" => f64::NEG_INFINITY,
                _ => panic!("{text:?} is no number"),
            },
        })
    }
}

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

/// A profile by its name, compiled: wasm has no parser for the other form.
pub(crate) fn profile(name: &str) -> Profile {
    let compiled = match name {
        "esputnik" => include_str!("../vectors/esputnik.profile"),
        "accounts" => include_str!("../vectors/accounts.profile"),
        "mailroom" => include_str!("../vectors/mailroom.profile"),
        "imported" => include_str!("../vectors/imported.profile"),
        _ => panic!("there is no profile {name:?}"),
    };
    Profile::decode(&base64(compiled)).expect("a compiled profile of this version")
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

/// The headers of a request by name: values of `Authorization`, and others with their names.
pub(crate) fn headers<'a>(
    authorization: &'a [String],
    others: &'a [(String, String)],
    fill: Option<&Fill>,
) -> Vec<(&'a str, Vec<u8>)> {
    let authorization = authorization.iter().map(|value| ("Authorization", value));
    let others = others.iter().map(|(name, value)| (&**name, value));
    authorization
        .chain(others)
        .map(|(name, value)| (name, Fill::bytes(fill, value)))
        .collect()
}

/// The same headers as a verifier takes them.
pub(crate) fn borrowed<'a>(headers: &'a [(&'a str, Vec<u8>)]) -> Vec<(&'a str, &'a [u8])> {
    headers
        .iter()
        .map(|(name, value)| (*name, &**value))
        .collect()
}

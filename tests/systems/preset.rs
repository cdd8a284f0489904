//! The presets, compiled: wasm has no parser for the other form.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keyward::profile::{Field, Profile};

pub(crate) fn read(name: &str) -> Profile {
    let text = match name {
        "esputnik" => include_str!("../vectors/esputnik.profile"),
        "emailit" => include_str!("../vectors/emailit.profile"),
        "optimove" => include_str!("../vectors/optimove.profile"),
        "smashfly" => include_str!("../vectors/smashfly.profile"),
        "inboxfirst" => include_str!("../vectors/inboxfirst.profile"),
        "keyward" => include_str!("../vectors/keyward.profile"),
        _ => panic!("there is no preset {name:?}"),
    };
    let bytes = STANDARD.decode(text.trim_end()).expect("base64");
    Profile::decode(&bytes).expect("a compiled profile of this version")
}

/// The system's text for one of Keyward's words.
pub(crate) fn word<'a>(profile: &'a Profile, word: &str) -> &'a str {
    profile
        .vocabulary()
        .iter()
        .find(|(known, _)| **known == *word)
        .map_or_else(
            || panic!("{} lacks {word:?}", profile.id()),
            |(_, text)| text,
        )
}

/// That pages find these words, each of them said in some way.
pub(crate) fn has_words(profile: &Profile, words: &[&str]) {
    for each in words {
        assert!(!word(profile, each).trim().is_empty(), "{each}");
    }
}

pub(crate) fn field<'a>(profile: &'a Profile, name: &str) -> &'a Field {
    profile
        .fields()
        .iter()
        .find(|field| *field.name == *name)
        .unwrap_or_else(|| panic!("{} lacks field {name:?}", profile.id()))
}

/// Ids and titles of the levels, in order.
pub(crate) fn levels(profile: &Profile) -> Vec<(&str, &str)> {
    profile
        .levels()
        .iter()
        .map(|level| (&*level.id, &*level.title))
        .collect()
}

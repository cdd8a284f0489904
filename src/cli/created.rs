//! What is shown once: new keys, tokens and links. Alone on stdout, so that a script takes it as it is; the words
//! around it go to stderr.

use clap::Args;

use super::Failure;
use super::client::{Answer, Item, Shown};
use super::output::{deliver, indented, tell};
use super::record;
use crate::env::{Entropy as _, SystemEntropy};

/// Lets an answer be had again that was lost on its way.
#[derive(Args)]
pub(super) struct Once {
    /// Does it once however often it is asked for under this text, and shows the same answer for 24 hours [default: a
    /// new random one]
    #[arg(long, value_name = "TEXT")]
    idempotency_key: Option<String>,
}

impl Once {
    pub(super) fn key(&self) -> String {
        self.idempotency_key.clone().unwrap_or_else(|| {
            let mut bytes = [0; 16];
            SystemEntropy.fill(&mut bytes);
            format!("{:032x}", u128::from_be_bytes(bytes))
        })
    }
}

/// Where in an answer the secret is, and what it is called.
pub(super) struct Words {
    /// The members that hold the secret; the last that is there is shown, being the most of use.
    pub(super) secrets: &'static [&'static str],
    /// The member that holds the record.
    pub(super) record: &'static str,
    /// What people call it.
    pub(super) noun: &'static str,
}

pub(super) const KEY: Words = Words {
    secrets: &["key"],
    record: "record",
    noun: "key",
};

/// Prints a new secret and what belongs to it.
pub(super) fn show(answer: &Answer, words: &Words, json: bool) -> Result<(), Failure> {
    let told = format!("The {}, shown this once; keep it now:", words.noun);
    print(answer, words, json, &told).map_err(|error| {
        let noun = words.noun;
        Failure::failed(format!(
            "the {noun} was made and could not be written to stdout: {error}\n  Make another one, and take this one out of use."
        ))
    })
}

/// Prints a secret that can be shown again, and what belongs to it.
pub(super) fn show_again(answer: &Answer, words: &Words, json: bool) -> Result<(), Failure> {
    let told = format!("The {}:", words.noun);
    print(answer, words, json, &told).map_err(Failure::failed)
}

fn print(answer: &Answer, words: &Words, json: bool, told: &str) -> Result<(), Failure> {
    if json {
        return deliver(&indented(answer.text(), 0)).map_err(Failure::failed);
    }
    let members = answer.members()?;
    if let Some(record) = members.get(words.record) {
        tell(&record::page(&Item::read(record)?.filled()));
    }
    let mut present = words.secrets.iter().filter_map(|name| members.get(name));
    let Some(secret) = present.rfind(|raw| raw.get() != "null") else {
        tell(&format!(
            "The {} itself was shown when it was made, and is not shown again.",
            words.noun
        ));
        return Ok(());
    };
    let Shown(secret) = serde_json::from_str(secret.get()).map_err(Failure::failed)?;
    tell(told);
    deliver(secret.expose()).map_err(Failure::failed)
}

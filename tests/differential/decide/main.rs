//! The native half of tests/differential: reads a world with its questions from each line of standard input, as JSON,
//! and writes what the library answers to standard output, a line for each.

mod given;
mod told;

use std::io::{self, BufRead as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use given::{Asked, GivenProfile, GivenRecord, Question, World};
use keyward::error::Error;
use keyward::key::Pepper;
use keyward::limit::MemoryLimiter;
use keyward::profile::Profile;
use keyward::snapshot::{PublicKey, Snapshot};
use keyward::time::Timestamp;
use keyward::verify::{Decision, Reason, Verifier};
use serde::Serialize;
use told::{Answer, KeyAnswer};

#[derive(Serialize)]
#[serde(untagged)]
enum Reply {
    Refused {
        error: &'static str,
        message: String,
    },
    Answers {
        /// The profile as the edge takes it, in base64.
        profile: String,
        answers: Vec<Answer>,
        keys: Vec<KeyAnswer>,
    },
}

fn main() {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let line = line.expect("UTF-8");
        let world: World =
            serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error} in {line}"));
        let reply = world.answer().unwrap_or_else(|error| Reply::Refused {
            error: error.code().as_str(),
            message: error.to_string(),
        });
        serde_json::to_writer(&mut out, &reply).expect("a reader");
        writeln!(out).expect("a reader");
        out.flush().expect("a reader");
    }
}

impl World {
    fn answer(&self) -> Result<Reply, Error> {
        let profile = match &self.profile {
            GivenProfile::Preset(name) => Profile::preset(name).expect("a preset"),
            GivenProfile::Toml(text) => Profile::from_toml(text)?,
        };
        let compiled = profile.compile();
        let keys = self
            .keys
            .iter()
            .map(|key| KeyAnswer::of(&profile, key))
            .collect();
        let verifier = self.verifier(profile)?;
        let limiter = MemoryLimiter::default();
        let answers = self
            .questions
            .iter()
            .map(|question| question.answer(&verifier, &limiter));
        Ok(Reply::Answers {
            profile: STANDARD.encode(compiled),
            answers: answers.collect(),
            keys,
        })
    }

    fn verifier(&self, profile: Profile) -> Result<Verifier, Error> {
        let peppers = self.peppers.iter().map(|(id, secret)| {
            Pepper::new(id.parse().expect("a good id"), secret.as_bytes()).expect("a good secret")
        });
        let peppers: Vec<_> = peppers.collect();
        let Some(snapshot) = &self.snapshot else {
            let records = self
                .records
                .iter()
                .map(GivenRecord::read)
                .collect::<Result<Vec<_>, _>>()?;
            return Verifier::builder(profile)
                .records(records)
                .peppers(peppers)
                .build();
        };
        let bytes = |text: &str| STANDARD.decode(text).expect("base64");
        let root = bytes(&snapshot.root).try_into().expect("32 bytes");
        let (head, shard) = (bytes(&snapshot.head), bytes(&snapshot.shard));
        let roots = [PublicKey::from_bytes(root)];
        Snapshot::open(&head, shard, &roots, None, (0, 0), peppers)
            .map(|snapshot| snapshot.verifier)
    }
}

impl Question {
    fn answer(&self, verifier: &Verifier, limiter: &MemoryLimiter) -> Answer {
        let Ok(of_key) = self.ask.of_key(verifier) else {
            return Answer::NO_HANDLE;
        };
        let Some(now) = self.now.and_then(Timestamp::from_js) else {
            // An instant of this library is one: the clock's step stands at the border.
            return Answer::because(Reason::Internal);
        };
        let decision = self.context.given(|context| match (&self.ask, of_key) {
            (Asked::Request(request), _) => request.decide(verifier, context, now),
            (_, Some((key, ask))) => verifier.verify_key(key.as_bytes(), ask, context, now),
            (_, None) => unreachable!("only requests have no key"),
        });
        match decision {
            Decision::Deny(denial) => Answer::denied(&denial),
            Decision::Allow(grant) => {
                let cost = self.cost.unwrap_or(grant.cost());
                let admit = |rate| (rate, limiter.admit(&grant.key_id(), rate, cost, now));
                match grant.rate().map(admit) {
                    Some((_, outcome)) if !outcome.admitted => Answer::limited(outcome),
                    rate => Answer::allowed(verifier, &grant, cost, rate),
                }
            }
        }
    }
}

//! Rounds of notices under a clock that only the tests move, and a postman who does as he is told.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::*;
use crate::env::{Clock, Entropy, SystemEntropy};
use crate::service::stage::{Hands, open_shop};
use crate::service::{
    AccountPath, CreateKey, CreateKeyspace, DataDirectory, Options, Principal, UpdateKey,
};
use crate::store::{AuditFilter, KeyTransition};

/// Keys of any end, whose owners are told thirty days before.
const PROFILE: &str = r#"
schema_version = 1
id = "zone"
title = "Zone"
[key]
format = "checksummed"
prefix = "zn"
[request]
transports = ["bearer"]
realm = "Zone"
base_path = ""
[[levels]]
id = "all"
title = "Everything"
everything = true
[[fields]]
name = "owner"
label = "Owner"
kind = "email"
max_length = 254
[[fields]]
name = "description"
label = "Description"
max_length = 200
[lifecycle]
notice_days = 30
"#;

/// Keeps what he takes.
#[derive(Default)]
struct Pocket {
    letters: Mutex<Vec<Letter>>,
    /// What he says to the letters for an address instead.
    answers: Mutex<HashMap<String, Undelivered>>,
    /// Why he does not set out.
    closed: Mutex<Option<Undelivered>>,
}

impl Postman for Pocket {
    fn set_out(&self) -> Result<Box<dyn Round + '_>, Undelivered> {
        match self.closed.lock().expect("whole").clone() {
            Some(why) => Err(why),
            None => Ok(Box::new(self)),
        }
    }
}

impl Round for &Pocket {
    fn deliver(&mut self, letter: &Letter) -> Result<(), Undelivered> {
        let answers = self.answers.lock().expect("whole");
        if let Some(answer) = answers.get(&letter.recipient) {
            return Err(answer.clone());
        }
        self.letters.lock().expect("whole").push(letter.clone());
        Ok(())
    }
}

/// A service with a keyspace, in a directory that goes with the value.
struct Place {
    service: Option<Service>,
    clock: Arc<Hands>,
    postman: Arc<Pocket>,
    caller: Principal,
    account: AccountPath,
    path: PathBuf,
}

impl Place {
    fn new(name: &str, profile: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("keyward-notices-{}-{name}", std::process::id()));
        let clock = Arc::<Hands>::default();
        let postman = Arc::new(Pocket::default());
        let service = open(&path, &clock, &postman);
        let rules = CreateKeyspace {
            profile_toml: Some(profile.to_owned()),
            ..CreateKeyspace::default()
        };
        let (caller, account) = open_shop(&service, rules);
        Self {
            service: Some(service),
            clock,
            postman,
            caller,
            account,
            path,
        }
    }

    fn service(&self) -> &Service {
        self.service.as_ref().expect("open")
    }

    fn restart(&mut self) {
        self.service = None;
        self.service = Some(open(&self.path, &self.clock, &self.postman));
    }

    /// A key that ends in so many days, and its id.
    fn key(&self, days: u32, owner: &str) -> String {
        let field = |name: &str, value: &str| (name.to_owned(), Some(value.to_owned()));
        let create = CreateKey {
            fields: BTreeMap::from([field("owner", owner), field("description", "CRM sync")]),
            level: Some("all".to_owned()),
            expires_in_days: Some(days),
            ..CreateKey::default()
        };
        let created = self
            .service()
            .create_key(&self.caller, &self.account, &create, None);
        created.expect("a key").record.id.to_string()
    }

    fn update(&self, id: &str, update: &UpdateKey) {
        let service = self.service();
        service
            .update_key(&self.caller, &self.account, id, update, None)
            .expect("changed");
    }

    fn pass(&self, millis: i64) {
        self.clock.turn(millis);
    }

    fn round(&self) -> Told {
        self.service().tell_owners().expect("a database")
    }

    /// What was taken since the last question.
    fn letters(&self) -> Vec<Letter> {
        std::mem::take(&mut *self.postman.letters.lock().expect("whole"))
    }

    fn answer(&self, owner: &str, answer: Option<Undelivered>) {
        let mut answers = self.postman.answers.lock().expect("whole");
        match answer {
            Some(answer) => drop(answers.insert(owner.to_owned(), answer)),
            None => drop(answers.remove(owner)),
        }
    }

    fn notices(&self) -> Vec<String> {
        let filter = AuditFilter {
            action: Some("key.notice".to_owned()),
            ..AuditFilter::default()
        };
        let entries = self.service().store.audit("shop", &filter, None, 100);
        let entries = entries.expect("an answer").expect("the keyspace");
        assert!(entries.iter().all(|entry| entry.actor == "system"));
        entries.into_iter().map(|entry| entry.details).collect()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.service = None;
        drop(std::fs::remove_dir_all(&self.path));
    }
}

fn open(path: &std::path::Path, clock: &Arc<Hands>, postman: &Arc<Pocket>) -> Service {
    let directory = DataDirectory::open(path).expect("a directory");
    let entropy: Arc<dyn Entropy + Send + Sync> = Arc::new(SystemEntropy);
    let options = Options {
        public_url: Some("https://keys.example.com".to_owned()),
        postman: Some(Arc::clone(postman) as Arc<dyn Postman>),
        ..Options::default()
    };
    Service::open_with(
        directory,
        Arc::clone(clock) as Arc<dyn Clock>,
        entropy,
        options,
    )
    .expect("a service")
}

const fn sent(sent: u64) -> Told {
    Told {
        sent,
        refused: 0,
        failed: 0,
    }
}

#[test]
fn an_owner_is_told_thirty_days_before_and_once() {
    let mut place = Place::new("once", PROFILE);
    let id = place.key(40, "owner@example.org");
    assert_eq!(place.round(), sent(0));
    place.pass(10 * DAY_MILLIS - 1);
    assert_eq!(place.round(), sent(0), "a millisecond early");
    place.pass(1);
    assert_eq!(place.round(), sent(1));
    let letters = place.letters();
    let [letter] = &letters[..] else {
        panic!("{letters:?}");
    };
    let hint = place.service().key(&place.caller, &place.account, &id);
    let hint = hint.expect("a record").hint;
    assert_eq!(letter.recipient, "owner@example.org");
    assert_eq!(letter.subject, "Zone: a key ends on 2026-12-31 20:14 UTC");
    assert_eq!(
        letter.text,
        format!(
            "The key {hint} for Zone ends on 2026-12-31 20:14 UTC, in 30 days.\n\n  \
             Level: Everything\n  Description: CRM sync\n\n{}\n\
             Keys are managed at https://keys.example.com\n{}",
            "If it is still needed, turn to the internal administrator of your organization, who can have the next one \
             made. If it is\nnot, there is nothing to do: it ends by itself.\n\nNobody needs to see the key for that. Send \
             it to nobody.\n",
            "\nThis address is named as the key's contact; the message was written by a program.\n"
        )
    );
    assert_eq!(place.round(), sent(0));
    place.restart();
    place.pass(DAY_MILLIS);
    assert_eq!(place.round(), sent(0), "nor after a restart");
    let notices = place.notices();
    assert_eq!(notices.len(), 1);
    assert!(notices[0].contains(r#""outcome":"sent""#), "{notices:?}");
}

#[test]
fn another_end_is_told_anew_and_another_owner_too() {
    let place = Place::new("moved", PROFILE);
    let id = place.key(20, "owner@example.org");
    assert_eq!(place.round(), sent(1));
    let end = |end: &str| UpdateKey {
        expires_at: Some(Some(end.to_owned())),
        ..UpdateKey::default()
    };
    let first = place.letters();
    place.update(&id, &end("2026-12-20T00:00:00Z"));
    assert_eq!(place.round(), sent(1));
    let second = place.letters();
    assert!(
        second[0].text.contains("2026-12-20 00:00 UTC"),
        "{second:?}"
    );
    assert_ne!(first[0].id, second[0].id);
    place.update(&id, &end("2027-06-01T00:00:00Z"));
    assert_eq!(place.round(), sent(0), "far away by now");
    place.update(&id, &end("2026-12-20T00:00:00Z"));
    assert_eq!(place.round(), sent(0), "of this one it was told");
    place.update(
        &id,
        &UpdateKey {
            fields: BTreeMap::from([("owner".to_owned(), Some("next@example.org".to_owned()))]),
            ..UpdateKey::default()
        },
    );
    assert_eq!(place.round(), sent(1));
    assert_eq!(place.letters()[0].recipient, "next@example.org");
}

#[test]
fn nothing_is_written_of_keys_that_are_off_out_gone_or_over() {
    let place = Place::new("off", PROFILE);
    let (service, caller, account) = (place.service(), &place.caller, &place.account);
    let off = place.key(10, "off@example.org");
    let out = place.key(10, "out@example.org");
    let gone = place.key(10, "gone@example.org");
    place.key(1, "over@example.org");
    for (id, transition) in [
        (&off, KeyTransition::Disable),
        (&out, KeyTransition::Deactivate),
    ] {
        service
            .change_key(caller, account, id, transition, None)
            .expect("changed");
    }
    service
        .delete_key(caller, account, &gone, None)
        .expect("gone");
    place.pass(DAY_MILLIS);
    assert_eq!(place.round(), sent(0));
    assert_eq!(place.letters(), []);
}

#[test]
fn a_server_that_is_down_is_tried_again_and_nobody_is_forgotten() {
    let place = Place::new("down", PROFILE);
    place.key(10, "a@example.org");
    place.key(11, "b@example.org");
    let closed = Undelivered::Closed("connection refused".to_owned());
    *place.postman.closed.lock().expect("whole") = Some(closed);
    for _ in 0..3 {
        let told = place.round();
        assert_eq!((told.sent, told.failed), (0, 1), "it is asked once a round");
    }
    assert_eq!(place.notices(), [] as [String; 0]);
    *place.postman.closed.lock().expect("whole") = None;
    let told: u64 = (0..3).map(|_| place.round().sent).sum();
    assert_eq!(told, 2);
    let mut to: Vec<_> = place
        .letters()
        .into_iter()
        .map(|letter| letter.recipient)
        .collect();
    to.sort_unstable();
    assert_eq!(to, ["a@example.org", "b@example.org"]);
}

#[test]
fn an_address_that_is_refused_is_given_up_until_it_is_another() {
    let place = Place::new("refused", PROFILE);
    let id = place.key(10, "wrong@example.org");
    place.key(11, "right@example.org");
    let refused = Undelivered::Refused("550 5.1.1".to_owned());
    place.answer("wrong@example.org", Some(refused));
    let told = place.round();
    assert_eq!((told.sent, told.refused, told.failed), (1, 1, 0));
    assert_eq!(place.round(), Told::default(), "given up");
    let notices = place.notices();
    let refusals = notices
        .iter()
        .filter(|entry| entry.contains(r#""reply":"550 5.1.1""#));
    assert_eq!(refusals.count(), 1, "{notices:?}");
    place.update(
        &id,
        &UpdateKey {
            fields: BTreeMap::from([("owner".to_owned(), Some("mended@example.org".to_owned()))]),
            ..UpdateKey::default()
        },
    );
    assert_eq!(place.round(), sent(1));
}

#[test]
fn letters_that_are_not_taken_hold_up_no_others() {
    let place = Place::new("later", PROFILE);
    for number in 0..MOST {
        let owner = format!("busy{number}@example.org");
        place.key(10, &owner);
        place.answer(&owner, Some(Undelivered::Later("451 4.3.0".to_owned())));
    }
    place.key(11, "free@example.org");
    let told = place.round();
    assert_eq!(
        (told.sent, told.failed),
        (0, u64::from(MOST)),
        "a round is bounded"
    );
    let told = place.round();
    let rest = u64::from(MOST) - 1;
    assert_eq!(
        (told.sent, told.failed),
        (1, rest),
        "the next one goes on, and round to where it began"
    );
    place.answer("busy7@example.org", None);
    assert_eq!(place.round().sent, 1);
}

#[test]
fn the_profile_has_words_of_its_own() {
    let words = "\n[vocabulary]\nlevel = \"Scope\"\nnotice_subject = \"{description} ends\\nin {days} days\"\n\
                 notice_text = \"{title} {id} {hint} {level} {expires_at} {days} {url} {owner}\\nsoon\"\n";
    let place = Place::new("words", &format!("{PROFILE}{words}"));
    let id = place.key(7, "owner@example.org");
    place.pass(60_000);
    assert_eq!(place.round(), sent(1));
    let letters = place.letters();
    let record = place.service().key(&place.caller, &place.account, &id);
    let hint = record.expect("a record").hint;
    assert_eq!(letters[0].subject, "CRM sync ends in 7 days");
    assert_eq!(
        letters[0].text,
        format!(
            "Zone {id} {hint} Everything 2026-11-28 20:14 UTC 7 https://keys.example.com owner@example.org\nsoon"
        )
    );
}

#[test]
fn s15_s27_smashflys_owner_is_told_a_month_before_and_whom_to_ask() {
    let profile = crate::profile::Profile::preset_toml("smashfly").expect("a preset");
    let place = Place::new("smashfly", profile);
    let field = |name: &str, value: &str| (name.to_owned(), Some(value.to_owned()));
    let create = CreateKey {
        fields: BTreeMap::from([
            field("contact_email", "owner@example.org"),
            field("description", "Careers site"),
        ]),
        level: Some("contact".to_owned()),
        expires_in_days: Some(90),
        ..CreateKey::default()
    };
    let created = place
        .service()
        .create_key(&place.caller, &place.account, &create, None)
        .expect("a key");
    place.pass(60 * DAY_MILLIS - 1);
    assert_eq!(place.round(), sent(0));
    place.pass(1);
    assert_eq!(place.round(), sent(1));
    let letters = place.letters();
    assert_eq!(letters[0].recipient, "owner@example.org");
    assert_eq!(
        letters[0].subject,
        "SmashFly: a key ends on 2027-02-19 20:14 UTC"
    );
    for words in [
        created.record.hint.as_str(),
        "in 30 days",
        "Scope: Contact API",
        "Description: Careers site",
        "turn to the internal administrator of your organization",
        "it ends by itself",
    ] {
        assert!(
            letters[0].text.contains(words),
            "{words} in {}",
            letters[0].text
        );
    }
    assert!(!letters[0].text.contains("owner@example.org"));
}

#[test]
fn who_has_no_postman_tells_nobody() {
    let mut place = Place::new("none", PROFILE);
    place.key(7, "owner@example.org");
    place.service = None;
    let directory = DataDirectory::open(&place.path).expect("a directory");
    let clock = Arc::clone(&place.clock) as Arc<dyn Clock>;
    let service = Service::open(directory, clock, Arc::new(SystemEntropy)).expect("a service");
    assert_eq!(service.tell_owners().expect("nothing"), Told::default());
    let done = service.maintain().expect("a round");
    assert_eq!((done.noticed, done.notices_failed), (0, 0));
}

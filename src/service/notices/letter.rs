//! What the owner of a key is told (system rows S15, S27): in the profile's words, or in ours.
//!
//! Values come from whoever made the key: none of them makes a line of its own, and the subject is one line.

use super::postman::Letter;
use crate::key::Digest;
use crate::profile::{Profile, notice};
use crate::service::instant::{self, DAY_MILLIS};
use crate::service::text;
use crate::store::{DueNotice, KeyRecord};
use crate::time::Timestamp;

/// The most characters of a subject.
const MAX_SUBJECT: usize = 200;

const SUBJECT: &str = "{title}: a key ends on {expires_at}";

const GREETING: &str = "The key {hint} for {title} ends on {expires_at}, ";

const ADVICE: &str = "\
If it is still needed, turn to the internal administrator of your organization, who can have the next one made. If it is
not, there is nothing to do: it ends by itself.

Nobody needs to see the key for that. Send it to nobody.
";

const WHERE: &str = "\nKeys are managed at {url}\n";

const FAREWELL: &str =
    "\nThis address is named as the key's contact; the message was written by a program.\n";

/// The letter that tells of a key's end.
pub(super) fn write(
    profile: &Profile,
    key: &KeyRecord,
    due: &DueNotice,
    url: Option<&str>,
    now: Timestamp,
) -> Letter {
    let view = View {
        profile,
        key,
        due,
        url,
        now,
    };
    let text = match profile.word(notice::TEXT) {
        Some(own) => view.fill(own),
        None => view.default_text(),
    };
    Letter {
        recipient: due.recipient.clone(),
        subject: view.subject(),
        text,
        id: name(due),
        at: now,
    }
}

/// The same for the same notice, so that one that was sent twice can be told from two.
fn name(due: &DueNotice) -> String {
    let account = &due.path.account;
    let told = format!(
        "keyward-notice-1\0{}\0{}\0{}\0{}\0{}",
        account.keyspace,
        account.account,
        due.path.id,
        due.ends_at.as_millis(),
        due.recipient
    );
    let digest = Digest::sha256_of(told.as_bytes()).to_string();
    let (_scheme, hex) = digest.split_once(':').unwrap_or_default();
    hex.chars().take(32).collect()
}

struct View<'a> {
    profile: &'a Profile,
    key: &'a KeyRecord,
    due: &'a DueNotice,
    url: Option<&'a str>,
    now: Timestamp,
}

impl View<'_> {
    fn subject(&self) -> String {
        let words = self.profile.word(notice::SUBJECT).unwrap_or(SUBJECT);
        // What looks like an encoded word would be decoded as one.
        let line = text::one_line(&self.fill(words)).replace("=?", "= ?");
        let mut subject: String = line.trim().chars().take(MAX_SUBJECT).collect();
        if subject.len() < line.trim().len() {
            subject.push('…');
        }
        subject
    }

    fn default_text(&self) -> String {
        let mut text = self.fill(GREETING);
        let in_days = match self.days() {
            0 => "within a day.\n\n".to_owned(),
            1 => "in 1 day.\n\n".to_owned(),
            days => format!("in {days} days.\n\n"),
        };
        text.push_str(&in_days);
        let level = self.profile.word("level").unwrap_or("Level");
        text.push_str(&line(level, self.level()));
        let owner = self.profile.owner_field().map(|field| &*field.name);
        let fields = self.profile.fields().iter();
        for field in fields.filter(|field| Some(&*field.name) != owner) {
            if let Some(value) = self.key.content.fields.get(&*field.name) {
                text.push_str(&line(&field.label, value));
            }
        }
        text.push('\n');
        text.push_str(ADVICE);
        if self.url.is_some() {
            text.push_str(&self.fill(WHERE));
        }
        text + FAREWELL
    }

    fn fill(&self, words: &str) -> String {
        notice::fill(words, &mut |place| {
            self.value(place).map(|value| text::one_line(&value))
        })
    }

    fn value(&self, place: &str) -> Option<String> {
        Some(match place {
            "title" => self.profile.title().to_owned(),
            "id" => self.key.id.to_string(),
            "hint" => self.key.hint.clone(),
            "level" => self.level().to_owned(),
            "expires_at" => self.end(),
            "days" => self.days().to_string(),
            "url" => self.url.unwrap_or_default().to_owned(),
            field => {
                self.profile.field(field)?;
                let value = self.key.content.fields.get(field);
                value.cloned().unwrap_or_default()
            }
        })
    }

    fn level(&self) -> &str {
        let level = &self.key.content.level;
        let known = self.profile.level_index(level);
        let known = known.and_then(|index| self.profile.levels().get(usize::from(index)));
        known.map_or(level, |known| &known.title)
    }

    /// To the minute: `2027-02-20 14:30 UTC`.
    fn end(&self) -> String {
        let end = instant::rfc3339(self.due.ends_at);
        let (date, time) = end.split_once('T').unwrap_or((&end, ""));
        format!("{date} {} UTC", time.get(..5).unwrap_or(time))
    }

    /// Whole days from now to the end.
    fn days(&self) -> i64 {
        let left = self.due.ends_at.as_millis() - self.now.as_millis();
        // A key that ends in thirty days does so also a minute later, when its owner is told.
        (left + DAY_MILLIS / 2) / DAY_MILLIS
    }
}

fn line(label: &str, value: &str) -> String {
    format!("  {}: {}\n", text::one_line(label), text::one_line(value))
}

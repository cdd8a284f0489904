//! The table of settings.

use std::time::Duration;

use tracing_subscriber::EnvFilter;
use zeroize::Zeroizing;

use super::{Config, Given, LogFormat, Origin, PREFIX, SecretSource};
use crate::service::{MailServer, Sender};

/// All there is to say of a setting. Its name is that in the file; the flag has dashes in it, the variable capitals.
pub(super) struct Setting {
    pub(super) name: &'static str,
    /// What stands for its value in the help.
    pub(super) value: &'static str,
    pub(super) shape: Shape,
    /// As one would write it.
    pub(super) default: Option<&'static str>,
    /// A variable that other programs use as well.
    pub(super) also: Option<&'static str>,
    pub(super) shown: Shown,
    pub(super) help: &'static str,
    /// Reads a value into the configuration, or says what would be right.
    pub(super) take: fn(&mut Config, &Given) -> Result<(), String>,
}

/// What its value is in a file of TOML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Text,
    Number,
    Switch,
    List,
}

/// How much of it may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Whole,
    /// The program of a command: its arguments may be secret.
    FirstWord,
    /// Nothing; and as flags and files of settings are read by many, it comes by the environment alone.
    Nothing,
}

const PLAIN: Setting = Setting {
    name: "",
    value: "",
    shape: Shape::Text,
    default: None,
    also: None,
    shown: Shown::Whole,
    help: "",
    take: |_, _| Ok(()),
};

pub(super) const MASTER_KEY: &str = "the master key";
pub(super) const MAIL_PASSWORD: &str = "the mail password";

/// Every setting, in the order in which they are shown.
pub(super) static SETTINGS: [Setting; 23] = [
    Setting {
        name: "data",
        value: "DIR",
        help: "The data directory",
        take: |config, given| {
            put(
                &mut config.data,
                given.paths().next().ok_or("name a directory")?,
            )
        },
        ..PLAIN
    },
    Setting {
        name: "listen",
        value: "ADDRESS",
        default: Some("127.0.0.1:8787"),
        help: "The address to listen on; port 0 picks a free one",
        take: |config, given| {
            let address = given.text().parse();
            put(
                &mut config.listen,
                address.map_err(|_| "write an address and a port, such as 127.0.0.1:8787")?,
            )
        },
        ..PLAIN
    },
    Setting {
        name: "pages",
        value: "DIR",
        help: "The directory of the built pages; without it, www/dist of the project that the server runs in",
        take: |config, given| put(&mut config.pages, given.paths().next()),
        ..PLAIN
    },
    Setting {
        name: "public_url",
        value: "URL",
        help: "Where people reach this server: what portal links begin with",
        take: |config, given| put(&mut config.public_url, Some(url(given.text())?)),
        ..PLAIN
    },
    Setting {
        name: "master_key_file",
        value: "FILE",
        help: "Where the master key is, under which recoverable keys are sealed; readable by its owner only, and outside the data directory",
        take: |config, given| {
            let path = given.paths().next().ok_or("name a file")?;
            put(&mut config.master_key, Some(SecretSource::File(path)))
        },
        ..PLAIN
    },
    Setting {
        name: "master_key_command",
        value: "COMMAND",
        shown: Shown::FirstWord,
        help: "A command for `sh -c` that prints the master key, within ten seconds",
        take: |config, given| {
            put(
                &mut config.master_key,
                Some(SecretSource::Command(given.text().to_owned())),
            )
        },
        ..PLAIN
    },
    Setting {
        name: "master_key",
        value: "KEY",
        shown: Shown::Nothing,
        help: "The master key itself, 64 hexadecimal digits",
        take: |config, given| put(&mut config.master_key, Some(text(given)?)),
        ..PLAIN
    },
    Setting {
        name: "previous_master_key_files",
        value: "FILE",
        shape: Shape::List,
        help: "Where earlier master keys are; what they sealed is sealed anew. May be given several times; in the environment with `:` between",
        take: |config, given| {
            put(
                &mut config.previous_master_key_files,
                given.paths().collect(),
            )
        },
        ..PLAIN
    },
    Setting {
        name: "mail_url",
        value: "URL",
        help: "The mail server by which owners are told of their keys' ends: smtps://HOST, or smtp://HOST with STARTTLS; with :PORT",
        take: |config, given| {
            let server = MailServer::parse(given.text()).map_err(|why| why.to_string())?;
            put(&mut config.mail.server, Some(server))
        },
        ..PLAIN
    },
    Setting {
        name: "mail_from",
        value: "ADDRESS",
        help: "Whom these mails are from: keys@example.com, or Example keys <keys@example.com>",
        take: |config, given| {
            let from = Sender::parse(given.text()).map_err(|why| why.to_string())?;
            put(&mut config.mail.from, Some(from))
        },
        ..PLAIN
    },
    Setting {
        name: "mail_user",
        value: "NAME",
        help: "Who logs in to the mail server, where it asks for that",
        take: |config, given| put(&mut config.mail.user, Some(given.text().to_owned())),
        ..PLAIN
    },
    Setting {
        name: "mail_password_file",
        value: "FILE",
        help: "Where the password is; readable by its owner only",
        take: |config, given| {
            let path = given.paths().next().ok_or("name a file")?;
            put(&mut config.mail.password, Some(SecretSource::File(path)))
        },
        ..PLAIN
    },
    Setting {
        name: "mail_password_command",
        value: "COMMAND",
        shown: Shown::FirstWord,
        help: "A command for `sh -c` that prints the password, within ten seconds",
        take: |config, given| {
            let command = given.text().to_owned();
            put(
                &mut config.mail.password,
                Some(SecretSource::Command(command)),
            )
        },
        ..PLAIN
    },
    Setting {
        name: "mail_password",
        value: "PASSWORD",
        shown: Shown::Nothing,
        help: "The password itself",
        take: |config, given| put(&mut config.mail.password, Some(text(given)?)),
        ..PLAIN
    },
    Setting {
        name: "mail_ca_file",
        value: "FILE",
        help: "The authorities, in PEM, that vouch for the mail server instead of Mozilla's list",
        take: |config, given| put(&mut config.mail.ca_file, given.paths().next()),
        ..PLAIN
    },
    Setting {
        name: "mail_timeout_seconds",
        value: "SECONDS",
        shape: Shape::Number,
        default: Some("10"),
        help: "How long the mail server may take for each answer",
        take: |config, given| put(&mut config.mail.patience, seconds(given.text(), 1, 60)?),
        ..PLAIN
    },
    Setting {
        name: "log_format",
        value: "FORMAT",
        default: Some("auto"),
        help: "text, json, or auto: text on a terminal, JSON elsewhere",
        take: |config, given| {
            let format = match given.text() {
                "auto" => LogFormat::Auto,
                "text" => LogFormat::Text,
                "json" => LogFormat::Json,
                _ => return Err("choose auto, text or json".into()),
            };
            put(&mut config.log_format, format)
        },
        ..PLAIN
    },
    Setting {
        name: "log_level",
        value: "LEVEL",
        default: Some("info"),
        also: Some("RUST_LOG"),
        help: "What is logged: error, warn, info, debug or trace, also by module, such as info,hyper=warn",
        take: |config, given| {
            EnvFilter::try_new(given.text()).map_err(|_| {
                "is no level: write error, warn, info, debug or trace, or one for each part: warn,keyward=debug"
            })?;
            put(&mut config.log_level, given.text().to_owned())
        },
        ..PLAIN
    },
    Setting {
        name: "open_metrics",
        value: "true|false",
        shape: Shape::Switch,
        default: Some("false"),
        help: "Whether /metrics answers without a credential",
        take: |config, given| put(&mut config.open_metrics, switch(given.text())?),
        ..PLAIN
    },
    Setting {
        name: "flush_interval_seconds",
        value: "SECONDS",
        shape: Shape::Number,
        default: Some("5"),
        help: "How often the uses of keys are written down: so many seconds of them are lost by a crash",
        take: |config, given| put(&mut config.flush_interval, seconds(given.text(), 1, 300)?),
        ..PLAIN
    },
    Setting {
        name: "maintenance_interval_seconds",
        value: "SECONDS",
        shape: Shape::Number,
        default: Some("60"),
        help: "How often a round of maintenance is made: idle keys, what has ended, sealing anew",
        take: |config, given| {
            put(
                &mut config.maintenance_interval,
                seconds(given.text(), 1, 86_400)?,
            )
        },
        ..PLAIN
    },
    Setting {
        name: "max_connections",
        value: "NUMBER",
        shape: Shape::Number,
        default: Some("1024"),
        help: "How many connections are open at once; further ones wait",
        take: |config, given| {
            let number = number(given.text(), 1, 65_536)?;
            put(
                &mut config.max_connections,
                usize::try_from(number).unwrap_or(usize::MAX),
            )
        },
        ..PLAIN
    },
    Setting {
        name: "farewell_seconds",
        value: "SECONDS",
        shape: Shape::Number,
        default: Some("10"),
        help: "How long running requests may take to finish when the server ends",
        take: |config, given| put(&mut config.farewell, seconds(given.text(), 0, 600)?),
        ..PLAIN
    },
];

impl Setting {
    pub(super) fn flag(&self) -> String {
        format!("--{}", self.name.replace('_', "-"))
    }

    pub(super) fn variable(&self) -> String {
        format!("{PREFIX}{}", self.name.to_uppercase())
    }

    /// The secret that it names, where it names one.
    pub(super) fn secret(&self) -> Option<&'static str> {
        match self.name {
            "master_key" | "master_key_file" | "master_key_command" => Some(MASTER_KEY),
            "mail_password" | "mail_password_file" | "mail_password_command" => Some(MAIL_PASSWORD),
            _ => None,
        }
    }

    /// What an environment variable says of it. Lists are written as in `PATH`.
    pub(super) fn of_environment(&'static self, name: &str, value: Zeroizing<String>) -> Given {
        let texts = match self.shape {
            Shape::List => value
                .split(':')
                .map(|text| Zeroizing::new(text.to_owned()))
                .collect(),
            _ => vec![value],
        };
        Given {
            setting: self,
            texts,
            origin: Origin::Environment(name.to_owned()),
        }
    }
}

/// What to say of a name that no setting has: which was probably meant, written by `written`.
pub(super) fn meant(name: &str, written: impl FnOnce(&'static str) -> String) -> String {
    let name = name.to_lowercase().replace('-', "_");
    let names = SETTINGS.iter().map(|setting| setting.name);
    let nearest = names.min_by_key(|known| distance(known, &name));
    match nearest.filter(|known| distance(known, &name) <= known.len() / 2) {
        Some(nearest) => format!("did you mean {}?", written(nearest)),
        None => "`keyward serve --help` lists them".to_owned(),
    }
}

/// How many letters to add, drop or change (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (above, letter) in one.chars().enumerate() {
        let mut corner = row[0];
        row[0] = above + 1;
        for (left, same) in other.chars().enumerate() {
            let changed = corner + usize::from(letter != same);
            corner = row[left + 1];
            row[left + 1] = changed.min(corner + 1).min(row[left] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "what a row of the table ends with"
)]
fn put<T>(place: &mut T, value: T) -> Result<(), String> {
    *place = value;
    Ok(())
}

/// A secret itself, which others would read in a flag or a file of settings.
fn text(given: &Given) -> Result<SecretSource, String> {
    match given.origin {
        Origin::Environment(_) => {
            let text = Zeroizing::new(given.text().to_owned());
            Ok(SecretSource::Text(text))
        }
        _ => Err(format!(
            "comes by the environment only; a file of its own is named by `{}_file`",
            given.setting.name
        )),
    }
}

fn switch(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| "is true or false".to_owned())
}

fn number(text: &str, from: u64, to: u64) -> Result<u64, String> {
    text.parse()
        .ok()
        .filter(|number| (from..=to).contains(number))
        .ok_or_else(|| format!("is a number from {from} to {to}"))
}

fn seconds(text: &str, from: u64, to: u64) -> Result<Duration, String> {
    number(text, from, to).map(Duration::from_secs)
}

/// An address with nothing behind the path, and without the slash at its end.
pub(in crate::cli) fn url(text: &str) -> Result<String, String> {
    let text = text.trim_end_matches('/');
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let is_good = host.is_some_and(|host| {
        !host.is_empty()
            && host
                .chars()
                .all(|part| part.is_ascii_graphic() && !"?#@\\\"<>".contains(part))
    });
    if is_good {
        Ok(text.to_owned())
    } else {
        Err("write an address such as https://keys.example.com".into())
    }
}

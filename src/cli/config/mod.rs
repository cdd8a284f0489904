//! The settings of `keyward serve`: flags over environment over a file over defaults.
//!
//! [`SETTINGS`] says all there is to say of a setting; every source gives texts by name, and one reader turns them into
//! a [`Config`].

mod file;
mod flags;
mod mail;
mod master_key;
mod page;
mod secret;
mod settings;

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use zeroize::Zeroizing;

use self::mail::MailSettings;
use self::secret::SecretSource;
use self::settings::{SETTINGS, Setting};
use super::Failure;
use crate::key::misplaced;

pub(super) use self::flags::Flags;
pub(super) use self::mail::mail;
pub(super) use self::master_key::master_keys;
pub(super) use self::page::page;
pub(super) use self::settings::url;

/// What begins the names of Keyward's environment variables.
const PREFIX: &str = "KEYWARD_";

/// Names behind the prefix that are no settings: of other commands, of the npm package's examples, of the project's
/// tools.
const OTHERS: [&str; 16] = [
    "ACCOUNT",
    "BIN",
    "BLESS",
    "CA_FILE",
    "CONFIG",
    "DECIDE",
    "EXAMPLES",
    "KEYSPACE",
    "OPERATOR_KEY",
    "PUBLIC_KEY",
    "ROUNDS",
    "RUNTIMES",
    "SAMPLES",
    "TARBALL",
    "TOKEN",
    "URL",
];

/// What Kubernetes sets in every container beside a service with the name `keyward`.
const OF_SERVICE_LINKS: [&str; 2] = ["SERVICE_", "PORT"];

/// What holds.
pub(super) struct Config {
    pub(super) data: PathBuf,
    pub(super) listen: SocketAddr,
    pub(super) pages: Option<PathBuf>,
    pub(super) public_url: Option<String>,
    pub(super) master_key: Option<SecretSource>,
    pub(super) previous_master_key_files: Vec<PathBuf>,
    pub(super) mail: MailSettings,
    pub(super) log_format: LogFormat,
    pub(super) log_level: String,
    pub(super) open_metrics: bool,
    pub(super) flush_interval: Duration,
    pub(super) maintenance_interval: Duration,
    pub(super) max_connections: usize,
    pub(super) farewell: Duration,
}

/// What the log's lines look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    Auto,
    Text,
    Json,
}

/// Before anything is read; the defaults of the table are read over it.
impl Default for Config {
    fn default() -> Self {
        Self {
            data: PathBuf::new(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            pages: None,
            public_url: None,
            master_key: None,
            previous_master_key_files: Vec::new(),
            mail: MailSettings::default(),
            log_format: LogFormat::Auto,
            log_level: String::new(),
            open_metrics: false,
            flush_interval: Duration::ZERO,
            maintenance_interval: Duration::ZERO,
            max_connections: 0,
            farewell: Duration::ZERO,
        }
    }
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Origin {
    Flag(String),
    Environment(String),
    File { path: PathBuf, line: usize },
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "flag {flag}"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::File { path, line } => write!(f, "{} line {line}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// What a source says of a setting.
struct Given {
    setting: &'static Setting,
    /// One text, or those of a list.
    texts: Vec<Zeroizing<String>>,
    origin: Origin,
}

impl Given {
    fn text(&self) -> &str {
        self.texts.first().map_or("", |text| text.as_str())
    }

    /// In a file, relative paths start at its directory.
    fn paths(&self) -> impl Iterator<Item = PathBuf> {
        let base = match &self.origin {
            Origin::File { path, .. } => path.parent(),
            _ => None,
        };
        self.texts
            .iter()
            .map(move |text| base.unwrap_or(Path::new("")).join(text.as_str()))
    }
}

/// What holds, and what was said of it.
pub(super) struct Resolved {
    config: Config,
    given: Vec<Given>,
}

/// Reads every source. All mistakes are told at once.
pub(super) fn resolve(
    flags: Flags,
    environment: impl IntoIterator<Item = (std::ffi::OsString, std::ffi::OsString)>,
    file: Option<&Path>,
) -> Result<Resolved, Failure> {
    let mut mistakes = Vec::new();
    let mut given = flags.given();
    given.extend(of_environment(environment, &mut mistakes));
    if let Some(path) = file {
        given.extend(file::read(path, &mut mistakes)?);
    }
    given.extend(SETTINGS.iter().filter_map(|setting| {
        Some(Given {
            setting,
            texts: vec![Zeroizing::new(setting.default?.to_owned())],
            origin: Origin::Default,
        })
    }));
    let resolved = Resolved::of(given, &mut mistakes);
    if mistakes.is_empty() {
        Ok(resolved)
    } else {
        Err(Failure::usage(mistakes.join("\n         ")))
    }
}

impl Resolved {
    /// What holds; what was said, secrets among it, is forgotten.
    pub(super) fn into_config(self) -> Config {
        self.config
    }

    /// The first word on each setting is the last. A wrong value below it stays wrong, and unsaid.
    fn of(given: Vec<Given>, mistakes: &mut Vec<String>) -> Self {
        let mut config = Config::default();
        let mut kept: Vec<Given> = Vec::new();
        for given in given {
            if kept
                .iter()
                .any(|known| known.setting.name == given.setting.name)
            {
                continue;
            }
            if let Err(why) = (given.setting.take)(&mut config, &given) {
                mistakes.push(format!("{}: {}: {why}", given.origin, given.setting.name));
            }
            kept.push(given);
        }
        kept.sort_by_key(|given| {
            SETTINGS
                .iter()
                .position(|setting| setting.name == given.setting.name)
        });
        for secret in [settings::MASTER_KEY, settings::MAIL_PASSWORD] {
            let sources: Vec<_> = kept
                .iter()
                .filter(|given| given.setting.secret() == Some(secret))
                .collect();
            if let [one, other, ..] = sources[..] {
                mistakes.push(format!(
                    "{} ({}) and {} ({}) both name {secret}; leave one of them",
                    one.setting.name, one.origin, other.setting.name, other.origin
                ));
            }
        }
        mail::check(&kept, mistakes);
        if config.data.as_os_str().is_empty() && mistakes.is_empty() {
            mistakes.push("no data directory: give --data DIR, KEYWARD_DATA or `data` in the file of --config".to_owned());
        }
        Self {
            config,
            given: kept,
        }
    }
}

/// What the environment says, the name of our own before one that others use too. An empty value says nothing.
fn of_environment(
    environment: impl IntoIterator<Item = (std::ffi::OsString, std::ffi::OsString)>,
    mistakes: &mut Vec<String>,
) -> Vec<Given> {
    let mut given = Vec::new();
    for (name, value) in environment {
        let Some(name) = name.to_str().filter(|_| !value.is_empty()) else {
            continue;
        };
        let setting = SETTINGS
            .iter()
            .find(|setting| setting.variable() == name || setting.also == Some(name));
        match (setting, name.strip_prefix(PREFIX)) {
            (Some(setting), _) => match value.into_string() {
                Ok(value) => given.push(setting.of_environment(name, Zeroizing::new(value))),
                Err(_) => mistakes.push(format!("environment {name}: is not UTF-8")),
            },
            (None, Some(rest)) if !is_of_others(rest) => {
                let meant =
                    settings::meant(rest, |name| format!("{PREFIX}{}", name.to_uppercase()));
                let lower = rest.to_lowercase();
                let shown = misplaced::plain_word(&lower).map_or("…", |_| rest);
                mistakes.push(format!(
                    "environment {PREFIX}{shown}: is no setting of `keyward serve`; {meant}"
                ));
            }
            (None, _) => {}
        }
    }
    given.sort_by_key(|given| given.origin != Origin::Environment(given.setting.variable()));
    given
}

fn is_of_others(name: &str) -> bool {
    OTHERS.contains(&name) || OF_SERVICE_LINKS.iter().any(|link| name.starts_with(link))
}

#[cfg(test)]
mod tests;

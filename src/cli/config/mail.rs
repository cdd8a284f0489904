//! The mail server by which owners are told of their keys' ends.

use std::path::PathBuf;
use std::time::Duration;

use super::secret::{self, SecretSource};
use super::{Config, Given};
use crate::cli::Failure;
use crate::service::{MailServer, Sender, Smtp};

/// What the settings say of it.
#[derive(Default)]
pub(in crate::cli) struct MailSettings {
    pub(super) server: Option<MailServer>,
    pub(super) from: Option<Sender>,
    pub(super) user: Option<String>,
    pub(super) password: Option<SecretSource>,
    pub(super) ca_file: Option<PathBuf>,
    pub(super) patience: Duration,
}

/// The mail server that the settings name; afterwards these do not know its password any more.
pub(in crate::cli) fn mail(config: &mut Config) -> Result<Option<Smtp>, Failure> {
    let settings = &mut config.mail;
    let (Some(server), Some(from)) = (settings.server.take(), settings.from.take()) else {
        return Ok(None);
    };
    let mut smtp = Smtp::new(server, from, settings.patience);
    if let (Some(user), Some(password)) = (settings.user.take(), settings.password.take()) {
        let text = match password {
            SecretSource::File(path) => secret::of_file("the mail password", &path)?,
            SecretSource::Command(command) => {
                secret::of_command("mail_password_command", &command)?
            }
            SecretSource::Text(text) => text,
        };
        // The end of a file's one line is none of it.
        let password = zeroize::Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned());
        smtp = smtp.with_login(user, password);
    }
    if let Some(path) = settings.ca_file.take() {
        let fail = |why: &dyn std::fmt::Display| {
            Failure::failed(format!("mail_ca_file {}: {why}", path.display()))
        };
        let pem = std::fs::read(&path).map_err(|error| fail(&error))?;
        smtp = smtp.with_authorities(&pem).map_err(|why| fail(&why))?;
    }
    Ok(Some(smtp))
}

/// What the settings need beside each other. Defaults need nothing.
pub(super) fn check(given: &[Given], mistakes: &mut Vec<String>) {
    let said = |name: &str| given.iter().any(|given| given.setting.name == name);
    let has_password = given
        .iter()
        .any(|given| given.setting.name.starts_with("mail_password"));
    let others = ["mail_from", "mail_user", "mail_ca_file"];
    let mut needs = |needed: bool, by: &str, what: &str| {
        if needed {
            mistakes.push(format!("{by} needs {what} beside it"));
        }
    };
    if !said("mail_url") {
        for name in others.into_iter().filter(|name| said(name)) {
            needs(true, name, "mail_url");
        }
    }
    needs(
        said("mail_url") && !said("mail_from"),
        "mail_url",
        "mail_from",
    );
    needs(
        said("mail_user") && !has_password,
        "mail_user",
        "mail_password_file, mail_password_command or KEYWARD_MAIL_PASSWORD",
    );
    needs(
        has_password && !said("mail_user"),
        "the mail password",
        "mail_user",
    );
}

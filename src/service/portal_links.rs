//! Portal links: with one, an API's owner lets a customer's administrator manage that account's keys for a while, and
//! nothing else.

use super::error::{Code, FieldError, ServiceError};
use super::operators::{self, Plan};
use super::{Issued, Place, Principal, Service, instant, rights};
use crate::store::{AccountPath, Operator, OperatorKind, Reach, Right};
use crate::time::Timestamp;

/// A minute to a day, and a quarter of an hour where nothing is said.
const LIFETIME: std::ops::RangeInclusive<u32> = 60..=86_400;
const DEFAULT_LIFETIME: u32 = 900;

/// What a link may have: nobody who came by one makes operators.
const ALLOWED: [Right; 7] = [
    Right::AccountsRead,
    Right::KeysRead,
    Right::KeysWrite,
    Right::KeysReveal,
    Right::OperatorsRead,
    Right::UsageRead,
    Right::AuditRead,
];

/// What a link has where nothing is said, as far as its maker has it. To have keys shown again must be asked for.
const DEFAULT: [Right; 4] = [
    Right::AccountsRead,
    Right::KeysRead,
    Right::KeysWrite,
    Right::UsageRead,
];

/// What a new portal link is made from.
#[derive(Debug, Default)]
pub struct CreatePortalLink {
    /// A name for people: whom it is for.
    pub name: Option<String>,
    /// The names of its rights.
    pub rights: Option<Vec<String>>,
    /// The levels that keys may have which are made with it; where it is left out, those that its maker may give.
    pub levels: Option<Vec<String>>,
    /// For how many seconds it works.
    pub expires_in_seconds: Option<u32>,
}

impl Service {
    /// Makes a portal link for an account, which may do nothing that the caller may not.
    pub fn create_portal_link(
        &self,
        caller: &Principal,
        account: &AccountPath,
        create: &CreatePortalLink,
    ) -> Result<Issued<Operator>, ServiceError> {
        caller.must(Right::PortalLinksWrite, Place::Account(account))?;
        let maker = operators::maker(caller)?;
        let reach = Reach::Account(account.clone());
        let rules = self.rules_at(&reach)?;
        let profile = rules.as_ref().map(|(loaded, _)| &loaded.profile);
        let mut errors = Vec::new();
        let name = match &create.name {
            Some(name) => operators::name(name, &mut errors),
            None => "portal link".to_owned(),
        };
        let rights = match &create.rights {
            Some(names) => rights::read(names, &ALLOWED, profile, &mut errors),
            None => DEFAULT
                .into_iter()
                .filter(|right| maker.rights.contains(right))
                .collect(),
        };
        let levels = operators::levels(create.levels.as_deref(), profile, &mut errors);
        let seconds = create.expires_in_seconds;
        if seconds.is_some_and(|seconds| !LIFETIME.contains(&seconds)) {
            errors.push(FieldError {
                field: "expires_in_seconds".to_owned(),
                message: format!("must be from {} to {}", LIFETIME.start(), LIFETIME.end()),
            });
        }
        if !errors.is_empty() {
            return Err(ServiceError::invalid(errors));
        }
        if rights.is_empty() {
            let message = "a link has the rights of its maker over keys, accounts and usage, and you have none of them";
            return Err(ServiceError::about_field(
                Code::StrongerThanMaker,
                "rights",
                message,
            ));
        }
        rights::hold(caller, &rights)?;
        self.issue(
            caller,
            &Plan {
                kind: OperatorKind::PortalLink,
                name,
                reach,
                rights,
                levels: operators::levels_within(maker, levels)?,
                expires_at: Some(end(maker, seconds, self.clock.now())?),
                rules: rules.as_ref().map(|(_, revision)| *revision),
            },
        )
    }

    /// Ends a portal link before its time.
    pub fn delete_portal_link(
        &self,
        caller: &Principal,
        account: &AccountPath,
        id: &str,
    ) -> Result<(), ServiceError> {
        caller.must(Right::PortalLinksWrite, Place::Account(account))?;
        let reach = Reach::Account(account.clone());
        let link = self.find_operator(OperatorKind::PortalLink, &reach, id)?;
        self.remove_operator(caller, &link)
    }

    /// Where a portal link leads, if the server knows by which address people reach it. What stands behind the `#` is
    /// sent to no server and written into no log.
    pub fn portal_url(&self, link: &Issued<Operator>) -> Option<zeroize::Zeroizing<String>> {
        let base = self.public_url.as_deref()?.trim_end_matches('/');
        let url = format!("{base}/console#link={}", link.secret.expose());
        Some(zeroize::Zeroizing::new(url))
    }
}

/// When a link ends: never later than its maker.
fn end(maker: &Operator, seconds: Option<u32>, now: Timestamp) -> Result<Timestamp, ServiceError> {
    let lifetime = i64::from(seconds.unwrap_or(DEFAULT_LIFETIME)) * 1000;
    let end = now.saturating_add_millis(lifetime);
    match maker.expires_at {
        Some(own) if end > own && seconds.is_some() => {
            let message = format!(
                "you end at {} yourself, and what you make ends no later",
                instant::rfc3339(own)
            );
            Err(ServiceError::about_field(
                Code::StrongerThanMaker,
                "expires_in_seconds",
                message,
            ))
        }
        Some(own) => Ok(end.min(own)),
        None => Ok(end),
    }
}

//! Accounts: the tenants inside a keyspace.

use super::cursor::List;
use super::error::{Code, FieldError, ServiceError};
use super::{Page, PageRequest, Place, Principal, Service, instant, names, text};
use crate::store::{Account, AccountContent, AccountPath, Right};

/// The most characters of a name.
pub(super) const MAX_NAME: usize = 100;

/// The most uses that can be agreed: what a number of JavaScript holds exactly.
const MAX_USES: u64 = (1 << 53) - 1;

/// What a new account is made from.
#[derive(Debug, Default)]
pub struct CreateAccount {
    /// Chosen by the caller, or made by the server.
    pub id: Option<String>,
    /// A name for people.
    pub name: Option<String>,
    /// Whether keys may be made; they may where nothing is said.
    pub keys_enabled: Option<bool>,
    /// How many uses a calendar month (UTC) are agreed.
    pub monthly_uses: Option<u64>,
}

/// What is to be changed of an account. `None` leaves a member as it is, `Some(None)` takes it away.
#[derive(Debug, Default)]
pub struct UpdateAccount {
    /// A name for people.
    pub name: Option<Option<String>>,
    /// Whether keys may be made.
    pub keys_enabled: Option<bool>,
    /// How many uses a calendar month (UTC) are agreed.
    pub monthly_uses: Option<Option<u64>>,
}

/// An account, and what it has used.
#[derive(Debug)]
pub struct MeteredAccount {
    /// Its record.
    pub account: Account,
    /// How often its keys were used this calendar month (UTC), as far as is known.
    pub used_this_month: u64,
}

impl MeteredAccount {
    /// Whether more was used than is agreed: a flag, and no limit (system rows S3, S4).
    pub fn is_over_agreed(&self) -> bool {
        let agreed = self.account.monthly_uses;
        agreed.is_some_and(|agreed| self.used_this_month > agreed)
    }
}

impl Service {
    /// Adds an account to a keyspace.
    pub fn create_account(
        &self,
        caller: &Principal,
        keyspace: &str,
        create: CreateAccount,
    ) -> Result<Account, ServiceError> {
        caller.must(Right::AccountsWrite, Place::Keyspace(keyspace))?;
        let id = create.id;
        let content = AccountContent {
            name: create.name.as_deref().map(text::normalise).map(Into::into),
            keys_enabled: create.keys_enabled.unwrap_or(true),
            monthly_uses: create.monthly_uses,
        };
        check(id.as_deref(), &content)?;
        for _ in 0..names::ATTEMPTS {
            let act = self.act(caller);
            let account = id.clone().unwrap_or_else(|| self.new_id("acc", act.at));
            let path = AccountPath {
                keyspace: keyspace.to_owned(),
                account,
            };
            match self.store.insert_account(path, content.clone(), act) {
                Ok(account) => return account.ok_or_else(|| ServiceError::not_found("keyspace")),
                Err(error) if error.is_exists() && id.is_none() => {}
                Err(error) if error.is_exists() => {
                    let message = "an account with this id exists already";
                    return Err(ServiceError::about_field(
                        Code::AlreadyExists,
                        "id",
                        message,
                    ));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(ServiceError::internal("no free account id was found"))
    }

    /// The accounts of a keyspace, by id.
    pub fn accounts(
        &self,
        caller: &Principal,
        keyspace: &str,
        request: &PageRequest,
    ) -> Result<Page<Account>, ServiceError> {
        caller.must(Right::AccountsRead, Place::Keyspace(keyspace))?;
        let list = List {
            of: "accounts",
            keyspace,
            account: "",
            filter: "",
        };
        let after = self.position(&list, request)?;
        let accounts = self
            .store
            .accounts(keyspace, after.as_deref(), request.limit + 1)?
            .ok_or_else(|| ServiceError::not_found("keyspace"))?;
        Ok(self.page(&list, request, accounts, |account| account.id.clone()))
    }

    /// One account, and what it has used.
    pub fn account(
        &self,
        caller: &Principal,
        path: &AccountPath,
    ) -> Result<MeteredAccount, ServiceError> {
        caller.must(Right::AccountsRead, Place::Account(path))?;
        let account = self.find_account(path)?;
        self.metered(path, account)
    }

    /// Changes an account, where it still has the revision `if_match` if one is given.
    pub fn update_account(
        &self,
        caller: &Principal,
        path: &AccountPath,
        update: &UpdateAccount,
        if_match: Option<u64>,
    ) -> Result<MeteredAccount, ServiceError> {
        caller.must(Right::AccountsWrite, Place::Account(path))?;
        loop {
            let before = self.find_account(path)?;
            let revision = if_match.unwrap_or(before.revision);
            let content = changed(&before, update);
            check(None, &content)?;
            let act = self.act(caller);
            match self
                .store
                .update_account(path.clone(), revision, content, act)
            {
                Ok(Some(account)) => return self.metered(path, account),
                Ok(None) => return Err(ServiceError::not_found("account")),
                // Somebody was faster; without a condition that is nobody's business.
                Err(error) if error.is_stale() && if_match.is_none() => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The account at this path, for whoever asks.
    pub(super) fn find_account(&self, path: &AccountPath) -> Result<Account, ServiceError> {
        self.store
            .account(path)?
            .ok_or_else(|| ServiceError::not_found("account"))
    }

    fn metered(
        &self,
        path: &AccountPath,
        account: Account,
    ) -> Result<MeteredAccount, ServiceError> {
        let (first_day, last_day) = instant::month_to_date(self.clock.now());
        let used_this_month = self
            .store
            .used(path, first_day, last_day)?
            .ok_or_else(|| ServiceError::not_found("account"))?;
        Ok(MeteredAccount {
            account,
            used_this_month,
        })
    }
}

fn changed(before: &Account, update: &UpdateAccount) -> AccountContent {
    let name = match &update.name {
        Some(name) => name.as_deref().map(text::normalise).map(Into::into),
        None => before.name.clone(),
    };
    AccountContent {
        name,
        keys_enabled: update.keys_enabled.unwrap_or(before.keys_enabled),
        monthly_uses: update.monthly_uses.unwrap_or(before.monthly_uses),
    }
}

fn check(id: Option<&str>, content: &AccountContent) -> Result<(), ServiceError> {
    let name = content.name.as_deref();
    let uses = content.monthly_uses;
    let objections = [
        (
            "id",
            id.and_then(names::account_objection).map(str::to_owned),
        ),
        (
            "name",
            name.and_then(|name| text::objection(name, MAX_NAME)),
        ),
        (
            "monthly_uses",
            uses.filter(|uses| *uses > MAX_USES)
                .map(|_| format!("is at most {MAX_USES}")),
        ),
    ];
    let errors = objections
        .into_iter()
        .filter_map(|(field, message)| {
            Some(FieldError {
                field: field.to_owned(),
                message: message?,
            })
        })
        .collect::<Vec<_>>();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(ServiceError::invalid(errors))
    }
}

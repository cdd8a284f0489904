//! Accounts: the tenants inside a keyspace.

use super::cursor::List;
use super::error::{Code, FieldError, ServiceError};
use super::{Page, PageRequest, Service, names, text};
use crate::store::{Account, AccountPath, Operator};

/// The most characters of a name.
pub(super) const MAX_NAME: usize = 100;

/// What a new account is made from.
#[derive(Debug, Default)]
pub struct CreateAccount {
    /// Chosen by the caller, or made by the server.
    pub id: Option<String>,
    /// A name for people.
    pub name: Option<String>,
}

impl Service {
    /// Adds an account to a keyspace.
    pub fn create_account(
        &self,
        operator: &Operator,
        keyspace: &str,
        create: CreateAccount,
    ) -> Result<Account, ServiceError> {
        let CreateAccount { id, name } = create;
        let objections = [
            (
                "id",
                id.as_deref()
                    .and_then(names::account_objection)
                    .map(str::to_owned),
            ),
            (
                "name",
                name.as_deref()
                    .and_then(|name| text::objection(name, MAX_NAME)),
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
        if !errors.is_empty() {
            return Err(ServiceError::invalid(errors));
        }
        for _ in 0..names::ATTEMPTS {
            let act = self.act(operator);
            let account = id.clone().unwrap_or_else(|| self.new_id("acc", act.at));
            let path = AccountPath {
                keyspace: keyspace.to_owned(),
                account,
            };
            match self.store.insert_account(path, name.clone(), act) {
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
        keyspace: &str,
        request: &PageRequest,
    ) -> Result<Page<Account>, ServiceError> {
        let list = List {
            of: "accounts",
            keyspace,
            account: "",
        };
        let after = request
            .cursor
            .as_deref()
            .map(|cursor| self.cursors.open(&list, cursor))
            .transpose()?;
        let accounts = self
            .store
            .accounts(keyspace, after.as_deref(), request.limit + 1)?
            .ok_or_else(|| ServiceError::not_found("keyspace"))?;
        Ok(self.page(&list, request, accounts, |account| account.id.clone()))
    }
}

//! Why a use case was refused or failed.

use std::fmt;

use crate::key::KeyId;
use crate::store::StoreError;

/// What kind of refusal it was: the same word in Rust, HTTP and on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Code {
    /// A value that breaks a rule; [`ServiceError::fields`] says which and why.
    InvalidField,
    /// An access level that the profile does not have.
    UnknownLevel,
    /// A profile that does not exist.
    UnknownProfile,
    /// A cursor that no list of this place gave out.
    InvalidCursor,
    /// An operator key or edge token that is not known here.
    InvalidCredential,
    /// The caller is known, and may not do this.
    MissingRight,
    /// The caller may not make what is stronger than the caller.
    StrongerThanMaker,
    /// There is no such thing, or it is another tenant's: the same answer for both.
    NotFound,
    /// The id is taken, or a value that no two keys of an account may have.
    AlreadyExists,
    /// New rules of a keyspace have no place for keys that are there; [`ServiceError::fields`] says for which and why.
    KeysDoNotFit,
    /// The key was deactivated, from which nothing leads back.
    Deactivated,
    /// The thing has expired, and this is for what has not.
    Expired,
    /// The profile's keys cannot be switched off and on, only taken out of use for good.
    Irreversible,
    /// The account is not enabled for keys (system row S5).
    KeysNotEnabled,
    /// The key cannot be shown again.
    NotRecoverable,
    /// What is sealed cannot be sealed or opened without the master key.
    MasterKeyMissing,
    /// Nobody would be left who may do everything.
    LastOperator,
    /// The record has changed since the caller read it.
    PreconditionFailed,
    /// The idempotency key was used for another request.
    IdempotencyMismatch,
    /// What needs the root key cannot be done while it is kept elsewhere.
    RootKeyMissing,
    /// The data directory was in use, and its database is gone or empty.
    DatabaseLost,
    /// The database is locked, full or overloaded: later may be better.
    Unavailable,
    /// A fault of the server; the particulars are in its log.
    Internal,
}

impl Code {
    /// The code as it appears outside.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidField => "invalid_field",
            Self::UnknownLevel => "unknown_level",
            Self::UnknownProfile => "unknown_profile",
            Self::InvalidCursor => "invalid_cursor",
            Self::InvalidCredential => "invalid_credential",
            Self::MissingRight => "missing_right",
            Self::StrongerThanMaker => "stronger_than_maker",
            Self::NotFound => "not_found",
            Self::AlreadyExists => "already_exists",
            Self::KeysDoNotFit => "keys_do_not_fit",
            Self::Deactivated => "deactivated",
            Self::Expired => "expired",
            Self::Irreversible => "irreversible",
            Self::KeysNotEnabled => "keys_not_enabled",
            Self::NotRecoverable => "not_recoverable",
            Self::MasterKeyMissing => "master_key_missing",
            Self::LastOperator => "last_operator",
            Self::PreconditionFailed => "precondition_failed",
            Self::IdempotencyMismatch => "idempotency_mismatch",
            Self::RootKeyMissing => "root_key_missing",
            Self::DatabaseLost => "database_lost",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }
}

/// A value that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The member of the request.
    pub field: String,
    /// What is wrong with it and what would be right.
    pub message: String,
}

/// A refusal or failure: a stable code, a message for the caller, and for the log what the caller need not know.
#[derive(Debug)]
pub struct ServiceError {
    code: Code,
    message: String,
    fields: Vec<FieldError>,
    existing: Option<(KeyId, String)>,
    cause: Option<String>,
}

impl ServiceError {
    pub(super) fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            fields: Vec::new(),
            existing: None,
            cause: None,
        }
    }

    /// The refusal of values that break rules, all of them at once.
    pub(super) fn invalid(fields: Vec<FieldError>) -> Self {
        Self::of_members(Code::InvalidField, fields)
    }

    /// A refusal with a code of its own that has several reasons.
    pub(super) fn of_members(code: Code, fields: Vec<FieldError>) -> Self {
        let message = fields
            .chunk_by(|one, next| one.field == next.field)
            .map(|errors| {
                let messages: Vec<_> = errors.iter().map(|error| &*error.message).collect();
                format!("{}: {}", errors[0].field, messages.join("; "))
            })
            .collect::<Vec<_>>();
        Self {
            fields,
            ..Self::new(code, message.join("; "))
        }
    }

    /// The refusal of one value.
    pub(super) fn invalid_field(field: &str, message: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError {
            field: field.to_owned(),
            message: message.into(),
        }])
    }

    /// A refusal that concerns one member and has a code of its own.
    pub(super) fn about_field(code: Code, field: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        let fields = vec![FieldError {
            field: field.to_owned(),
            message: message.clone(),
        }];
        Self {
            fields,
            ..Self::new(code, message)
        }
    }

    /// The refusal of a credential. Whether it is malformed, mistyped, unknown, revoked or over makes no difference
    /// outside.
    pub(super) fn invalid_credential() -> Self {
        let message = "the credential is not an operator key, portal link or edge token of this server, or is over";
        Self::new(Code::InvalidCredential, message)
    }

    pub(super) fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("there is no such {what} here"))
    }

    /// Names the key that is in the way, by its id and what people know it by. It is the same account's, so that
    /// nothing is told of another tenant.
    pub(super) fn with_existing(self, id: KeyId, name: String) -> Self {
        Self {
            existing: Some((id, name)),
            ..self
        }
    }

    pub(super) fn internal(cause: impl fmt::Display) -> Self {
        let message = "the server failed to do this; its log says why";
        Self {
            cause: Some(cause.to_string()),
            ..Self::new(Code::Internal, message)
        }
    }

    /// The stable code.
    pub const fn code(&self) -> Code {
        self.code
    }

    /// The members at fault, where members are.
    pub fn fields(&self) -> &[FieldError] {
        &self.fields
    }

    /// The key that is in the way, and what people know it by, where one is.
    pub const fn existing(&self) -> Option<&(KeyId, String)> {
        self.existing.as_ref()
    }

    /// What the log should say beyond the message.
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ServiceError {}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        if error.is_unauthorized() {
            return Self::invalid_credential();
        }
        if error.is_deactivated() {
            return Self::new(
                Code::Deactivated,
                "the key was deactivated, and nothing brings a deactivated key back; create a new one",
            );
        }
        if error.is_outdated() {
            let message =
                "the keyspace got other rules at this moment; nothing was changed; try again";
            return Self::new(Code::Unavailable, message);
        }
        if error.is_not_enabled() {
            return Self::new(
                Code::KeysNotEnabled,
                "keys are not enabled for this account; ask whoever runs the API",
            );
        }
        if error.is_exists() {
            return Self::new(Code::AlreadyExists, "the id is taken");
        }
        if let Some((field, holder)) = error.slot() {
            let message = format!("the key {holder} of this account has it already");
            return Self::about_field(Code::AlreadyExists, field, message);
        }
        if error.is_stale() {
            return Self::new(
                Code::PreconditionFailed,
                "the record has changed since you read it; read it again and decide anew",
            );
        }
        if error.is_last_operator() {
            return Self::new(
                Code::LastOperator,
                "this is the last operator who may do everything on the server; make another one first",
            );
        }
        if error.is_unavailable() {
            let message =
                "the database is busy or does not answer; nothing was changed; try again shortly";
            return Self {
                cause: Some(error.to_string()),
                ..Self::new(Code::Unavailable, message)
            };
        }
        Self::internal(error)
    }
}

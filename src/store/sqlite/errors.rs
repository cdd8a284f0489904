//! What SQLite's errors mean to the use cases.

use rusqlite::{Error, ErrorCode, ffi};

use crate::store::StoreError;

/// The result of a statement, with its error in the words of the store.
pub(super) trait Read<T> {
    /// Translates the error.
    fn read(self) -> Result<T, StoreError>;

    /// Translates the error; no row is `None`.
    fn read_optional(self) -> Result<Option<T>, StoreError>;
}

impl<T> Read<T> for rusqlite::Result<T> {
    fn read(self) -> Result<T, StoreError> {
        self.map_err(translate)
    }

    fn read_optional(self) -> Result<Option<T>, StoreError> {
        match self {
            Ok(value) => Ok(Some(value)),
            Err(Error::QueryReturnedNoRows) => Ok(None),
            Err(error) => Err(translate(error)),
        }
    }
}

/// A statement that touches so many rows and did not is a fault of ours, and undoes the change (threat 45).
pub(super) fn touched(expected: usize, touched: usize) -> Result<(), StoreError> {
    if touched == expected {
        Ok(())
    } else {
        Err(StoreError::internal(format!(
            "a change of {expected} rows touched {touched}"
        )))
    }
}

fn translate(error: Error) -> StoreError {
    let Error::SqliteFailure(failure, _) = &error else {
        return StoreError::internal(error.to_string());
    };
    match failure.code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::busy(),
        ErrorCode::DiskFull => StoreError::full(),
        ErrorCode::ConstraintViolation
            if matches!(
                failure.extended_code,
                ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
            ) =>
        {
            StoreError::exists()
        }
        ErrorCode::ConstraintViolation | ErrorCode::Unknown => {
            StoreError::internal(error.to_string())
        }
        // Failing disk, file gone or damaged: nothing that the request did, and it may be mended.
        _ => StoreError::unavailable(error),
    }
}

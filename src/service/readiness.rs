//! Whether the server can work: whether the database answers, and takes changes.

use std::sync::Mutex;

use super::Service;
use super::error::{Code, ServiceError};
use crate::time::Timestamp;

/// How long it is known whether the database takes changes. To find out costs a sync of the disk, and anybody may ask.
const KNOWN_FOR: i64 = 5_000;

/// What is known of that.
#[derive(Default)]
pub(super) struct Readiness(Mutex<Option<Known>>);

#[derive(Clone, Copy)]
struct Known {
    since: Timestamp,
    takes_changes: bool,
}

impl Service {
    /// Whether the server can work. A database that is locked for a while can; one that is full, read-only or failing
    /// cannot, although it goes on being read.
    pub fn is_ready(&self) -> Result<(), ServiceError> {
        self.store.ping()?;
        if self.takes_changes() {
            return Ok(());
        }
        let message = "the database takes no changes: the disk is full, read-only or failing; what only reads goes on";
        Err(ServiceError::new(Code::Unavailable, message))
    }

    fn takes_changes(&self) -> bool {
        // Whoever finds somebody else finding out takes it for well; the next one is told.
        let Ok(mut known) = self.readiness.0.try_lock() else {
            return true;
        };
        let now = self.clock.now();
        match *known {
            Some(Known {
                since,
                takes_changes,
            }) if (0..KNOWN_FOR).contains(&(now.as_millis() - since.as_millis())) => takes_changes,
            _ => {
                let takes_changes = match self.store.probe() {
                    Ok(()) => true,
                    Err(error) if error.is_busy() => true,
                    Err(error) => {
                        tracing::warn!(%error, "the database takes no changes");
                        false
                    }
                };
                *known = Some(Known {
                    since: now,
                    takes_changes,
                });
                takes_changes
            }
        }
    }
}

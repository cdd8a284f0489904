//! The way to the published files: short where they lie ready, and otherwise a queue of its own.
//!
//! To make the files of a large keyspace takes seconds. Edges that wait for them hold neither a thread nor a place
//! among the requests that read, so that operators get through however many edges ask.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::App;
use super::problem::{Problem, Table};
use crate::service::{File, Order, Service, ServiceError};

/// For how many keyspaces files are made at once: each takes a processor and a connection to the database.
const MAX_MADE: usize = 2;

/// Who makes files, and who waits for them.
pub(super) struct Workshop {
    makers: Arc<Semaphore>,
    /// By keyspace: one maker each.
    queues: Mutex<HashMap<String, Arc<Semaphore>>>,
}

impl Default for Workshop {
    fn default() -> Self {
        Self {
            makers: Arc::new(Semaphore::new(MAX_MADE)),
            queues: Mutex::default(),
        }
    }
}

impl Workshop {
    /// The turn to make files of `keyspace`.
    async fn turn(&self, keyspace: &str) -> Result<OwnedSemaphorePermit, Problem> {
        let queue = {
            let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
            let queue = queues.entry(keyspace.to_owned());
            Arc::clone(queue.or_insert_with(|| Arc::new(Semaphore::new(1))))
        };
        acquire(&queue).await
    }
}

impl App {
    /// Runs a use case that asks for a published file, and gets the file.
    pub(super) async fn publish(
        &self,
        table: Table,
        ask: impl FnOnce(&Service) -> Result<Order, ServiceError> + Send + 'static,
    ) -> Result<Arc<File>, Problem> {
        let order = self.read(table, ask).await?;
        if let Some(file) = self.service.shelved(&order) {
            return Ok(file);
        }
        let turn = self.workshop.turn(order.keyspace()).await?;
        // Whoever was before in the queue has mostly made it.
        if let Some(file) = self.service.shelved(&order) {
            return Ok(file);
        }
        let maker = acquire(&self.workshop.makers).await?;
        self.work((turn, maker), table, move |service| service.publish(&order))
            .await
    }
}

/// Waits without end of its own: the limit in time of the request is the end.
async fn acquire(semaphore: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Problem> {
    let permit = Arc::clone(semaphore).acquire_owned().await;
    permit.map_err(|_closed| Problem::overloaded())
}

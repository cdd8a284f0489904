//! `POST /v1/maintain`: one round of what the server does by itself every now and then.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::App;
use crate::http::body::{Nothing, Optional};
use crate::http::caller::Caller;
use crate::http::openapi::Refusals;
use crate::http::problem::{Problem, Table};
use crate::service::{Maintenance, Place, Right};

const STATUS: Table = Table(&[]);

/// What a round of maintenance did.
#[derive(Serialize, ToSchema)]
pub(super) struct MaintenanceBody {
    /// Keys whose uses were written down.
    uses_written: u64,
    /// Keys that were switched off because nobody used them.
    idle_disabled: u64,
    /// Keyspaces in which none was, because an edge there owes a report of what was used.
    held_off: Vec<String>,
    /// Rows of what is over that were forgotten.
    purged: u64,
    /// Recoverable keys that were sealed under the present master key.
    resealed: u64,
    /// Recoverable keys that no master key at hand opens.
    unopened: u64,
    /// Owners who were told of their keys' ends.
    noticed: u64,
    /// Owners who are not told, as the mail server refuses their addresses for good.
    notices_refused: u64,
    /// Owners who are told later, as the mail server took no letter now.
    notices_failed: u64,
}

#[utoipa::path(post, path = "/v1/maintain", tag = "server",
    summary = "Do a round of maintenance",
    description = "Writes down uses, switches off idle keys, forgets what is over, seals recoverable keys under the present master key, tells owners whose keys end soon. The server does this by itself every now and then. Needs `server.maintain`.",
    responses((status = 200, description = "What was done", body = MaintenanceBody), Refusals))]
pub(super) async fn maintain(
    State(app): State<App>,
    Caller(caller): Caller,
    Optional(Nothing {}, _): Optional<Nothing>,
) -> Result<Json<MaintenanceBody>, Problem> {
    let done = app
        .change(STATUS, move |service| {
            caller.must(Right::ServerMaintain, Place::Server)?;
            service.maintain()
        })
        .await?;
    Ok(Json(done.into()))
}

impl From<Maintenance> for MaintenanceBody {
    fn from(done: Maintenance) -> Self {
        Self {
            uses_written: done.uses_written,
            idle_disabled: done.idle_disabled,
            held_off: done.held_off,
            purged: done.purged,
            resealed: done.resealed,
            unopened: done.unopened,
            noticed: done.noticed,
            notices_refused: done.notices_refused,
            notices_failed: done.notices_failed,
        }
    }
}

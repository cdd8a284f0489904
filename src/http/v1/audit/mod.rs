//! `/v1/keyspaces/{keyspace}/audit`, `/v1/keyspaces/{keyspace}/accounts/{account}/audit`, `/v1/audit` and
//! `/v1/audit/check`.

mod check;
mod list;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::App;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list_audit))
        .routes(routes!(list::list_account_audit))
        .routes(routes!(list::list_whole_audit))
        .routes(routes!(check::check_audit))
}

/// A hash as it is written: 64 hexadecimal digits.
fn hex(hash: &[u8; 32]) -> String {
    let mut text = String::with_capacity(64);
    for byte in hash {
        text.extend(
            [byte >> 4, byte & 15].map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)])),
        );
    }
    text
}

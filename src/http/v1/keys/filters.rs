//! Which keys a list or a search is for.

use serde::Deserialize;
use utoipa::IntoParams;

use super::KeyStatus;
use crate::service::KeyQuery;

/// The members of the query that choose among keys; all of them have to hold.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct KeyFilters {
    /// The whole name, whatever its case: the profile's first field.
    #[param(nullable = false, pattern = r"\S", example = "CRM")]
    name: Option<String>,
    /// A part of the name, whatever its case.
    #[param(nullable = false, pattern = r"\S")]
    name_contains: Option<String>,
    /// Whether they may be used, now.
    #[param(nullable = false, value_type = Option<KeyStatus>)]
    status: Option<String>,
    /// The id of an access level.
    #[param(nullable = false, pattern = r"\S", example = "events")]
    level: Option<String>,
    /// The whole subject.
    #[param(nullable = false, pattern = r"\S", example = "user-7")]
    subject: Option<String>,
    /// Created before this instant.
    #[param(nullable = false, format = DateTime)]
    created_before: Option<String>,
    /// Created at this instant or later.
    #[param(nullable = false, format = DateTime)]
    created_after: Option<String>,
    /// Last used before this instant, or never.
    #[param(nullable = false, format = DateTime)]
    used_before: Option<String>,
    /// Last used at this instant or later.
    #[param(nullable = false, format = DateTime)]
    used_after: Option<String>,
}

impl From<KeyFilters> for KeyQuery {
    fn from(filters: KeyFilters) -> Self {
        Self {
            name: filters.name,
            name_contains: filters.name_contains,
            status: filters.status,
            level: filters.level,
            subject: filters.subject,
            created_before: filters.created_before,
            created_after: filters.created_after,
            used_before: filters.used_before,
            used_after: filters.used_after,
        }
    }
}

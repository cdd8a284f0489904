//! How much of anything a profile may hold. What people read is not longer than they read.

/// The one version of the schema that this crate reads.
pub(super) const SCHEMA_VERSION: u16 = 1;
/// The most bytes of a document.
pub(super) const MAX_DOCUMENT: usize = 1024 * 1024;
/// The most levels, fields, words, or values of a dimension.
pub(super) const MAX_LISTED: usize = 1_000;
/// The most calls in all routes together.
pub(super) const MAX_CALLS: usize = 10_000;
/// The most bytes of a name.
pub(super) const MAX_NAME: usize = 64;
/// The most bytes of a title, a label or a realm.
pub(super) const MAX_TITLE: usize = 200;
/// The most bytes of a sentence or two.
pub(super) const MAX_HELP: usize = 1_000;
/// The most bytes of a method.
pub(super) const MAX_METHOD: usize = 32;
/// The most bytes of a path pattern or base path.
pub(super) const MAX_PATTERN: usize = 1_024;
/// The most units that a call may cost.
pub(super) const MAX_COST: u32 = 1_000_000;
/// How many values of a dimension a key may list where the profile does not say.
pub(super) const DEFAULT_MAX_VALUES: u16 = 100;
/// How many it may ever list.
pub(super) const MAX_VALUES: u16 = 1_000;
/// A hundred years.
pub(super) const MAX_DAYS: u16 = 36_500;
/// The most characters of a field.
pub(super) const MAX_FIELD_LENGTH: u16 = 10_000;

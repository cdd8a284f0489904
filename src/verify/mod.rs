//! The decision: is the key genuine, is it alive, may it do this?

mod build;
mod builder;
mod decide;
mod decision;
mod explain;
mod hasher;
mod record;
mod table;
mod verifier;

pub(crate) use build::{NewRow, Place, TableBuilder};
pub use builder::Builder;
pub(crate) use builder::record_policy;
pub use decision::{Decision, Denial, Grant, Reason};
pub use explain::{ExplainedRoute, Explanation, Outcome, Step, StepName, Verdict};
pub use record::{Record, Status};
pub(crate) use table::Layout;
pub use table::{KeyTable, RecordId};
pub use verifier::{Ask, CLOCK_SKEW_MILLIS, Request, Validity, Verifier};

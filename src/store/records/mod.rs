//! What is kept: the words of the domain as plain values. How they lie in tables is each backend's own affair.

mod account;
mod act;
mod audit;
mod key;
mod key_filter;
mod keyspace;
mod operator;
mod remember;
mod right;
mod token;
mod usage;

pub use account::{Account, AccountContent, AccountPath};
pub use act::{Act, Premise};
pub use audit::{AuditEntry, AuditFilter};
pub use key::{
    FirstState, FoundKey, KeyContent, KeyIndex, KeyPath, KeyRecord, NewKey, NewSecret, Retiring,
    RetiringPlan, Rotation, Sealed, Slot,
};
pub use key_filter::{KeyFilter, KeySlice, Order, StatusFilter};
pub use keyspace::{
    Edition, Keyspace, KeyspaceContent, KeyspaceUpdate, NewKeyspace, Reindex, Signing,
};
pub use operator::{NewOperator, Operator, OperatorKind, Reach};
pub use remember::{Remember, Remembered, Seal};
pub use right::Right;
pub use token::{NewToken, Token};
pub use usage::{DayUse, UsageFilter, Use};

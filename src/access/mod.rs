//! What a key may do: scopes, levels that bundle them, and the rules that say which scope a call needs.

#[cfg(not(target_family = "wasm"))]
mod compile;
mod constraint;
mod limits;
mod route;
mod scope;

pub(crate) use constraint::pack;
pub use constraint::{
    Constraint, ConstraintValue, Context, Dimension, DimensionKind, MAX_DIMENSIONS, MAX_INTEGER,
    MAX_TEXT_VALUE, Value, Values,
};
pub use limits::LimitValue;
pub(crate) use limits::{Concern, Limits, Violation};
pub(crate) use route::Node;
pub use route::{RouteAccess, RouteHandle, RouteRule, RouteTable, is_method};
pub use scope::{Level, MAX_SCOPES, ScopeSet, is_pattern_well_formed, matches_pattern};

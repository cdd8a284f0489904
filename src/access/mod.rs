//! What a key may do: scopes, levels that bundle them, and the rules that say which scope a call needs.

#[cfg(not(target_family = "wasm"))]
mod compile;
mod route;
mod scope;

pub(crate) use route::Node;
pub use route::{Matched, RouteHandle, RouteRule, RouteTable};
pub use scope::{Level, MAX_SCOPES, ScopeSet};

//! What every build of the core must do alike: the cases of `tests/vectors`, run by the same source natively, under
//! Node and in a browser. The npm package runs them too, from JavaScript.
//!
//! There are no native-only tests here: a launcher may count on as many tests everywhere.

mod credentials;
mod decisions;
mod esputnik;
mod expectation;
mod given;
mod keys;
mod paths;
mod rates;
mod snapshots;
mod vector;

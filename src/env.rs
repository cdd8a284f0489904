//! The outside world in two traits. Only this file may read a clock or draw random bytes (`clippy.toml` holds that);
//! everything else is handed a [`Clock`] or an [`Entropy`], so that tests can hold time still and repeat chance.

use crate::time::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The current instant.
    fn now(&self) -> Timestamp;
}

/// Draws unpredictable bytes.
pub trait Entropy {
    /// Fills `bytes` from a cryptographically secure source.
    ///
    /// # Panics
    /// Where the source fails: a key made from less than full entropy must not exist.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's clock.
#[cfg(not(target_family = "wasm"))]
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

#[cfg(not(target_family = "wasm"))]
impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the clock"
    )]
    fn now(&self) -> Timestamp {
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .ok()
            .and_then(|since| i64::try_from(since.as_millis()).ok())
            .and_then(Timestamp::from_millis)
            .expect("the system clock is set to a time after 1970")
    }
}

/// The operating system's random source, or `crypto.getRandomValues` under wasm.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that draws random bytes"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        // Not `expect`, which would bring the printing of errors into the wasm module.
        assert!(
            getrandom::fill(bytes).is_ok(),
            "the random source of this system does not work"
        );
    }
}

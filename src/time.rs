//! The instant: one unit everywhere, milliseconds since 1970, and never a nonsensical one.

/// An instant in milliseconds since 1970-01-01T00:00:00Z, between 1 and 2⁵³ − 1, so that JavaScript can hold it.
///
/// Zero and negative values do not exist: a clock that reads 0 is one that does not run (workers at module scope).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The last instant: 2⁵³ − 1 ms.
    pub const MAX: Self = Self((1 << 53) - 1);

    /// The instant `millis` after 1970, or `None` where it is not between 1 and 2⁵³ − 1.
    pub const fn from_millis(millis: i64) -> Option<Self> {
        if millis > 0 && millis <= Self::MAX.0 {
            Some(Self(millis))
        } else {
            None
        }
    }

    /// The instant that a JavaScript number gives in milliseconds; fractions are cut off. `None` for NaN, infinities
    /// and whatever [`from_millis`](Self::from_millis) refuses.
    pub fn from_js(millis: f64) -> Option<Self> {
        if !millis.is_finite() {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a float cast saturates, and the range is checked next"
        )]
        Self::from_millis(millis as i64)
    }

    /// Milliseconds since 1970.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// This instant moved by `millis`, held between the first and the last one.
    #[must_use]
    pub const fn saturating_add_millis(self, millis: i64) -> Self {
        let moved = self.0.saturating_add(millis);
        if moved < 1 {
            Self(1)
        } else if moved > Self::MAX.0 {
            Self::MAX
        } else {
            Self(moved)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plausible_instants_exist() {
        for refused in [
            0.0,
            -1.0,
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            0.9,
            9_007_199_254_740_992.0,
        ] {
            assert_eq!(Timestamp::from_js(refused), None, "{refused}");
        }
        assert_eq!(Timestamp::from_js(1.9), Timestamp::from_millis(1));
        assert_eq!(
            Timestamp::from_js(9_007_199_254_740_991.0),
            Some(Timestamp::MAX)
        );
        assert_eq!(Timestamp::MAX.saturating_add_millis(1), Timestamp::MAX);
    }
}

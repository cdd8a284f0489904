//! The whole key, while it is in memory.

use std::fmt;

use zeroize::Zeroize;

/// A whole key. It cannot be cloned or printed, and its memory is overwritten when it is dropped.
pub struct Secret(String);

impl Secret {
    /// Takes a key over. The caller sees to it that no other copy stays behind.
    pub fn new(key: String) -> Self {
        Self(key)
    }

    /// The key itself: for the one answer that shows it, and for digesting.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[elided]")
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Secret::new("es_secret".into())), "[elided]");
    }
}

//! The root key: a seed in a file of its own, from which a root key grows for each keyspace.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use zeroize::Zeroizing;

use crate::env::Entropy;
use crate::snapshot::SigningKey;

/// What root keys grow from.
pub(super) struct RootSeed(Zeroizing<[u8; 32]>);

impl RootSeed {
    pub(super) fn generate(entropy: &dyn Entropy) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        entropy.fill(seed.as_mut());
        Self(seed)
    }

    /// The seed in a file; `None` where there is no such file.
    pub(super) fn read(path: &Path) -> io::Result<Option<Self>> {
        let mut text = Zeroizing::new(String::with_capacity(128));
        match File::open(path) {
            Ok(file) => file.take(128).read_to_string(&mut text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let malformed = || {
            io::Error::new(
                io::ErrorKind::InvalidData,
                format!("{} does not hold 64 hexadecimal digits", path.display()),
            )
        };
        let digits = text.trim_end().as_bytes();
        if digits.len() != 64 {
            return Err(malformed());
        }
        let mut seed = Zeroizing::new([0; 32]);
        for (byte, pair) in seed.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |digit: u8| {
                char::from(digit)
                    .to_digit(16)
                    .and_then(|value| u8::try_from(value).ok())
            };
            *byte = digit(pair[0])
                .zip(digit(pair[1]))
                .map(|(high, low)| high << 4 | low)
                .ok_or_else(malformed)?;
        }
        Ok(Some(Self(seed)))
    }

    /// As the file holds it.
    pub(super) fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(65));
        for byte in self.0.iter() {
            text.push(char::from(b"0123456789abcdef"[usize::from(byte >> 4)]));
            text.push(char::from(b"0123456789abcdef"[usize::from(byte & 15)]));
        }
        text.push('\n');
        text
    }

    /// The root key of a keyspace.
    pub(super) fn key(&self, keyspace: &str) -> SigningKey {
        SigningKey::root_of(&self.0, keyspace)
    }
}

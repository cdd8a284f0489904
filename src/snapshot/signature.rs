//! Ed25519 (RFC 8032) over domain-separated bytes.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::Signer as _;
use sha2::{Digest as _, Sha256};

use crate::error::{Code, Error};

pub(super) const SIGNATURE_LENGTH: usize = 64;

/// The role of a signed file, put before its bytes so that no signature holds for another kind of file.
#[derive(Clone, Copy)]
pub(super) enum Domain {
    Keyring,
    Head,
}

impl Domain {
    const fn tag(self) -> &'static [u8] {
        match self {
            Self::Keyring => b"keyward/v1/keyring\0",
            Self::Head => b"keyward/v1/head\0",
        }
    }
}

fn message(domain: Domain, payload: &[u8]) -> Vec<u8> {
    [domain.tag(), payload].concat()
}

/// Names a public key in a file: the first eight bytes of its SHA-256.
pub(super) type KeyName = [u8; 8];

/// A key that signs. Overwritten when it is dropped.
pub struct SigningKey(ed25519_dalek::SigningKey);

impl SigningKey {
    /// The key that grows from 32 random bytes.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(ed25519_dalek::SigningKey::from_bytes(seed))
    }

    /// The root key of one keyspace, grown from the root seed that all keyspaces of a server share: so the public key
    /// that an edge pins vouches for this keyspace alone.
    pub fn root_of(seed: &[u8; 32], keyspace: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"keyward/v1/root\0");
        hash.update(seed);
        hash.update(keyspace.as_bytes());
        Self::from_seed(&hash.finalize().into())
    }

    /// The key that checks its signatures.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    pub(super) fn sign(&self, domain: Domain, payload: &[u8]) -> [u8; SIGNATURE_LENGTH] {
        self.0.sign(&message(domain, payload)).to_bytes()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[elided]")
    }
}

/// A key that checks signatures, as text `ed25519:<base64url without padding>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PublicKey([u8; 32]);

impl PublicKey {
    /// The key with these bytes; whether they are one shows when it checks a signature.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(super) fn name(&self) -> KeyName {
        let digest = Sha256::digest(self.0);
        let mut name = [0; 8];
        name.copy_from_slice(&digest[..8]);
        name
    }

    /// Strict: no small-order keys, no second encoding of a signature.
    pub(super) fn verify(
        &self,
        domain: Domain,
        payload: &[u8],
        signature: &[u8; SIGNATURE_LENGTH],
    ) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(signature);
        ed25519_dalek::VerifyingKey::from_bytes(&self.0).is_ok_and(|key| {
            key.verify_strict(&message(domain, payload), &signature)
                .is_ok()
        })
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ed25519:{}", URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl FromStr for PublicKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        text.strip_prefix("ed25519:")
            .and_then(|encoded| URL_SAFE_NO_PAD.decode(encoded).ok())
            .and_then(|bytes| bytes.try_into().ok())
            .map(Self)
            .ok_or_else(|| {
                let message =
                    "a public key is `ed25519:` and 43 characters of base64url without padding";
                Error::new(Code::InvalidArgument, message)
            })
    }
}

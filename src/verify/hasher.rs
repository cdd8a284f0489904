//! How a verifier digests the keys that it is shown.

use crate::error::{Code, Error};
use crate::key::{Digest, DigestScheme, Pepper};

/// Makes digests of one scheme.
#[derive(Debug)]
pub(super) enum Hasher {
    Sha256,
    Hmac(Pepper),
}

impl Hasher {
    pub(super) fn digest(&self, key: &[u8]) -> Digest {
        match self {
            Self::Sha256 => Digest::sha256_of(key),
            Self::Hmac(pepper) => pepper.digest(key),
        }
    }

    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Hmac(_) => "HMAC-SHA-256",
        }
    }
}

/// The hasher for each scheme; a table without keys is looked up in like any other.
pub(super) fn hashers(
    schemes: &[DigestScheme],
    mut peppers: Vec<Pepper>,
) -> Result<Vec<Hasher>, Error> {
    let is_twice = |(at, pepper): (usize, &Pepper)| {
        peppers[..at].iter().any(|other| other.id() == pepper.id())
    };
    if peppers.iter().enumerate().any(is_twice) {
        let message = "two peppers have one id; give each id once";
        return Err(Error::new(Code::InvalidArgument, message));
    }
    if schemes.is_empty() {
        return Ok(vec![Hasher::Sha256]);
    }
    let mut hashers = Vec::new();
    for scheme in schemes {
        hashers.push(match scheme {
            DigestScheme::Sha256 => Hasher::Sha256,
            DigestScheme::HmacSha256(id) => {
                let given = peppers.iter().position(|pepper| pepper.id() == *id);
                let Some(at) = given else {
                    let message =
                        format!("keys are digested with pepper '{id}', which was not given");
                    return Err(Error::new(Code::MissingPepper, message));
                };
                Hasher::Hmac(peppers.swap_remove(at))
            }
        });
    }
    Ok(hashers)
}

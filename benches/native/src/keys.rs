//! The keys that are verified, and the many that only lie beside them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keyward::access::Constraint;
use keyward::env::SystemEntropy;
use keyward::error::Error;
use keyward::key::{Digest, Pepper};
use keyward::profile::Profile;
use keyward::time::Timestamp;
use keyward::verify::{Record, Verifier};

/// How many records there are.
pub const KEYS: u32 = 100_000;
/// How many of a kind are verified.
const IN_TURN: u32 = 1_000;
/// A shop that every limited key may use.
pub const SHOP: i64 = 7;

/// A verifier, and keys that it knows.
pub struct Keys {
    pub verifier: Verifier,
    /// Keys without constraints.
    pub plain: Vec<Vec<u8>>,
    /// Keys with constraints.
    pub limited: Vec<Vec<u8>>,
}

impl Keys {
    /// Makes them; peppered or not.
    pub fn make(peppered: bool) -> Result<Self, Error> {
        let toml = Profile::preset_toml("esputnik").expect("a preset of the library");
        let profile =
            Profile::from_toml(&format!("{toml}{}", include_str!("../../constraints.toml")))?;
        let pepper = Pepper::new("p1".parse()?, b"a secret of the bench, long enough")?;
        let digest = |key: &[u8]| {
            if peppered {
                pepper.digest(key)
            } else {
                Digest::sha256_of(key)
            }
        };
        let (mut plain, mut limited) = (Vec::new(), Vec::new());
        let mut records = Vec::new();
        for number in 0..KEYS {
            let is_limited = number % 3 == 1;
            let digest = if number < 3 * IN_TURN && number % 3 < 2 {
                let secret = profile.key_format().generate(None, &SystemEntropy)?;
                let key = secret.expose().as_bytes().to_vec();
                let digest = digest(&key);
                if is_limited { &mut limited } else { &mut plain }.push(key);
                digest
            } else {
                // Nobody has its key: any bytes will do that are spread evenly.
                let scheme = digest(b"any").scheme();
                Digest::new(scheme, *Digest::sha256_of(&number.to_le_bytes()).bytes())
            };
            let ends =
                Timestamp::from_millis(4_070_908_800_000 + i64::from(number)).expect("a time");
            let record = Record::new(&number.to_string(), digest)
                .level("events")
                .expires_at(ends);
            records.push(if is_limited {
                record
                    .constraint(
                        "shop_id",
                        Constraint::only([SHOP, 1_000 + i64::from(number)])?,
                    )
                    .constraint("network", Constraint::only(["192.0.2.0/24"])?)
            } else {
                record
            });
        }
        let verifier = Verifier::builder(profile)
            .records(records)
            .peppers([pepper])
            .build()?;
        Ok(Self {
            verifier,
            plain,
            limited,
        })
    }
}

/// The key as a Basic credential, with any user name.
pub fn basic(key: &[u8]) -> Vec<u8> {
    let pair = [b"any:", key].concat();
    format!("Basic {}", STANDARD.encode(pair)).into_bytes()
}

/// The key with one character of its body exchanged.
pub fn mistyped(key: &[u8]) -> Vec<u8> {
    let mut key = key.to_vec();
    let at = key.len() - 20;
    key[at] = if key[at] == b'a' { b'b' } else { b'a' };
    key
}

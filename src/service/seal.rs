//! What is kept so that only the right holder can read it: recoverable keys under a master key that lies outside the
//! data directory, and answers to requests under what their caller holds (docs/operating.md).
//!
//! Both with XChaCha20-Poly1305, whose nonce of 24 bytes is drawn anew each time. What is sealed for one key opens as
//! that of no other: keyspace, account, id and digest are authenticated with it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{AeadInOut as _, KeyInit as _};
use chacha20poly1305::{Tag, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::{Digest as _, Sha256};
use zeroize::{Zeroize as _, Zeroizing};

use super::error::{Code, ServiceError};
use crate::env::Entropy;
use crate::key::{Digest, Secret};
use crate::store::{KeyPath, Sealed};

/// What each use of a key or digest is for, so that none can stand for another.
const MASTER_KEY_ID: &[u8] = b"keyward master key id v1";
const SEALED_KEY: &[u8] = b"keyward sealed key v1";
const SEALED_ANSWER: &[u8] = b"keyward sealed answer v1";

const KEY_BYTES: usize = 32;
const SALT_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
const TAG_BYTES: usize = 16;

/// The key under which recoverable keys are sealed. It cannot be cloned or printed, and is overwritten when it is
/// dropped.
pub struct MasterKey(
    // Boxed, so that moving it leaves no copy behind.
    Box<Zeroizing<[u8; KEY_BYTES]>>,
);

impl MasterKey {
    /// The key of these bytes, which should be random ones.
    pub fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        Self(Box::new(Zeroizing::new(bytes)))
    }

    /// Reads a key: 64 hexadecimal digits, or the base64 of 32 bytes; white space around it does not count.
    pub fn parse(text: &str) -> Result<Self, MalformedMasterKey> {
        let text = text.trim().as_bytes();
        let mut key = Box::new(Zeroizing::new([0; KEY_BYTES]));
        if text.len() == KEY_BYTES * 2 {
            for (byte, digits) in key.iter_mut().zip(text.chunks_exact(2)) {
                let high = hex_value(digits[0]).ok_or(MalformedMasterKey)?;
                let low = hex_value(digits[1]).ok_or(MalformedMasterKey)?;
                *byte = high << 4 | low;
            }
            return Ok(Self(key));
        }
        // As much as the decoder may write on its way.
        let mut decoded = Zeroizing::new([0; KEY_BYTES + 4]);
        match STANDARD.decode_slice(text, &mut *decoded) {
            Ok(KEY_BYTES) => {
                key.copy_from_slice(&decoded[..KEY_BYTES]);
                Ok(Self(key))
            }
            _ => Err(MalformedMasterKey),
        }
    }

    /// Its public name: the first bytes of a digest of it.
    pub fn id(&self) -> [u8; 8] {
        let mut hash = Sha256::new();
        hash.update(MASTER_KEY_ID);
        hash.update(self.0.as_slice());
        let digest = <[u8; 32]>::from(hash.finalize());
        let mut id = [0; 8];
        id.copy_from_slice(&digest[..8]);
        id
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey([elided])")
    }
}

/// A text that is no master key. It does not say more of the text: that may be nearly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MalformedMasterKey;

impl fmt::Display for MalformedMasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a master key is 32 random bytes, as 64 hexadecimal digits or in base64; `openssl rand -hex 32` makes one",
        )
    }
}

impl std::error::Error for MalformedMasterKey {}

/// The master keys of a server: the one under which it seals, and those before, under which some may be sealed still.
#[derive(Debug, Default)]
pub struct MasterKeys {
    current: Option<MasterKey>,
    previous: Vec<MasterKey>,
}

impl MasterKeys {
    /// Seals under `current`, and opens under `previous` too.
    pub const fn new(current: Option<MasterKey>, previous: Vec<MasterKey>) -> Self {
        Self { current, previous }
    }

    /// The id of the key under which new ones are sealed.
    pub fn current_id(&self) -> Option<[u8; 8]> {
        self.current.as_ref().map(MasterKey::id)
    }

    /// Seals a key for this record and digest; `master_key_missing` where there is no master key.
    pub(super) fn seal(
        &self,
        path: &KeyPath,
        digest: &Digest,
        secret: &Secret,
        entropy: &dyn Entropy,
    ) -> Result<Sealed, ServiceError> {
        let master = self.current.as_ref().ok_or_else(|| {
            let message = "keys of this keyspace are kept so that they can be shown again, and this server has no master \
                           key to seal them with; start it with one";
            ServiceError::new(Code::MasterKeyMissing, message)
        })?;
        let bytes = seal(
            &master.0,
            &binding(path, digest),
            secret.expose().as_bytes(),
            entropy,
        );
        Ok(Sealed {
            master: master.id(),
            bytes,
        })
    }

    /// Opens what was sealed for this record and digest; `master_key_missing` where it was sealed under another master
    /// key than these.
    pub(super) fn open(
        &self,
        path: &KeyPath,
        digest: &Digest,
        sealed: &Sealed,
    ) -> Result<Secret, ServiceError> {
        let mut known = self.current.iter().chain(&self.previous);
        let master = known
            .find(|master| master.id() == sealed.master)
            .ok_or_else(|| {
                let message = format!(
                    "the key was sealed under master key {:016x}, which this server does not have; start it with that one \
                     among the previous ones",
                    u64::from_be_bytes(sealed.master)
                );
                ServiceError::new(Code::MasterKeyMissing, message)
            })?;
        open(&master.0, &binding(path, digest), &sealed.bytes)
            .and_then(|mut opened| {
                let text = String::from_utf8(std::mem::take(&mut *opened));
                text.map_err(|error| error.into_bytes().zeroize()).ok()
            })
            .map(Secret::new)
            .ok_or_else(|| {
                ServiceError::internal(format!(
                    "what is sealed of key {} of account {} in keyspace {} does not open: it was damaged, or sealed for \
                     another",
                    path.id, path.account.account, path.account.keyspace
                ))
            })
    }
}

/// Seals the answer to a request so that it opens only for who presents the same idempotency key and credential again.
/// Neither is kept: a salt of 32 bytes, a nonce of 24, what is sealed.
pub(super) fn seal_answer(
    idempotency_key: &[u8],
    credential: &[u8],
    answer: &[u8],
    entropy: &dyn Entropy,
) -> Vec<u8> {
    let mut salt = [0; SALT_BYTES];
    entropy.fill(&mut salt);
    let key = answer_key(&salt, idempotency_key, credential);
    let sealed = seal(&key, SEALED_ANSWER, answer, entropy);
    [&salt[..], &sealed].concat()
}

/// The answer that was sealed. It is looked up by what the caller holds, so that one that does not open is damaged.
pub(super) fn open_answer(
    idempotency_key: &[u8],
    credential: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, ServiceError> {
    sealed
        .split_first_chunk::<SALT_BYTES>()
        .and_then(|(salt, sealed)| {
            let key = answer_key(salt, idempotency_key, credential);
            open(&key, SEALED_ANSWER, sealed)
        })
        .ok_or_else(|| {
            ServiceError::internal(
                "a remembered answer does not open: it was damaged, or is another caller's",
            )
        })
}

/// HKDF-SHA-256 (RFC 5869) over what the caller holds.
fn answer_key(
    salt: &[u8; SALT_BYTES],
    idempotency_key: &[u8],
    credential: &[u8],
) -> Zeroizing<[u8; KEY_BYTES]> {
    let held = Zeroizing::new(joined(&[], &[idempotency_key, credential]));
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    Hkdf::<Sha256>::new(Some(salt), &held)
        .expand(SEALED_ANSWER, &mut *key)
        .expect("HKDF-SHA-256 gives up to 8,160 bytes");
    key
}

/// What a sealed key is bound to.
fn binding(path: &KeyPath, digest: &Digest) -> Vec<u8> {
    joined(
        SEALED_KEY,
        &[
            path.account.keyspace.as_bytes(),
            path.account.account.as_bytes(),
            &path.id.get().to_be_bytes(),
            digest.to_string().as_bytes(),
        ],
    )
}

/// The purpose, and each part behind its length, so that no two lists of parts are joined to the same bytes.
fn joined(purpose: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let length = parts.iter().map(|part| 8 + part.len()).sum::<usize>();
    // Never grown: a part may be secret, and growing would leave a copy behind.
    let mut joined = Vec::with_capacity(purpose.len() + length);
    joined.extend_from_slice(purpose);
    for part in parts {
        joined.extend_from_slice(&(part.len() as u64).to_be_bytes());
        joined.extend_from_slice(part);
    }
    joined
}

/// Nonce, ciphertext, tag.
fn seal(key: &[u8; KEY_BYTES], binding: &[u8], text: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
    let mut nonce = [0; NONCE_BYTES];
    entropy.fill(&mut nonce);
    // Sealed in place, and never grown: no copy of the text stays behind.
    let mut sealed = Vec::with_capacity(NONCE_BYTES + text.len() + TAG_BYTES);
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(text);
    let tag = XChaCha20Poly1305::new(key.into())
        .encrypt_inout_detached(
            &XNonce::from(nonce),
            binding,
            (&mut sealed[NONCE_BYTES..]).into(),
        )
        .expect("nothing of 256 GB is sealed");
    sealed.extend_from_slice(&tag);
    sealed
}

fn open(key: &[u8; KEY_BYTES], binding: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, rest) = sealed.split_first_chunk::<NONCE_BYTES>()?;
    let (text, tag) = rest.split_last_chunk::<TAG_BYTES>()?;
    let mut text = Zeroizing::new(text.to_vec());
    XChaCha20Poly1305::new(key.into())
        .decrypt_inout_detached(
            &XNonce::from(*nonce),
            binding,
            text.as_mut_slice().into(),
            &Tag::from(*tag),
        )
        .ok()?;
    Some(text)
}

const fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::key::KeyId;
    use crate::store::AccountPath;

    /// Bytes that never come twice.
    #[derive(Default)]
    struct Counting(Cell<u8>);

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            self.0.set(self.0.get() + 1);
            bytes.fill(self.0.get());
        }
    }

    const KEY: &str = "MTI6MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nw==";

    fn master(byte: u8) -> MasterKey {
        MasterKey::from_bytes([byte; 32])
    }

    fn path(keyspace: &str, account: &str, id: u64) -> KeyPath {
        KeyPath {
            account: AccountPath {
                keyspace: keyspace.to_owned(),
                account: account.to_owned(),
            },
            id: KeyId::from_u64(id).expect("a number"),
        }
    }

    fn digest() -> Digest {
        Digest::sha256_of(KEY.as_bytes())
    }

    fn sealed(keys: &MasterKeys) -> Sealed {
        keys.seal(
            &path("shop", "acme", 7),
            &digest(),
            &Secret::new(KEY.to_owned()),
            &Counting::default(),
        )
        .expect("a master key")
    }

    #[test]
    fn what_is_sealed_opens_for_its_record() {
        let keys = MasterKeys::new(Some(master(1)), vec![]);
        let sealed = sealed(&keys);
        assert_eq!(sealed.master, master(1).id());
        assert_eq!(sealed.bytes.len(), 24 + KEY.len() + 16);
        let opened = keys.open(&path("shop", "acme", 7), &digest(), &sealed);
        assert_eq!(opened.expect("its own").expose(), KEY);
    }

    #[test]
    fn for_no_other_record_and_no_other_digest() {
        let keys = MasterKeys::new(Some(master(1)), vec![]);
        let sealed = sealed(&keys);
        let peppered = Digest::new(
            "hmac-sha256:a".parse().expect("a scheme"),
            *digest().bytes(),
        );
        for (what, path, digest) in [
            ("keyspace", path("shops", "acme", 7), digest()),
            ("account", path("shop", "acm", 7), digest()),
            ("id", path("shop", "acme", 8), digest()),
            ("a shifted border", path("shopa", "cme", 7), digest()),
            (
                "digest",
                path("shop", "acme", 7),
                Digest::sha256_of(b"another"),
            ),
            ("scheme", path("shop", "acme", 7), peppered),
        ] {
            let error = keys.open(&path, &digest, &sealed).expect_err(what);
            assert_eq!(error.code(), Code::Internal, "{what}");
            assert!(!error.to_string().contains(KEY), "{what}");
        }
    }

    #[test]
    fn no_bit_can_be_changed_and_no_byte_cut_or_added() {
        let keys = MasterKeys::new(Some(master(1)), vec![]);
        let good = sealed(&keys);
        let opens = |bytes: Vec<u8>| {
            let sealed = Sealed {
                bytes,
                ..good.clone()
            };
            keys.open(&path("shop", "acme", 7), &digest(), &sealed)
                .is_ok()
        };
        assert!(opens(good.bytes.clone()));
        for bit in 0..good.bytes.len() * 8 {
            let mut bytes = good.bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(!opens(bytes), "bit {bit}");
        }
        for length in 0..good.bytes.len() {
            assert!(!opens(good.bytes[..length].to_vec()), "cut at {length}");
        }
        assert!(!opens([&good.bytes[..], &[0]].concat()));
    }

    #[test]
    fn each_time_to_other_bytes() {
        let keys = MasterKeys::new(Some(master(1)), vec![]);
        let entropy = Counting::default();
        let seal = || {
            let secret = Secret::new(KEY.to_owned());
            keys.seal(&path("shop", "acme", 7), &digest(), &secret, &entropy)
                .expect("a master key")
        };
        let (one, other) = (seal(), seal());
        assert_ne!(one.bytes[24..], other.bytes[24..]);
        let shown = |sealed: &Sealed| {
            let bytes = &sealed.bytes;
            bytes
                .windows(8)
                .any(|part| KEY.as_bytes().windows(8).any(|key| key == part))
        };
        assert!(!shown(&one) && !shown(&other));
    }

    #[test]
    fn another_master_key_opens_what_it_sealed_itself() {
        let before = MasterKeys::new(Some(master(1)), vec![]);
        let sealed = sealed(&before);
        let open = |keys: &MasterKeys| keys.open(&path("shop", "acme", 7), &digest(), &sealed);
        let rotated = MasterKeys::new(Some(master(2)), vec![master(3), master(1)]);
        assert_eq!(open(&rotated).expect("a previous one").expose(), KEY);
        assert_eq!(rotated.current_id(), Some(master(2).id()));
        let without = MasterKeys::new(Some(master(2)), vec![]);
        let error = open(&without).expect_err("another");
        assert_eq!(error.code(), Code::MasterKeyMissing);
        // That it is called so does not make it the one.
        let renamed = Sealed {
            master: master(2).id(),
            ..sealed.clone()
        };
        let error = without
            .open(&path("shop", "acme", 7), &digest(), &renamed)
            .expect_err("under another key");
        assert_eq!(error.code(), Code::Internal);
    }

    #[test]
    fn without_a_master_key_nothing_is_sealed() {
        let keys = MasterKeys::default();
        assert_eq!(keys.current_id(), None);
        let error = keys
            .seal(
                &path("shop", "acme", 7),
                &digest(),
                &Secret::new(KEY.to_owned()),
                &Counting::default(),
            )
            .expect_err("no master key");
        assert_eq!(error.code(), Code::MasterKeyMissing);
    }

    #[test]
    fn master_keys_are_hexadecimal_or_base64() {
        let hex = "00112233445566778899aabbccddeeffFFEEDDCCBBAA99887766554433221100";
        let base64 = "ABEiM0RVZneImaq7zN3u///u3cy7qpmId2ZVRDMiEQA=";
        let id = MasterKey::parse(hex).expect("hexadecimal").id();
        assert_eq!(MasterKey::parse(base64).expect("base64").id(), id);
        let padded = format!(" {hex}\n");
        assert_eq!(MasterKey::parse(&padded).expect("a line").id(), id);
        for text in [
            "",
            &hex[1..],
            &hex[2..],
            &format!("{hex}00"),
            &hex.replace('0', "g"),
            &hex.replace('0', "é"),
            &base64[1..],
            base64.trim_end_matches('='),
            &base64.replace('/', "_"),
            &format!("{base64}AAAA"),
            "a password that somebody thought of",
        ] {
            assert_eq!(
                MasterKey::parse(text).err(),
                Some(MalformedMasterKey),
                "{text:?}"
            );
        }
    }

    #[test]
    fn debug_shows_nothing_and_ids_differ() {
        let keys = MasterKeys::new(Some(master(0x61)), vec![master(0x62)]);
        let shown = format!("{keys:?}");
        assert_eq!(
            shown,
            "MasterKeys { current: Some(MasterKey([elided])), previous: [MasterKey([elided])] }"
        );
        assert_ne!(master(1).id(), master(2).id());
        assert_ne!(master(1).id(), Sha256::digest([1; 32])[..8]);
    }

    #[test]
    fn an_answer_opens_for_who_asked() {
        let answer = format!("{{\"key\":\"{KEY}\"}}");
        let entropy = Counting::default();
        let seal = || seal_answer(b"retry-1", b"op_key", answer.as_bytes(), &entropy);
        let sealed = seal();
        assert_eq!(sealed.len(), 32 + 24 + answer.len() + 16);
        let opened = open_answer(b"retry-1", b"op_key", &sealed);
        assert_eq!(opened.expect("the same").as_slice(), answer.as_bytes());
        for (key, credential) in [
            (&b"retry-2"[..], &b"op_key"[..]),
            (b"retry-1", b"op_kez"),
            (b"retry-1o", b"p_key"),
            (b"op_key", b"retry-1"),
            (b"", b"retry-1op_key"),
        ] {
            let error = open_answer(key, credential, &sealed).expect_err("another caller");
            assert_eq!(error.code(), Code::Internal);
        }
        let opens = |sealed: &[u8]| open_answer(b"retry-1", b"op_key", sealed).is_ok();
        assert!(opens(&sealed));
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(!opens(&changed), "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert!(!opens(&sealed[..length]), "cut at {length}");
        }
        let again = seal();
        assert_ne!(again[..32], sealed[..32], "another salt");
        assert_ne!(again[56..], sealed[56..]);
    }

    /// The example of draft-irtf-cfrg-xchacha, A.3.1: its first bytes and its tag.
    #[test]
    fn the_cipher_is_the_published_one() {
        struct Nonce;
        impl Entropy for Nonce {
            fn fill(&self, bytes: &mut [u8]) {
                for (byte, value) in bytes.iter_mut().zip(0x40..) {
                    *byte = value;
                }
            }
        }
        let mut key = [0; 32];
        for (byte, value) in key.iter_mut().zip(0x80..) {
            *byte = value;
        }
        let binding = [
            0x50, 0x51, 0x52, 0x53, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7,
        ];
        let text = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
        let sealed = seal(&key, &binding, text, &Nonce);
        assert_eq!(sealed[24..28], [0xbd, 0x6d, 0x17, 0x9d]);
        assert_eq!(
            sealed[sealed.len() - 16..],
            [
                0xc0, 0x87, 0x59, 0x24, 0xc1, 0xc7, 0x98, 0x79, 0x47, 0xde, 0xaf, 0xd8, 0x78, 0x0a,
                0xcf, 0x49
            ]
        );
    }
}

//! Keys of all formats, ids, digests and names: what parses is what it says, and nothing panics.
#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keyward::key::{
    Digest, DigestScheme, KeyFormat, KeyId, ParsedKey, Pepper, PepperId, Secret, checksum,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|key: &[u8]| {
    let prefixed =
        ["es", "kw_live"].map(|prefix| KeyFormat::checksummed(prefix).expect("a good prefix"));
    for format in prefixed
        .iter()
        .chain([&KeyFormat::AccountHex, &KeyFormat::Opaque])
    {
        let parsed = format.parse(key);
        assert_eq!(format.check(key), parsed.map(drop));
        match parsed {
            Ok(parsed) => read(format, parsed, key),
            Err(error) => assert!(error.at() <= key.len()),
        }
        if let Ok(text) = std::str::from_utf8(key) {
            // What is no key of a format has a hint too; none shows more than a quarter.
            let hint = format.hint(&Secret::new(text.to_owned()));
            assert!(hint.chars().filter(|&shown| shown != '…').count() * 4 <= text.len());
        }
    }
    if let Ok(text) = std::str::from_utf8(key) {
        texts(text);
    }
    if let Ok(pepper) = Pepper::new("p".parse().expect("a good name"), key) {
        assert!((16..=1024).contains(&key.len()));
        assert!(pepper.digest(key) != Digest::sha256_of(key));
    }
});

fn read(format: &KeyFormat, parsed: ParsedKey<'_>, key: &[u8]) {
    match (parsed.prefix, parsed.checksum, parsed.account) {
        (Some(prefix), Some(digits), None) => {
            assert_eq!(Some(prefix), format.prefix());
            assert_eq!(format!("{prefix}_{}{digits}", parsed.body).as_bytes(), key);
            assert_eq!(checksum(parsed.body.as_bytes()), digits.as_bytes());
        }
        (None, None, Some(account)) => {
            assert!((1..1 << 53).contains(&account));
            let content = STANDARD.decode(key).expect("base64");
            let (number, digits) = content.split_at(content.len() - 41);
            assert_eq!(number, account.to_string().as_bytes());
            assert_eq!(digits[0], b':');
            assert!(digits[1..].iter().all(u8::is_ascii_hexdigit));
            assert_eq!(STANDARD.encode(&content).as_bytes(), key, "one spelling");
        }
        (None, None, None) => {
            assert_eq!(format, &KeyFormat::Opaque);
            assert!((1..=256).contains(&key.len()) && key.iter().all(u8::is_ascii_graphic));
        }
        other => panic!("{other:?}"),
    }
}

/// Whatever has a text has one.
fn texts(text: &str) {
    if let Ok(digest) = text.parse::<Digest>() {
        assert_eq!(digest.to_string(), text);
        assert_eq!(digest.scheme().to_string().parse(), Ok(digest.scheme()));
    }
    if let Ok(scheme) = text.parse::<DigestScheme>() {
        assert_eq!(scheme.to_string(), text);
    }
    if let Ok(id) = text.parse::<PepperId>() {
        assert_eq!(id.as_str(), text);
    }
    if let Ok(id) = text.parse::<KeyId>() {
        assert_eq!(id.to_string(), text);
    }
}

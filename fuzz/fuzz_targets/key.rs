//! Keys, ids and digests: what parses is what it says, and nothing panics.
#![no_main]

use keyward::key::{Digest, KeyFormat, KeyId, Secret, checksum};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|key: &[u8]| {
    for prefix in ["es", "kw_live"] {
        let format = KeyFormat::checksummed(prefix).expect("a good prefix");
        match format.parse(key) {
            Ok(parsed) => {
                let text = format!("{}_{}{}", parsed.prefix, parsed.body, parsed.checksum);
                assert_eq!(text.as_bytes(), key);
                assert_eq!(checksum(parsed.body.as_bytes()), parsed.checksum.as_bytes());
            }
            Err(error) => assert!(error.at() <= key.len()),
        }
        if let Ok(text) = std::str::from_utf8(key) {
            // Keys of other formats have hints too; none shows more than a quarter.
            let hint = format.hint(&Secret::new(text.to_owned()));
            assert!(hint.chars().filter(|&shown| shown != '…').count() * 4 <= text.len());
        }
    }
    if let Ok(text) = std::str::from_utf8(key) {
        if let Ok(digest) = text.parse::<Digest>() {
            assert_eq!(digest.to_string(), text);
        }
        if let Ok(id) = text.parse::<KeyId>() {
            assert_eq!(id.to_string(), text);
        }
    }
});

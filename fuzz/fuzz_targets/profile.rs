//! Compiled profiles: those that are read can be written again, and decide without panicking.
#![no_main]

use keyward::key::Digest;
use keyward::profile::Profile;
use keyward::time::Timestamp;
use keyward::verify::{Record, Request, Verifier};
use libfuzzer_sys::fuzz_target;

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000).expect("after 1970");
const BASIC: &[u8] = b"Basic OmVzX3pRV0J1VFNPb1JpNEE5c3BIY1ZZNW5jbnNEa3hrSjBtTHExNw==";
const KEY: &[u8] = b"es_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17";

fuzz_target!(|bytes: &[u8]| {
    let Ok(profile) = Profile::decode(bytes) else {
        return;
    };
    assert_eq!(profile.compile(), bytes);
    let _ = profile.challenges().count();
    let Some(level) = profile.levels().first().map(|level| level.id.clone()) else {
        return;
    };
    let record = Record::new("record", Digest::sha256_of(KEY)).level(&level);
    let Ok(verifier) = Verifier::builder(profile).record(record).build() else {
        return;
    };
    for target in [
        "/",
        "/a/x/y",
        "/a/v1/x/%79",
        "/a/x/1/z",
        "/api/v2/contact/5",
        "/api/contact/Subscribe",
    ] {
        for method in ["GET", "HEAD", "PUT", ""] {
            let request = Request {
                authorization: &[BASIC],
                method: method.as_bytes(),
                target: target.as_bytes(),
            };
            let decision = verifier.verify(&request, NOW);
            let explanation = verifier.explain(&request, Some(NOW));
            let reason = decision.reason().map(keyward::verify::Reason::as_str);
            assert_eq!(explanation.reason, reason);
            let _ = verifier.route(method.as_bytes(), target.as_bytes());
        }
    }
});

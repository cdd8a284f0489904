//! Request targets: what is accepted has no second reading.
#![no_main]

use keyward::request::RequestPath;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|target: &[u8]| {
    match RequestPath::of_target(target) {
        Ok(path) => {
            let bytes = path.as_bytes();
            assert_eq!(bytes[0], b'/');
            assert!(bytes.is_ascii());
            assert_eq!(RequestPath::parse(bytes), Ok(path));
            assert_eq!(RequestPath::of_target(bytes), Ok(path));
            let count = path.segments().count();
            for (index, segment) in path.segments().enumerate() {
                assert!(!segment.is_empty() || index + 1 == count);
                assert!(segment != b"." && segment != b"..");
                assert!(!segment.iter().any(|byte| b"\\;?#".contains(byte)));
            }
        }
        Err(error) => assert!(error.at() <= target.len()),
    }
});

//! Values of `Authorization`: one credential or none.
#![no_main]

use keyward::request::{CredentialErrorKind, DecodeBuffer, Transport, extract};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let values: Vec<&[u8]> = input.split(|&byte| byte == b'\n').collect();
    let transports = [Transport::BasicPassword, Transport::Bearer];
    let mut buffer = DecodeBuffer::default();
    match extract(&transports, &values, &mut buffer) {
        Ok(credential) => {
            assert_eq!(values.len(), 1);
            assert!(!values[0].contains(&b','));
            let key = std::str::from_utf8(credential.key).expect("keys are read as UTF-8");
            assert!(!key.contains(char::is_control));
        }
        Err(error) if values.len() > 1 => {
            assert_eq!(error.kind(), CredentialErrorKind::Ambiguous);
        }
        Err(_) => {}
    }
});

//! Headers: one credential or none, whatever the transports. The first byte chooses these; each line is a header, whose
//! first byte chooses its name.
#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keyward::request::{CredentialErrorKind, DecodeBuffer, Transport, extract};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((&chosen, input)) = input.split_first() else {
        return;
    };
    let transports = transports(chosen);
    let headers: Vec<_> = input
        .split(|&byte| byte == b'\n')
        .filter_map(|line| line.split_first())
        .map(|(&name, value)| (name_of(name), value))
        .collect();
    let holds_credential = |name: &str| {
        transports
            .iter()
            .any(|transport| transport.header() == name)
    };
    let values: Vec<_> = headers
        .iter()
        .filter(|(name, _)| {
            let name = name.to_ascii_lowercase();
            name == "authorization" || holds_credential(&name)
        })
        .map(|(_, value)| *value)
        .collect();
    let mut buffer = DecodeBuffer::default();
    match extract(&transports, &headers, &mut buffer) {
        Ok(credential) => {
            assert_eq!(values.len(), 1);
            assert!(transports.contains(credential.transport));
            check(credential.transport, credential.key, values[0]);
        }
        Err(error) => match values.len() {
            0 => assert_eq!(error.kind(), CredentialErrorKind::Missing),
            1 => {}
            _ => assert_eq!(error.kind(), CredentialErrorKind::Ambiguous),
        },
    }
});

fn transports(chosen: u8) -> Vec<Transport> {
    let names = [
        "bearer",
        "basic_password",
        "basic_whole",
        "header(x-api-key)",
        "header(x-mail-key)",
    ];
    // No profile has both of Basic.
    let chosen = if chosen & 6 == 6 { chosen & !4 } else { chosen };
    (0..)
        .zip(names)
        .filter(|(bit, _)| chosen >> bit & 1 == 1)
        .map(|(_, name)| Transport::from_name(name).expect("a good name"))
        .collect()
}

fn name_of(byte: u8) -> &'static str {
    match byte {
        b'a' => "Authorization",
        b'A' => "authorization",
        b'k' => "x-api-key",
        b'K' => "X-API-Key",
        b'm' => "x-mail-key",
        b'x' => "x-api-keys",
        _ => "cookie",
    }
}

fn check(transport: &Transport, key: &[u8], value: &[u8]) {
    assert!(!value.contains(&b','), "two values joined");
    let text = std::str::from_utf8(key).expect("keys are read as UTF-8");
    assert!(!text.contains(char::is_control));
    match transport {
        Transport::BasicPassword => {}
        Transport::BasicWhole => {
            let decoded = STANDARD.decode(key).expect("base64");
            assert!(decoded.contains(&b':'));
            assert!(value.windows(key.len()).any(|part| part == key));
        }
        _ => {
            assert!(!key.is_empty() && key.iter().all(u8::is_ascii_graphic));
            assert!(value.windows(key.len()).any(|part| part == key));
        }
    }
}

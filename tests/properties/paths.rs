//! Paths: what is accepted has one reading, whoever reads it; what has one reading is accepted.

use keyward::request::RequestPath;
use proptest::prelude::*;

/// The path of a target, if splitting, decoding and normalising it in any order changes nothing of its meaning.
fn read(target: &[u8]) -> Option<&[u8]> {
    let lower = target.to_ascii_lowercase();
    let (start, ends): (usize, &[u8]) = if target.starts_with(b"/") {
        (0, b"?")
    } else {
        let scheme = [&b"http://"[..], b"https://"]
            .into_iter()
            .find(|scheme| lower.starts_with(scheme))?;
        let host = target[scheme.len()..]
            .iter()
            .take_while(|byte| !b"/?#\\".contains(byte))
            .count();
        let start = scheme.len() + host;
        if host == 0 || target.get(start) == Some(&b'\\') {
            return None;
        }
        if target.get(start) != Some(&b'/') {
            return Some(b"/");
        }
        (start, b"?#")
    };
    let length = target[start..]
        .iter()
        .take_while(|byte| !ends.contains(byte))
        .count();
    let path = &target[start..start + length];
    let text = std::str::from_utf8(path).ok()?;
    let plain = |byte: char| byte.is_ascii_alphanumeric() || "-._~!$&'()*+,=:@%/".contains(byte);
    if !text.chars().all(plain) {
        return None;
    }
    let segments: Vec<&str> = text[1..].split('/').collect();
    for (index, segment) in segments.iter().enumerate() {
        let decoded = decode(segment)?;
        let hidden = |character: char| character.is_control() || "/\\%;?#".contains(character);
        let empty_inside = decoded.is_empty() && index + 1 < segments.len();
        if empty_inside || decoded == "." || decoded == ".." || decoded.contains(hidden) {
            return None;
        }
    }
    Some(path)
}

fn decode(segment: &str) -> Option<String> {
    let mut parts = segment.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let digits = part.get(..2)?;
        let both = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        bytes.push(u8::from_str_radix(digits, 16).ok().filter(|_| both)?);
        bytes.extend(&part.as_bytes()[2..]);
    }
    // A sequence of several bytes stands in escapes throughout, since every other byte of a path is ASCII.
    String::from_utf8(bytes).ok()
}

fn target() -> impl Strategy<Value = Vec<u8>> {
    let pieces: Vec<&[u8]> = vec![
        b"/",
        b"/",
        b"a",
        b"api",
        b".",
        b"..",
        b"%2e",
        b"%2E",
        b"%2f",
        b"%5C",
        b"%25",
        b"%00",
        b"%61",
        b"%c3%a9",
        b"%c3",
        b"%a9",
        b"%e2%82%ac",
        b"%ed%a0%80",
        b"%f0%9f%94%91",
        b"%c2%85",
        b"%c2%a0",
        b"%7f",
        b"%3b",
        b"%3f",
        b"%23",
        b"%20",
        b"%",
        b"%4",
        b"%+1",
        b";",
        b"\\",
        b"?",
        b"#",
        b" ",
        b"\t",
        b"\xc3\xa9",
        b"{",
        b"@",
        b"~",
        b"v1",
    ];
    let piece = prop_oneof![
        12 => prop::sample::select(pieces).prop_map(<[u8]>::to_vec),
        1 => any::<u8>().prop_map(|byte| vec![byte]),
    ];
    let start = prop::sample::select(vec![
        &b"/"[..],
        b"/",
        b"/",
        b"",
        b"http://h",
        b"https://h/",
        b"HTTP://u@h:1/",
        b"ftp://h/",
    ]);
    (start, prop::collection::vec(piece, 0..10))
        .prop_map(|(start, pieces)| [start, &pieces.concat()].concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn a_path_is_taken_exactly_where_it_has_one_reading(target in target()) {
        let path = RequestPath::of_target(&target);
        prop_assert_eq!(path.ok().map(|path| path.as_bytes()), read(&target), "{}", String::from_utf8_lossy(&target));
        if let Err(error) = path {
            prop_assert!(error.at() <= target.len());
        }
    }

    #[test]
    fn any_bytes_give_an_answer(target in prop::collection::vec(any::<u8>(), 0..64)) {
        prop_assert_eq!(RequestPath::of_target(&target).ok().map(|path| path.as_bytes()), read(&target));
    }
}

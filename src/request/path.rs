//! The path of a request, exactly as it was sent, or a refusal.
//!
//! A path is never normalised. Whatever a router, a proxy or a framework could read in a second way is refused, so that
//! what was authorised is what will be served (threat 28).

use std::fmt;

/// No request target is longer: 8 KiB.
pub const MAX_TARGET_LENGTH: usize = 8 * 1024;

/// A path that has one reading: starts with `/`, no empty segment but the last, no dot segments, no escape that decodes
/// to a delimiter or control character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestPath<'a>(&'a [u8]);

/// Why a path was refused, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathError {
    why: &'static str,
    at: usize,
}

impl PathError {
    /// Where in the given target: an offset in bytes.
    pub const fn at(&self) -> usize {
        self.at
    }
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (byte {})", self.why, self.at)
    }
}

impl std::error::Error for PathError {}

impl<'a> RequestPath<'a> {
    /// Takes the path out of a request target in origin form (`/path?query`) or absolute form (`https://host/path`).
    ///
    /// A fragment ends the path of an absolute URL, where it can occur, and is refused in origin form, where it cannot.
    pub fn of_target(target: &'a [u8]) -> Result<Self, PathError> {
        if target.len() > MAX_TARGET_LENGTH {
            return Err(PathError {
                why: "the path is longer than 8 KiB",
                at: MAX_TARGET_LENGTH,
            });
        }
        if target.first() == Some(&b'/') {
            return Self::scan(target, 0, b"?");
        }
        let Some(start) = after_authority(target) else {
            return Err(PathError {
                why: "expected a path that starts with `/`, or an http(s) URL",
                at: 0,
            });
        };
        match target.get(start) {
            Some(b'/') => Self::scan(target, start, b"?#"),
            _ => Ok(Self(b"/")),
        }
    }

    /// Takes a path without query.
    pub fn parse(path: &'a [u8]) -> Result<Self, PathError> {
        if path.len() > MAX_TARGET_LENGTH {
            return Err(PathError {
                why: "the path is longer than 8 KiB",
                at: MAX_TARGET_LENGTH,
            });
        }
        if path.first() != Some(&b'/') {
            return Err(PathError {
                why: "a path starts with `/`",
                at: 0,
            });
        }
        Self::scan(path, 0, b"")
    }

    /// The bytes, from the first `/`.
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.0
    }

    /// The path as text: its characters are ASCII.
    pub fn as_str(&self) -> &'a str {
        std::str::from_utf8(self.0).unwrap_or_default()
    }

    /// The segments between slashes; a trailing slash gives a last segment that is empty.
    pub fn segments(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.0[1..].split(|&byte| byte == b'/')
    }

    /// One pass from `start` to the end or to one of `ends`.
    fn scan(target: &'a [u8], start: usize, ends: &[u8]) -> Result<Self, PathError> {
        let mut segment = Segment::EMPTY;
        let mut utf8 = Utf8::START;
        let mut at = start + 1;
        while at < target.len() {
            let refuse = |why| Err(PathError { why, at });
            let byte = target[at];
            if ends.contains(&byte) {
                break;
            }
            match CLASS[usize::from(byte)] {
                Class::Plain if utf8.is_complete() => segment.plain(byte),
                Class::Slash if utf8.is_complete() => {
                    if segment.is_empty() {
                        return refuse("an empty segment (`//`)");
                    }
                    if segment.is_dots() {
                        return refuse("a dot segment");
                    }
                    segment = Segment::EMPTY;
                }
                Class::Plain | Class::Slash => {
                    return refuse("an escape sequence that is not UTF-8");
                }
                Class::Percent => {
                    let Some(decoded) = decode_escape(target, at) else {
                        return refuse("a `%` without two hexadecimal digits");
                    };
                    match decoded {
                        b'/' | b'\\' | b'%' | b';' | b'?' | b'#' | 0x00..0x20 | 0x7f => {
                            return refuse("an escape that hides a delimiter or control character");
                        }
                        _ if !utf8.accept(decoded) => {
                            return refuse("an escape sequence that is not UTF-8");
                        }
                        _ => segment.plain(decoded),
                    }
                    at += 2;
                }
                Class::Refused => return refuse("a character that a path cannot hold"),
            }
            at += 1;
        }
        if !utf8.is_complete() {
            return Err(PathError {
                why: "an escape sequence that is not UTF-8",
                at,
            });
        }
        if segment.is_dots() {
            return Err(PathError {
                why: "a dot segment",
                at,
            });
        }
        Ok(Self(&target[start..at]))
    }
}

/// Where the path begins in `http://authority…` or `https://authority…`.
fn after_authority(target: &[u8]) -> Option<usize> {
    let scheme = [&b"https://"[..], b"http://"].into_iter().find(|scheme| {
        target.len() > scheme.len() && target[..scheme.len()].eq_ignore_ascii_case(scheme)
    })?;
    let authority = &target[scheme.len()..];
    let length = authority
        .iter()
        .position(|byte| b"/?#\\".contains(byte))
        .unwrap_or(authority.len());
    // A backslash ends the authority for some readers and not for others.
    if length == 0 || authority.get(length) == Some(&b'\\') {
        None
    } else {
        Some(scheme.len() + length)
    }
}

fn decode_escape(target: &[u8], percent: usize) -> Option<u8> {
    let digit = |at: usize| {
        target
            .get(at)
            .and_then(|&byte| char::from(byte).to_digit(16))
    };
    u8::try_from(digit(percent + 1)? << 4 | digit(percent + 2)?).ok()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Plain,
    Slash,
    Percent,
    Refused,
}

/// `pchar` of RFC 3986 without `;`, which some servers cut a segment at.
const CLASS: [Class; 256] = {
    let mut table = [Class::Refused; 256];
    let mut byte = 0;
    while byte < 128u8 {
        if byte.is_ascii_alphanumeric() {
            table[byte as usize] = Class::Plain;
        }
        byte += 1;
    }
    let others = b"-._~!$&'()*+,=:@";
    let mut index = 0;
    while index < others.len() {
        table[others[index] as usize] = Class::Plain;
        index += 1;
    }
    table[b'/' as usize] = Class::Slash;
    table[b'%' as usize] = Class::Percent;
    table
};

/// What is known of the segment so far: how long it is, up to 3, and whether it is all dots, escaped ones counted.
#[derive(Clone, Copy)]
struct Segment {
    length: u8,
    only_dots: bool,
}

impl Segment {
    const EMPTY: Self = Self {
        length: 0,
        only_dots: true,
    };

    fn plain(&mut self, byte: u8) {
        self.length = (self.length + 1).min(3);
        self.only_dots &= byte == b'.';
    }

    const fn is_empty(self) -> bool {
        self.length == 0
    }

    const fn is_dots(self) -> bool {
        self.only_dots && (self.length == 1 || self.length == 2)
    }
}

/// Checks escaped bytes one at a time: UTF-8 (RFC 3629) without control characters beyond ASCII.
#[derive(Clone, Copy)]
struct Utf8 {
    /// How many continuation bytes are still due.
    due: u8,
    /// The bounds of the next one.
    low: u8,
    high: u8,
}

impl Utf8 {
    const START: Self = Self {
        due: 0,
        low: 0x80,
        high: 0xbf,
    };

    const fn is_complete(self) -> bool {
        self.due == 0
    }

    fn accept(&mut self, byte: u8) -> bool {
        if self.due > 0 {
            let fits = byte >= self.low && byte <= self.high;
            *self = Self {
                due: self.due - 1,
                ..Self::START
            };
            return fits;
        }
        let (due, low, high) = match byte {
            0x00..=0x7f => (0, 0x80, 0xbf),
            // U+0080 to U+009F are control characters.
            0xc2 => (1, 0xa0, 0xbf),
            0xc3..=0xdf => (1, 0x80, 0xbf),
            0xe0 => (2, 0xa0, 0xbf),
            0xed => (2, 0x80, 0x9f),
            0xe1..=0xef => (2, 0x80, 0xbf),
            0xf0 => (3, 0x90, 0xbf),
            0xf1..=0xf3 => (3, 0x80, 0xbf),
            0xf4 => (3, 0x80, 0x8f),
            _ => return false,
        };
        *self = Self { due, low, high };
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(target: &str) -> Result<&str, usize> {
        RequestPath::of_target(target.as_bytes())
            .map(|path| std::str::from_utf8(path.0).expect("ASCII"))
            .map_err(|error| error.at())
    }

    #[test]
    fn a_path_stays_as_it_was_sent() {
        for (target, expected) in [
            ("/", "/"),
            ("/api/v1/contacts?limit=1", "/api/v1/contacts"),
            ("/a/%61/", "/a/%61/"),
            ("/caf%C3%A9", "/caf%C3%A9"),
            ("/...", "/..."),
            ("https://host/a#b", "/a"),
            ("https://host?x=//", "/"),
            ("HTTP://host:8080/a", "/a"),
        ] {
            assert_eq!(path(target), Ok(expected), "{target}");
        }
    }

    #[test]
    fn whatever_has_two_readings_is_refused() {
        for target in [
            "",
            "a",
            "//a",
            "/a//b",
            "/a\\b",
            "/a%2fb",
            "/a%2Fb",
            "/a%5cb",
            "/a%25b",
            "/a%00",
            "/a;b",
            "/a%3bb",
            "/.",
            "/..",
            "/a/../b",
            "/a/./b",
            "/%2e",
            "/%2E%2e/a",
            "/.%2e",
            "/a%0a",
            "/a\tb",
            "/a b",
            "/a%",
            "/a%2",
            "/a%zz",
            "/%ff",
            "/%c3",
            "/%c3a",
            "/%c3/%a9",
            "/%ed%a0%80",
            "/%c0%af",
            "/é",
            "/a#b",
            "ftp://h/a",
            "https:///a",
            "https://h\\a",
            "/a%7f",
            "/{id}",
        ] {
            assert!(path(target).is_err(), "{target}");
        }
        assert_eq!(path("/ab//c"), Err(4));
    }

    #[test]
    #[cfg_attr(miri, ignore = "too slow there")]
    fn utf8_is_judged_as_the_standard_library_does() {
        for sequence in (0..=0xffffu32)
            .map(u32::to_be_bytes)
            .flat_map(|[_, _, a, b]| {
                [
                    vec![a, b],
                    vec![0xe2, a, b],
                    vec![0xf0, a, b, 0x80],
                    vec![0xf4, a, b, 0x80],
                    vec![0xed, a, b],
                ]
            })
        {
            let mut utf8 = Utf8::START;
            let accepted = sequence.iter().all(|&byte| utf8.accept(byte)) && utf8.is_complete();
            let text = std::str::from_utf8(&sequence);
            let expected = text.is_ok_and(|text| {
                !text
                    .chars()
                    .any(|char| ('\u{80}'..'\u{a0}').contains(&char))
            });
            assert_eq!(accepted, expected, "{sequence:x?}");
        }
    }
}

//! Reading the one credential of a request (RFC 9110 section 11, RFC 7617, RFC 6750), to the letter.
//!
//! Neither Basic nor Bearer credentials can hold a comma, so a comma in the header means that a runtime has joined two
//! headers into one: two credentials, which is refused whichever of them is right (threat 26). A key that comes in a
//! header of its own is held to the same.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroize as _;

/// The header of RFC 9110 in which credentials come, in lower case.
pub const AUTHORIZATION: &str = "authorization";

/// No header that holds a credential is longer: 8 KiB.
pub const MAX_CREDENTIAL_LENGTH: usize = 8 * 1024;

/// The longest decoded `user:password`.
const MAX_BASIC_LENGTH: usize = 1024;

/// The longest name of a header of one's own.
const MAX_HEADER_NAME: usize = 64;

/// A place where a key may stand.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transport {
    /// `Authorization: Basic`, any user name, the key as the password.
    BasicPassword,
    /// `Authorization: Basic`, the whole payload is the key.
    BasicWhole,
    /// `Authorization: Bearer`.
    Bearer,
    /// A header of its own; the name in lower case.
    Header(Box<str>),
}

impl Transport {
    /// The transport that a profile names `basic_password`, `basic_whole`, `bearer` or `header(x-api-key)`.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "basic_password" => Some(Self::BasicPassword),
            "basic_whole" => Some(Self::BasicWhole),
            "bearer" => Some(Self::Bearer),
            _ => {
                let header = name.strip_prefix("header(")?.strip_suffix(')')?;
                let is_name = (1..=MAX_HEADER_NAME).contains(&header.len())
                    && header
                        .bytes()
                        .all(|byte| is_token(byte) && !byte.is_ascii_uppercase())
                    && header != AUTHORIZATION;
                is_name.then(|| Self::Header(header.into()))
            }
        }
    }

    /// The header in which it stands, in lower case.
    pub fn header(&self) -> &str {
        match self {
            Self::Header(name) => name,
            _ => AUTHORIZATION,
        }
    }

    /// Its scheme, where it stands in `Authorization`.
    pub const fn scheme(&self) -> Option<&'static str> {
        match self {
            Self::BasicPassword | Self::BasicWhole => Some("Basic"),
            Self::Bearer => Some("Bearer"),
            Self::Header(_) => None,
        }
    }

    /// What `WWW-Authenticate` says of it. No scheme is registered for a key in a header of its own; ours names the
    /// header.
    pub fn challenge(&self, realm: &str) -> String {
        match self {
            Self::BasicPassword | Self::BasicWhole => {
                format!("Basic realm=\"{realm}\", charset=\"UTF-8\"")
            }
            Self::Bearer => format!("Bearer realm=\"{realm}\""),
            Self::Header(name) => format!("Keyward realm=\"{realm}\", header=\"{name}\""),
        }
    }
}

/// The name in a profile.
impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BasicPassword => f.write_str("basic_password"),
            Self::BasicWhole => f.write_str("basic_whole"),
            Self::Bearer => f.write_str("bearer"),
            Self::Header(name) => write!(f, "header({name})"),
        }
    }
}

/// The key as it was presented, well formed or not.
#[derive(Clone, Copy)]
pub struct Credential<'a> {
    /// How it came.
    pub transport: &'a Transport,
    /// The bytes that stand where the key should.
    pub key: &'a [u8],
}

/// Room for one decoded Basic credential; what was decoded into it is overwritten when it is dropped.
pub struct DecodeBuffer {
    bytes: [u8; MAX_BASIC_LENGTH],
    used: usize,
}

impl Default for DecodeBuffer {
    fn default() -> Self {
        Self {
            bytes: [0; MAX_BASIC_LENGTH],
            used: 0,
        }
    }
}

impl Drop for DecodeBuffer {
    fn drop(&mut self) {
        self.bytes[..self.used].zeroize();
    }
}

/// Why no key could be read from the headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CredentialError {
    kind: CredentialErrorKind,
    why: &'static str,
}

/// The three ways in which a credential can fail before it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialErrorKind {
    /// No credential that this API takes.
    Missing,
    /// A credential that its own RFC does not allow.
    Malformed,
    /// More than one.
    Ambiguous,
}

impl CredentialError {
    /// Which of the three it is.
    pub const fn kind(&self) -> CredentialErrorKind {
        self.kind
    }
}

impl fmt::Display for CredentialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.why)
    }
}

impl std::error::Error for CredentialError {}

const fn missing(why: &'static str) -> CredentialError {
    CredentialError {
        kind: CredentialErrorKind::Missing,
        why,
    }
}

const fn malformed(why: &'static str) -> CredentialError {
    CredentialError {
        kind: CredentialErrorKind::Malformed,
        why,
    }
}

const fn ambiguous(why: &'static str) -> CredentialError {
    CredentialError {
        kind: CredentialErrorKind::Ambiguous,
        why,
    }
}

/// Reads the one credential of a request. `headers` are names and values, as many as the caller likes to give; those
/// that hold no credential are passed over. Whatever stands in `Authorization` counts as one.
pub fn extract<'a>(
    transports: &'a [Transport],
    headers: &[(&str, &'a [u8])],
    buffer: &'a mut DecodeBuffer,
) -> Result<Credential<'a>, CredentialError> {
    let mut found = None;
    for &(name, value) in headers {
        let own = || {
            transports.iter().find(|transport| {
                matches!(transport, Transport::Header(header) if header.eq_ignore_ascii_case(name))
            })
        };
        let transport = if name.eq_ignore_ascii_case(AUTHORIZATION) {
            None
        } else if let Some(own) = own() {
            Some(own)
        } else {
            continue;
        };
        if found.replace((transport, value)).is_some() {
            return Err(ambiguous("there are several headers with a credential"));
        }
    }
    let Some((transport, value)) = found else {
        return Err(missing("there is no header with a credential"));
    };
    if value.len() > MAX_CREDENTIAL_LENGTH {
        return Err(malformed("the credential's header is longer than 8 KiB"));
    }
    match transport {
        Some(transport) => read_own(trim(value)).map(|key| Credential { transport, key }),
        None => read_authorization(transports, value, buffer),
    }
}

/// A header that holds the key and nothing else.
fn read_own(value: &[u8]) -> Result<&[u8], CredentialError> {
    if value.is_empty() {
        return Err(malformed("the key's header is empty"));
    }
    if value.contains(&b',') {
        return Err(ambiguous(
            "the key's header holds two values joined by a comma",
        ));
    }
    if !value.iter().all(u8::is_ascii_graphic) {
        return Err(malformed(
            "the key's header has a character that no key has",
        ));
    }
    Ok(value)
}

fn read_authorization<'a>(
    transports: &'a [Transport],
    value: &'a [u8],
    buffer: &'a mut DecodeBuffer,
) -> Result<Credential<'a>, CredentialError> {
    let value = trim(value);
    let (scheme, payload) = match value.iter().position(|&byte| byte == b' ') {
        Some(space) => (&value[..space], trim_spaces(&value[space..])),
        None => (value, &[][..]),
    };
    if scheme.is_empty() {
        return Err(malformed("the Authorization header is empty"));
    }
    let joined = "the Authorization header holds two credentials joined by a comma";
    let Some(known) = known_scheme(scheme) else {
        return Err(
            if value
                .split(|&byte| byte == b',')
                .skip(1)
                .any(begins_with_known_scheme)
            {
                ambiguous(joined)
            } else if scheme.iter().all(|&byte| is_token(byte)) {
                missing("the Authorization header has a scheme that this API does not take")
            } else {
                malformed("the Authorization header does not start with the name of a scheme")
            },
        );
    };
    if value.contains(&b',') {
        return Err(ambiguous(joined));
    }
    let Some(transport) = transports
        .iter()
        .find(|transport| transport.scheme() == Some(known))
    else {
        return Err(missing(
            "the Authorization header has a scheme that this API does not take",
        ));
    };
    let key = match transport {
        Transport::BasicPassword => decode_basic(payload, buffer)?,
        Transport::BasicWhole => decode_basic(payload, buffer).map(|_| payload)?,
        Transport::Bearer => read_bearer(payload)?,
        Transport::Header(_) => return Err(missing("the key is not in Authorization here")),
    };
    Ok(Credential { transport, key })
}

/// RFC 7617: canonical base64 of UTF-8 text without control characters, the first colon ends the user name.
fn decode_basic<'a>(
    payload: &[u8],
    buffer: &'a mut DecodeBuffer,
) -> Result<&'a [u8], CredentialError> {
    if payload.len() > MAX_BASIC_LENGTH / 3 * 4 {
        return Err(malformed(
            "the Basic credentials are longer than 1,023 bytes",
        ));
    }
    // A decoder that fails half way leaves what it has decoded.
    buffer.used = MAX_BASIC_LENGTH.min(payload.len());
    let length = STANDARD
        .decode_slice(payload, &mut buffer.bytes)
        .map_err(|_| malformed("the Basic credentials are not canonical base64"))?;
    let text = std::str::from_utf8(&buffer.bytes[..length])
        .map_err(|_| malformed("the Basic credentials are not UTF-8"))?;
    if text.contains(|character: char| character.is_control()) {
        return Err(malformed(
            "the Basic credentials contain a control character",
        ));
    }
    let colon = text.bytes().position(|byte| byte == b':').ok_or_else(|| {
        malformed("the Basic credentials have no colon between user name and password")
    })?;
    Ok(&text.as_bytes()[colon + 1..])
}

/// RFC 6750 section 2.1: `1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`.
fn read_bearer(payload: &[u8]) -> Result<&[u8], CredentialError> {
    let end = payload
        .iter()
        .rposition(|&byte| byte != b'=')
        .map_or(0, |last| last + 1);
    let allowed = |&byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    if end == 0 {
        return Err(malformed("there is no token after Bearer"));
    }
    if !payload[..end].iter().all(allowed) {
        return Err(malformed(
            "the Bearer token has a character that RFC 6750 does not allow",
        ));
    }
    Ok(payload)
}

fn known_scheme(scheme: &[u8]) -> Option<&'static str> {
    ["Basic", "Bearer"]
        .into_iter()
        .find(|known| scheme.eq_ignore_ascii_case(known.as_bytes()))
}

fn begins_with_known_scheme(part: &[u8]) -> bool {
    let part = trim(part);
    let end = part
        .iter()
        .position(|&byte| byte == b' ')
        .unwrap_or(part.len());
    known_scheme(&part[..end]).is_some()
}

/// `tchar` of RFC 9110 section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Optional white space around a field value is not part of it (RFC 9110 section 5.5).
fn trim(value: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = value
        .iter()
        .position(|byte| !is_space(byte))
        .unwrap_or(value.len());
    let end = value
        .iter()
        .rposition(|byte| !is_space(byte))
        .map_or(start, |last| last + 1);
    &value[start..end]
}

fn trim_spaces(value: &[u8]) -> &[u8] {
    let start = value
        .iter()
        .position(|&byte| byte != b' ')
        .unwrap_or(value.len());
    &value[start..]
}

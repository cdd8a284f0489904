//! How a key arrives: the credential in the headers, and the path as it was sent.

mod credential;
mod path;

pub use credential::{
    Credential, CredentialError, CredentialErrorKind, DecodeBuffer, MAX_AUTHORIZATION_LENGTH,
    Transport, extract,
};
pub use path::{MAX_TARGET_LENGTH, PathError, RequestPath};

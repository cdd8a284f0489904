//! How a key arrives: the credential in the headers, and the path as it was sent.

mod credential;
mod network;
mod path;

pub use credential::{
    AUTHORIZATION, Credential, CredentialError, CredentialErrorKind, DecodeBuffer,
    MAX_CREDENTIAL_LENGTH, Transport, extract,
};
pub use network::Network;
pub use path::{MAX_TARGET_LENGTH, PathError, RequestPath};

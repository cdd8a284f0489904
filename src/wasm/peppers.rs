//! Reads the buffer in which JavaScript hands peppers over: a 16-bit count, and each as id and secret, both behind
//! their 16-bit lengths; little-endian.

use super::packed::Packed;
use crate::error::{Code, Error};
use crate::key::Pepper;

pub(super) fn read(bytes: &[u8]) -> Result<Vec<Pepper>, Error> {
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    let mut input = Packed::new(bytes);
    let given = input.list(|input| (input.text(), input.bytes()));
    if input.is_cut() {
        return Err(Error::new(
            Code::InvalidArgument,
            "the packed peppers are cut short",
        ));
    }
    let mut peppers = Vec::new();
    for (id, secret) in given {
        peppers.push(one(id, secret)?);
    }
    Ok(peppers)
}

/// A pepper from its id and secret; the error names the id.
pub(super) fn one(id: &str, secret: &[u8]) -> Result<Pepper, Error> {
    let within = |error: Error| error.within(format!("pepper '{id}'"));
    Pepper::new(id.parse().map_err(within)?, secret).map_err(within)
}

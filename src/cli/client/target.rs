//! Where a request goes.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What stands in a segment or a query value as itself (RFC 3986 `unreserved`).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A path below the server's address, with its query. Whatever is added is escaped, so that an id never becomes two
/// segments.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Target {
    text: String,
    has_query: bool,
}

impl Target {
    /// `/v1`, below which everything is.
    pub(in crate::cli) fn v1() -> Self {
        Self {
            text: "/v1".to_owned(),
            has_query: false,
        }
    }

    /// One segment further down.
    pub(in crate::cli) fn under(mut self, segment: &str) -> Self {
        self.text.push('/');
        self.text.extend(utf8_percent_encode(segment, ESCAPED));
        self
    }

    /// With a member of the query, where there is a value for it.
    pub(in crate::cli) fn asking(mut self, name: &str, value: Option<impl fmt::Display>) -> Self {
        let Some(value) = value else {
            return self;
        };
        self.text.push(if self.has_query { '&' } else { '?' });
        self.has_query = true;
        self.text.push_str(name);
        self.text.push('=');
        let value = value.to_string();
        self.text.extend(utf8_percent_encode(&value, ESCAPED));
        self
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_stays_one_segment_and_one_value() {
        let target = Target::v1()
            .under("keyspaces")
            .under("a/b?c#d%2f ü")
            .asking("name", None::<&str>)
            .asking("name_contains", Some("x&y=z+ ."))
            .asking("limit", Some(7));
        assert_eq!(
            target.to_string(),
            "/v1/keyspaces/a%2Fb%3Fc%23d%252f%20%C3%BC?name_contains=x%26y%3Dz%2B%20.&limit=7"
        );
    }
}

//! Instants as people write them (RFC 3339), and the two ways to say when a key ends.

use super::error::FieldError;
use crate::time::Timestamp;

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// A hundred years.
const MAX_DAYS: u32 = 36_500;

/// `instant` as RFC 3339 in UTC with milliseconds: `2026-11-21T20:14:00.123Z`. What lies beyond the years of four digits
/// is written as their end.
pub fn rfc3339(instant: Timestamp) -> String {
    let instant =
        jiff::Timestamp::from_millisecond(instant.as_millis()).unwrap_or(jiff::Timestamp::MAX);
    format!("{instant:.3}")
}

/// When a key ends, from the two members that can say so.
pub(super) fn expiry(
    expires_at: Option<&str>,
    expires_in_days: Option<u32>,
    now: Timestamp,
) -> Result<Option<Timestamp>, FieldError> {
    let refuse = |field: &str, message: &str| {
        Err(FieldError {
            field: field.to_owned(),
            message: message.to_owned(),
        })
    };
    match (expires_at, expires_in_days) {
        (None, None) => Ok(None),
        (Some(_), Some(_)) => refuse(
            "expires_in_days",
            "cannot stand beside `expires_at`; give one of the two",
        ),
        (None, Some(days)) if (1..=MAX_DAYS).contains(&days) => Ok(Some(
            now.saturating_add_millis(i64::from(days) * DAY_MILLIS),
        )),
        (None, Some(_)) => refuse("expires_in_days", "must be from 1 to 36500"),
        (Some(text), None) => match parse(text) {
            None => refuse(
                "expires_at",
                "must be an RFC 3339 time with an offset, such as 2027-01-31T12:00:00Z",
            ),
            Some(at) if at <= now => refuse(
                "expires_at",
                "is in the past; the key would be refused from the start",
            ),
            Some(at) => Ok(Some(at)),
        },
    }
}

fn parse(text: &str) -> Option<Timestamp> {
    // The parser also knows dates with annotations and week numbers; RFC 3339 is what starts so and ends so.
    let (date, time) = text.split_once(['T', 't'])?;
    let ends_with_offset = time.ends_with(['Z', 'z'])
        || matches!(time.as_bytes(), [.., b'+' | b'-', _, _, b':', _, _]);
    if date.len() != 10 || !ends_with_offset {
        return None;
    }
    text.parse::<jiff::Timestamp>()
        .ok()
        .and_then(|instant| Timestamp::from_millis(instant.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis).expect("positive")
    }

    #[test]
    fn written_and_read_back() {
        let instant = at(1_795_292_040_123);
        assert_eq!(rfc3339(instant), "2026-11-21T20:14:00.123Z");
        assert_eq!(parse(&rfc3339(instant)), Some(instant));
        assert_eq!(parse("2026-11-21T21:14:00.123+01:00"), Some(instant));
        assert_eq!(rfc3339(Timestamp::MAX), "9999-12-30T22:00:00.999Z");
    }

    #[test]
    fn only_rfc_3339_is_a_time() {
        for text in [
            "",
            "tomorrow",
            "2026-11-21",
            "2026-11-21T20:14:00",
            "1795292040",
            "2026-13-01T00:00:00Z",
            "2026-11-21T20:14:00Z[UTC]",
            "20261121T201400Z",
            "2026-11-21 20:14:00Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_end_lies_ahead_and_is_said_once() {
        let now = at(1_795_292_040_123);
        assert_eq!(expiry(None, None, now), Ok(None));
        assert_eq!(
            expiry(None, Some(1), now),
            Ok(Some(at(1_795_292_040_123 + DAY_MILLIS)))
        );
        for (expires_at, days, field) in [
            (Some("2026-11-21T20:14:00.123Z"), None, "expires_at"),
            (Some("soon"), None, "expires_at"),
            (None, Some(0), "expires_in_days"),
            (None, Some(36_501), "expires_in_days"),
            (Some("2027-01-01T00:00:00Z"), Some(1), "expires_in_days"),
        ] {
            assert_eq!(
                expiry(expires_at, days, now).expect_err("refused").field,
                field
            );
        }
        assert!(
            expiry(Some("2026-11-21T20:14:00.124Z"), None, now).is_ok(),
            "one millisecond is enough"
        );
    }
}

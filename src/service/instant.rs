//! Instants as people write them (RFC 3339), and the two ways to say when a key ends.

use super::error::FieldError;
use crate::time::Timestamp;

/// A day.
pub(super) const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// A hundred years.
const MAX_DAYS: u32 = 36_500;

/// What is said of a text that is none of these instants.
pub(super) const NO_TIME: &str =
    "must be an RFC 3339 time with an offset, such as 2027-01-31T12:00:00Z";

/// `instant` as RFC 3339 in UTC with milliseconds: `2026-11-21T20:14:00.123Z`. What lies beyond the years of four
/// digits is written as their end.
pub fn rfc3339(instant: Timestamp) -> String {
    let instant =
        jiff::Timestamp::from_millisecond(instant.as_millis()).unwrap_or(jiff::Timestamp::MAX);
    format!("{instant:.3}")
}

/// The first day of the calendar month (UTC) that `now` is in, and today; in days since 1970.
pub(super) fn month_to_date(now: Timestamp) -> (u32, u32) {
    let instant =
        jiff::Timestamp::from_millisecond(now.as_millis()).unwrap_or(jiff::Timestamp::MAX);
    let day_of_month = instant.to_zoned(jiff::tz::TimeZone::UTC).day();
    let today = u32::try_from(now.as_millis() / DAY_MILLIS).unwrap_or(u32::MAX);
    let before = u32::try_from(day_of_month).unwrap_or(1).saturating_sub(1);
    (today.saturating_sub(before), today)
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
            None => refuse("expires_at", NO_TIME),
            Some(at) if at <= now => refuse(
                "expires_at",
                "is in the past; the key would be refused from the start",
            ),
            Some(at) => Ok(Some(at)),
        },
    }
}

/// The instant that an RFC 3339 time with an offset names; what lies before 1970 is read as the first instant, before
/// which nothing here happened.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    // The parser also knows dates with annotations and week numbers; RFC 3339 is what starts so and ends so.
    let (date, time) = text.split_once(['T', 't'])?;
    let ends_with_offset = time.ends_with(['Z', 'z'])
        || matches!(time.as_bytes(), [.., b'+' | b'-', _, _, b':', _, _]);
    if date.len() != 10 || !ends_with_offset {
        return None;
    }
    let instant = text.parse::<jiff::Timestamp>().ok()?;
    Timestamp::from_millis(instant.as_millisecond().max(1))
}

/// The day of an instant, in days since 1970, UTC.
pub(super) fn day_of(instant: Timestamp) -> u32 {
    u32::try_from(instant.as_millis() / DAY_MILLIS).unwrap_or(u32::MAX)
}

/// A day as `2026-11-21`. What lies beyond the years of four digits is written as their end.
pub(super) fn day_text(day: u32) -> String {
    let span = jiff::Span::new().try_days(i64::from(day));
    let date = span.and_then(|span| EPOCH.checked_add(span));
    date.unwrap_or(jiff::civil::Date::MAX).to_string()
}

/// Reads a day that is written so; one before 1970 is read as the first.
pub(super) fn parse_day(text: &str) -> Option<u32> {
    let is_plain = |(at, byte): (usize, u8)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    if text.len() != 10 || !text.bytes().enumerate().all(is_plain) {
        return None;
    }
    let date: jiff::civil::Date = text.parse().ok()?;
    let days = EPOCH.until(date).ok()?.get_days();
    u32::try_from(days.max(0)).ok()
}

const EPOCH: jiff::civil::Date = jiff::civil::Date::constant(1970, 1, 1);

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
        assert_eq!(
            parse("1969-12-31T23:59:59Z"),
            Some(at(1)),
            "nothing was before"
        );
        assert_eq!(rfc3339(Timestamp::MAX), "9999-12-30T22:00:00.999Z");
    }

    #[test]
    fn a_month_begins_on_its_first_day() {
        // 2026-11-21, the last moment of 2026-11-30, and the first of 2026-12-01.
        assert_eq!(month_to_date(at(1_795_292_040_123)), (20_758, 20_778));
        assert_eq!(month_to_date(at(1_796_083_199_999)), (20_758, 20_787));
        assert_eq!(month_to_date(at(1_796_083_200_000)), (20_788, 20_788));
        assert_eq!(month_to_date(at(1)), (0, 0));
    }

    #[test]
    fn days_count_from_1970_in_utc() {
        assert_eq!(day_of(at(1)), 0);
        assert_eq!(day_text(0), "1970-01-01");
        let day = day_of(at(1_795_292_040_123));
        assert_eq!(day_text(day), "2026-11-21");
        assert_eq!(parse_day("2026-11-21"), Some(day));
        assert_eq!(
            parse_day("2026-11-22"),
            Some(day_of(at(1_795_292_040_123 + DAY_MILLIS)))
        );
        for text in [
            "",
            "2026-02-29",
            "2026-1-1",
            "+026-01-01",
            "2026-11-21T00:00:00Z",
        ] {
            assert_eq!(parse_day(text), None, "{text}");
        }
        assert_eq!(day_text(u32::MAX), "9999-12-31");
        assert_eq!(parse_day("1969-12-31"), Some(0), "nothing was before");
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

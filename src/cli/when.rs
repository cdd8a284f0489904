//! Instants and spans as people write and read them.

use std::fmt;
use std::str::FromStr;

use clap::Args;
use serde_json::{Value, json};

use crate::env::{Clock as _, SystemClock};
use crate::service::rfc3339;
use crate::time::Timestamp;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;

/// No span is longer: a hundred years.
const MAX_SPAN: i64 = 36_500 * DAY;

/// A span such as `90d`, `12h`, `30m` or `45s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    seconds: i64,
}

impl Span {
    /// The span in seconds.
    pub(super) const fn as_seconds(self) -> i64 {
        self.seconds
    }

    /// The span in days, where it is a whole number of them.
    pub(super) const fn as_days(self) -> Option<i64> {
        if self.seconds % DAY == 0 {
            Some(self.seconds / DAY)
        } else {
            None
        }
    }

    /// The instant so long from now, by this machine's clock, as RFC 3339.
    pub(super) fn hence(self) -> String {
        rfc3339(SystemClock.now().saturating_add_millis(self.seconds * 1000))
    }
}

impl FromStr for Span {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "write a whole number and its unit, such as 90d, 12h, 30m or 45s";
        let unit = match text.as_bytes().last() {
            Some(b's') => 1,
            Some(b'm') => MINUTE,
            Some(b'h') => HOUR,
            Some(b'd') => DAY,
            Some(b'w') => WEEK,
            _ => return Err(EXPECTED),
        };
        let number = &text[..text.len() - 1];
        if !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(EXPECTED);
        }
        let seconds = number
            .parse()
            .ok()
            .and_then(|number: i64| number.checked_mul(unit));
        match seconds {
            Some(seconds @ 1..=MAX_SPAN) => Ok(Self { seconds }),
            Some(_) => Err("it must be more than nothing, and at most 36500d"),
            None => Err(EXPECTED),
        }
    }
}

/// An instant as an argument: RFC 3339, or a date, which is its start in UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Instant {
    text: String,
}

impl FromStr for Instant {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_date = text.len() == "2027-01-31".len();
        if is_date && text.parse::<jiff::civil::Date>().is_ok() {
            let text = format!("{text}T00:00:00Z");
            Ok(Self { text })
        } else if text.contains(['T', 't']) && text.parse::<jiff::Timestamp>().is_ok() {
            let text = text.to_owned();
            Ok(Self { text })
        } else {
            Err(
                "write a time such as 2027-01-31T12:00:00Z, or a date such as 2027-01-31 (its start in UTC)",
            )
        }
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// An instant to look back to: the same, or a span, which is so long ago.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Past(Instant);

impl FromStr for Past {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(span) = text.parse::<Span>() {
            let ago = SystemClock
                .now()
                .saturating_add_millis(-1000 * span.as_seconds());
            return Ok(Self(Instant { text: rfc3339(ago) }));
        }
        text.parse().map(Self).map_err(|_| {
            "write a time such as 2027-01-31T12:00:00Z, a date such as 2027-01-31 (its start in UTC), or how long ago, such as 90d"
        })
    }
}

impl fmt::Display for Past {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// When something ends, as arguments.
#[derive(Args)]
#[group(multiple = false)]
pub(super) struct Expiry {
    /// After how long it ends, such as 90d or 12h
    #[arg(long, value_name = "SPAN")]
    expires_in: Option<Span>,
    /// When it ends: a time such as 2027-01-31T12:00:00Z, or a date, which is its start in UTC
    #[arg(long, value_name = "TIME")]
    expires_at: Option<Instant>,
}

impl Expiry {
    /// The end, counted by this machine's clock where a span was given.
    pub(super) fn instant(&self) -> Option<String> {
        match (self.expires_in, &self.expires_at) {
            (Some(span), _) => Some(span.hence()),
            (None, at) => at.as_ref().map(ToString::to_string),
        }
    }

    /// The same as a member of a request that knows `expires_in_days` too: whole days are counted by the server.
    pub(super) fn member(&self) -> Option<(&'static str, Value)> {
        match self.expires_in.and_then(Span::as_days) {
            Some(days) => Some(("expires_in_days", days.into())),
            None => self.instant().map(|at| ("expires_at", at.into())),
        }
    }
}

/// A server's time to the minute, for a column headed by UTC; what is no time stays as it is.
pub(super) fn short(time: &str) -> String {
    match parse(time) {
        Some(instant) => rfc3339(instant)[..16].replace('T', " "),
        None => time.to_owned(),
    }
}

/// A server's time to the second, and how far it is from now.
pub(super) fn long(time: &str) -> String {
    match parse(time) {
        Some(instant) => {
            let away = away(instant, SystemClock.now());
            format!("{} UTC ({away})", rfc3339(instant)[..19].replace('T', " "))
        }
        None => time.to_owned(),
    }
}

fn away(instant: Timestamp, now: Timestamp) -> String {
    let seconds = (instant.as_millis() - now.as_millis()) / 1000;
    let (number, unit) = match seconds.abs() {
        length @ ..MINUTE => (length, "second"),
        length @ MINUTE..HOUR => ((length + MINUTE / 2) / MINUTE, "minute"),
        length @ HOUR..DAY => ((length + HOUR / 2) / HOUR, "hour"),
        length => ((length + DAY / 2) / DAY, "day"),
    };
    let plural = if number == 1 { "" } else { "s" };
    match seconds {
        0 => "just now".to_owned(),
        1.. => format!("in {number} {unit}{plural}"),
        _ => format!("{number} {unit}{plural} ago"),
    }
}

fn parse(time: &str) -> Option<Timestamp> {
    let instant: jiff::Timestamp = time.parse().ok()?;
    Timestamp::from_millis(instant.as_millisecond())
}

/// A rate as an argument: `100/60s`, `100/1h`, `10/s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rate {
    limit: u32,
    window_seconds: i64,
}

impl Rate {
    /// The rate as the server takes it.
    pub(super) fn to_json(self) -> Value {
        json!({ "limit": self.limit, "window_seconds": self.window_seconds })
    }
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let expected = || "write how many calls in how long, such as 100/60s".to_owned();
        let (limit, window) = text.split_once('/').ok_or_else(expected)?;
        let limit = limit.parse().map_err(|_| expected())?;
        let window = match window {
            "s" | "m" | "h" | "d" => format!("1{window}"),
            window => window.to_owned(),
        };
        let window: Span = window.parse().map_err(|_| expected())?;
        Ok(Self {
            limit,
            window_seconds: window.as_seconds(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        parse(text).expect("a time")
    }

    #[test]
    fn spans_have_a_unit_and_a_length() {
        let seconds = |text: &str| text.parse::<Span>().map(Span::as_seconds).ok();
        assert_eq!(seconds("90d"), Some(90 * DAY));
        assert_eq!(seconds("2w"), Some(14 * DAY));
        assert_eq!(seconds("12h"), Some(12 * HOUR));
        assert_eq!(seconds("30m"), Some(1800));
        assert_eq!(seconds("45s"), Some(45));
        for wrong in [
            "",
            "90",
            "d",
            "0d",
            "-1d",
            "+1d",
            "1.5d",
            "1y",
            "36501d",
            "9999999999999999999d",
            "1ü",
        ] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
        assert_eq!("36h".parse::<Span>().expect("a span").as_days(), None);
        assert_eq!("48h".parse::<Span>().expect("a span").as_days(), Some(2));
    }

    #[test]
    fn instants_are_times_or_dates_and_lie_back_by_a_span() {
        let read = |text: &str| text.parse::<Instant>().ok().map(|at| at.to_string());
        let past = |text: &str| text.parse::<Past>().ok().map(|at| at.to_string());
        for (text, expected) in [
            ("2027-01-31", "2027-01-31T00:00:00Z"),
            ("2027-01-31T12:00:00+01:00", "2027-01-31T12:00:00+01:00"),
        ] {
            assert_eq!(read(text).as_deref(), Some(expected));
            assert_eq!(past(text).as_deref(), Some(expected));
        }
        assert!(read("90d").is_none() && past("90d").is_some_and(|text| text.ends_with('Z')));
        for wrong in [
            "",
            "tomorrow",
            "2027-13-01",
            "2027-02-30",
            "20270131",
            "12:00",
        ] {
            assert_eq!((read(wrong), past(wrong)), (None, None), "{wrong}");
        }
    }

    #[test]
    fn times_are_shown_for_people() {
        assert_eq!(short("2026-11-21T20:14:03.123Z"), "2026-11-21 20:14");
        assert_eq!(short("2026-11-21T20:14:03+01:00"), "2026-11-21 19:14");
        assert_eq!(short("never"), "never");
        let now = at("2026-11-21T20:14:00Z");
        for (time, expected) in [
            ("2026-11-21T20:14:00Z", "just now"),
            ("2026-11-21T20:13:59Z", "1 second ago"),
            ("2026-11-21T20:15:59Z", "in 2 minutes"),
            ("2026-11-21T22:14:00Z", "in 2 hours"),
            ("2026-08-23T20:14:00Z", "90 days ago"),
        ] {
            assert_eq!(away(at(time), now), expected);
        }
    }

    #[test]
    fn rates_are_calls_in_a_window() {
        let read = |text: &str| {
            text.parse::<Rate>()
                .map(|rate| (rate.limit, rate.window_seconds))
                .ok()
        };
        assert_eq!(read("100/60s"), Some((100, 60)));
        assert_eq!(read("5/m"), Some((5, 60)));
        assert_eq!(read("1000/1h"), Some((1000, 3600)));
        for wrong in ["", "100", "/60s", "100/", "100/60", "-1/60s", "1.5/s"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}

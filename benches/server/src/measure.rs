//! Clocks, medians, and how figures and goals are written.

use std::time::{Duration, Instant};

pub fn now() -> Instant {
    Instant::now()
}

pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    quantile(values, 0.5)
}

/// The value that so much of them does not exceed.
pub fn quantile(values: impl IntoIterator<Item = f64>, share: f64) -> f64 {
    let mut sorted: Vec<_> = values.into_iter().collect();
    sorted.sort_by(f64::total_cmp);
    let at = (sorted.len() as f64 * share) as usize;
    sorted
        .get(at.min(sorted.len().saturating_sub(1)))
        .copied()
        .unwrap_or(f64::NAN)
}

/// 12345 as `12,345`.
pub fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

pub fn millis(time: f64) -> String {
    if time < 0.01 {
        format!("{:.2} ms", time * 1e3)
    } else {
        format!("{:.1} ms", time * 1e3)
    }
}

pub fn micros(time: Duration, count: u64) -> f64 {
    time.as_secs_f64() * 1e6 / count as f64
}

/// A line about a goal: `xtask` counts these.
pub fn at_least(what: &str, wanted: f64, value: f64) -> String {
    line(what, "≥", wanted, value, value >= wanted)
}

pub fn at_most(what: &str, wanted: f64, value: f64, unit: &str) -> String {
    let how = if value <= wanted {
        "reached"
    } else {
        "**missed**"
    };
    format!("- {what} ≤ {wanted:.0}{unit}: {value:.1}{unit}, {how}")
}

fn line(what: &str, sign: &str, wanted: f64, value: f64, is_reached: bool) -> String {
    let how = if is_reached { "reached" } else { "**missed**" };
    format!("- {what} {sign} {wanted:.2}: {value:.2}, {how}")
}

/// Tells whoever watches what is done; on stderr, since the tables go to stdout.
pub fn tell(what: &str) {
    eprintln!("{what}");
}

//! Rounds in which every row has its turn, so that whatever else the machine does meets all alike.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// How long a measurement is: rounds, and how long one turn takes, about.
const WHOLE: (usize, Duration) = (21, Duration::from_millis(20));
const QUICK: (usize, Duration) = (3, Duration::from_millis(2));

/// Something to measure: answers whether the right thing came out.
pub struct Row<'a> {
    name: &'static str,
    run: Box<dyn FnMut(u32) -> bool + 'a>,
}

impl<'a> Row<'a> {
    /// `run` does it so many times.
    pub fn new(name: &'static str, run: impl FnMut(u32) -> bool + 'a) -> Self {
        Self {
            name,
            run: Box::new(run),
        }
    }

    fn time(&mut self, count: u32) -> Duration {
        let started = now();
        let right = (self.run)(count);
        let took = started.elapsed();
        assert!(right, "{}: the wrong answer", self.name);
        took
    }

    /// How many make a turn.
    fn count(&mut self, turn: Duration) -> u32 {
        let mut count = 1_000;
        while self.time(count) < turn {
            count *= 2;
        }
        count
    }
}

/// `run` for one item after another, as often as is asked.
pub fn in_turn<T>(items: &[T], run: impl Fn(&T) -> bool) -> impl FnMut(u32) -> bool {
    let mut next = 0;
    move |count| {
        let mut right = true;
        for _ in 0..count {
            right &= run(black_box(&items[next]));
            next = if next + 1 == items.len() { 0 } else { next + 1 };
        }
        right
    }
}

/// What was measured.
pub struct Rows {
    rows: Vec<Measured>,
    rounds: usize,
}

/// One row of it.
pub struct Measured {
    pub name: &'static str,
    pub nanoseconds: f64,
    /// To the first row.
    pub ratio: f64,
}

impl Rows {
    /// Measures; the first row is the floor.
    pub fn measure(mut rows: Vec<Row<'_>>, quick: bool) -> Self {
        let (rounds, turn) = if quick { QUICK } else { WHOLE };
        let counts: Vec<_> = rows.iter_mut().map(|row| row.count(turn)).collect();
        let mut times = vec![Vec::with_capacity(rounds); rows.len()];
        for _ in 0..rounds {
            for ((row, &count), times) in rows.iter_mut().zip(&counts).zip(&mut times) {
                times.push(row.time(count).as_secs_f64() * 1e9 / f64::from(count));
            }
        }
        let floor = times.first().cloned().unwrap_or_default();
        let rows = rows.iter().zip(times).map(|(row, times)| Measured {
            name: row.name,
            ratio: median(times.iter().zip(&floor).map(|(time, floor)| time / floor)),
            nanoseconds: median(times.into_iter()),
        });
        Self {
            rows: rows.collect(),
            rounds,
        }
    }

    pub fn rounds(&self) -> usize {
        self.rounds
    }

    pub fn iter(&self) -> impl Iterator<Item = &Measured> {
        self.rows.iter()
    }

    /// The ratio of the row with this name.
    pub fn ratio(&self, name: &str) -> f64 {
        self.rows
            .iter()
            .find(|row| row.name == name)
            .map_or(f64::NAN, |row| row.ratio)
    }
}

#[expect(clippy::disallowed_methods, reason = "measures time")]
fn now() -> Instant {
    Instant::now()
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<_> = values.collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

//! Goal 6, the server's half: `POST …/verify` against a handler that does nothing.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::thread;
use std::time::Duration;

use crate::child::Server;
use crate::load::{Request, block_on, json, throughput};
use crate::measure::{at_least, median, micros, tell, thousands};
use crate::stock::{KEYSPACE, Stock};
use crate::{Bench, Outcome, load};

const CONNECTIONS: usize = 32;
const WANTED: f64 = 0.85;
/// Rounds, and how long each row's turn is in one.
const WHOLE: (usize, Duration) = (11, Duration::from_millis(1_000));
const QUICK: (usize, Duration) = (3, Duration::from_millis(300));

struct Row {
    name: &'static str,
    server: Server,
    requests: Arc<Vec<Request>>,
    next: Arc<AtomicUsize>,
    rates: Vec<f64>,
    micros: Vec<f64>,
}

impl Row {
    fn new(name: &'static str, server: Server, requests: &Arc<Vec<Request>>) -> Self {
        Self {
            name,
            server,
            requests: Arc::clone(requests),
            next: Arc::default(),
            rates: Vec::new(),
            micros: Vec::new(),
        }
    }

    fn turn(&mut self, time: Duration) -> Outcome {
        let before = self.server.processor()?;
        let rate = throughput(
            self.server.address,
            CONNECTIONS,
            time,
            &self.requests,
            &self.next,
        )?;
        let took = self.server.processor()? - before;
        let answers = (rate * time.as_secs_f64()).max(1.0) as u64;
        self.rates.push(rate);
        self.micros.push(micros(took, answers));
        Ok(())
    }

    /// The median of its ratios to another row, round by round.
    fn ratio(&self, to: &Self, what: impl Fn(&Self) -> &Vec<f64>) -> f64 {
        let pairs = what(self).iter().zip(what(to));
        median(pairs.map(|(own, other)| own / other))
    }
}

/// What asks for each key that was kept.
pub fn requests(stock: &Stock, operator: &str) -> Vec<Request> {
    let target = format!("/v1/keyspaces/{KEYSPACE}/verify");
    let kept = stock.kept.iter();
    kept.map(|kept| {
        let body = format!(
            r#"{{"key":"{}","method":"POST","path":"/v2/emails"}}"#,
            kept.key
        );
        Request::new("POST", &target, operator, Some(&body))
    })
    .collect()
}

/// An edge token, which may verify and read files, and nothing else.
pub fn token(server: &Server, stock: &Stock) -> Outcome<String> {
    let target = format!("/v1/keyspaces/{KEYSPACE}/tokens");
    let body = r#"{"rights":["keys.verify","snapshot.read"]}"#;
    let request = Request::new("POST", &target, &stock.operator, Some(body));
    let made = json(server.address, &request)?;
    let token = made.get("token").and_then(|token| token.as_str());
    Ok(token.ok_or("no token in the answer")?.to_owned())
}

/// Has the published files made.
pub fn publish(server: &Server, operator: &str) -> Outcome {
    let target = format!("/v1/keyspaces/{KEYSPACE}/head");
    block_on(async {
        let mut connection = load::Connection::open(server.address).await?;
        let request = Request::new("GET", &target, operator, None);
        connection.must(&request).await.map(drop)
    })?;
    Ok(())
}

pub fn section(bench: &Bench, stocks: &[Stock; 2], page: &mut String) -> Outcome {
    let (rounds, time) = if bench.quick { QUICK } else { WHOLE };
    writeln!(page, "### Requests per second\n")?;
    writeln!(
        page,
        "`POST …/verify` for a call, {CONNECTIONS} connections that stay open, an edge token, keys that take turns and are all allowed.\n\
         The server is `keyward serve` as it is installed: it logs every request, and counts it. Against it a handler of\n\
         axum's that reads nothing and says nothing, in a process of its own: by `axum::serve`, and on connections with the limits\n\
         that `keyward serve` sets. Medians of {rounds} rounds in which every row had its turn; the processor's time is the server's.\n"
    )?;
    let mut goals = Vec::new();
    writeln!(
        page,
        "| | keys | requests a second | × nothing | processor's time a request | × nothing |\n| --- | ---: | ---: | ---: | ---: | ---: |"
    )?;
    for stock in stocks {
        let copy = stock.copy()?;
        let server = Server::start(&mut Server::keyward(&bench.server, copy.path()))?;
        let token = token(&server, stock)?;
        publish(&server, &token)?;
        let requests = Arc::new(requests(stock, &token));
        let empty = |how| Server::start(&mut Server::own("empty", how)?);
        let mut rows = [
            Row::new("nothing, by `axum::serve`", empty("axum")?, &requests),
            Row::new("nothing, with limits", empty("own")?, &requests),
            Row::new("`keyward serve`", server, &requests),
        ];
        for row in &mut rows {
            row.turn(time)?;
            row.rates.clear();
            row.micros.clear();
        }
        for round in 0..rounds {
            tell(&format!("verifying: round {} of {rounds}", round + 1));
            for row in &mut rows {
                row.turn(time)?;
                // What the server does behind requests shall not be in the next one's turn.
                thread::sleep(Duration::from_millis(50));
            }
        }
        let nothing = &rows[0];
        for row in &rows {
            writeln!(
                page,
                "| {} | {} | {} | {:.2} | {:.1} µs | {:.2} |",
                row.name,
                thousands(stock.keys as f64),
                thousands(median(row.rates.iter().copied())),
                row.ratio(nothing, |row| &row.rates),
                median(row.micros.iter().copied()),
                row.ratio(nothing, |row| &row.micros),
            )?;
        }
        let name = format!(
            "{} keys: requests a second, × nothing",
            thousands(stock.keys as f64)
        );
        let ratio = rows[2].ratio(nothing, |row| &row.rates);
        goals.push(at_least(&name, WANTED, ratio));
    }
    writeln!(page, "\nGoal 6, the server:\n\n{}\n", goals.join("\n"))?;
    Ok(())
}

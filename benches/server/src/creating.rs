//! Goal 7: keys that are made by many at once share commits.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use keyward::service::{Principal, Service};
use keyward::store::bench::commit_at_most;

use crate::child::Server;
use crate::load::{Request, throughput};
use crate::measure::{at_least, median, now, tell, thousands};
use crate::stock::{self, KEYSPACE, Stock};
use crate::{Bench, Outcome};

const CLIENTS: usize = 64;
const WANTED: f64 = 2.0;
/// Changes that share a commit, as the server has it.
const TOGETHER: usize = 64;
const WHOLE: (usize, Duration) = (9, Duration::from_millis(1_000));
const QUICK: (usize, Duration) = (3, Duration::from_millis(300));

/// How many ask at once, and how many changes share a commit at most.
const ROWS: [(&str, usize, usize); 3] = [
    ("one client", 1, 1),
    ("64 clients, a commit for each key", CLIENTS, 1),
    ("64 clients, commits that are shared", CLIENTS, TOGETHER),
];

pub fn section(bench: &Bench, stocks: &[Stock; 2], page: &mut String) -> Outcome {
    let (rounds, time) = if bench.quick { QUICK } else { WHOLE };
    writeln!(page, "### Making keys\n")?;
    writeln!(
        page,
        "Each key is on the disk before its maker is told of it (`synchronous = FULL`): row, digest, place of the name, audit entry.\n\
         Through the service in one process, and through HTTP with a connection for each client. Medians of {rounds} rounds in which\n\
         every row had its turn, in a copy of the database that grows meanwhile.\n"
    )?;
    writeln!(
        page,
        "| | keys | through | keys a second | × a commit for each |\n| --- | ---: | --- | ---: | ---: |"
    )?;
    let mut goals = Vec::new();
    for stock in stocks {
        for through in ["the service", "HTTP"] {
            let copy = stock.copy()?;
            let rates = match through {
                "HTTP" => by_http(copy.path(), stock, rounds, time)?,
                _ => by_service(copy.path(), stock, rounds, time)?,
            };
            let keys = thousands(stock.keys as f64);
            let ratio = |row: usize| {
                let pairs = rates[row].iter().zip(&rates[1]);
                median(pairs.map(|(own, single)| own / single))
            };
            for (at, (name, _, _)) in ROWS.iter().enumerate() {
                writeln!(
                    page,
                    "| {name} | {keys} | {through} | {} | {:.2} |",
                    thousands(median(rates[at].iter().copied())),
                    ratio(at)
                )?;
            }
            let name = format!("{keys} keys, through {through}: × a commit for each key");
            goals.push(at_least(&name, WANTED, ratio(2)));
        }
    }
    writeln!(page, "\nGoal 7, making keys:\n\n{}\n", goals.join("\n"))?;
    Ok(())
}

fn by_service(
    place: &Path,
    stock: &Stock,
    rounds: usize,
    time: Duration,
) -> Outcome<[Vec<f64>; 3]> {
    let (service, caller) = stock::open(place)?;
    let next = AtomicUsize::new(0);
    let mut rates = [const { Vec::new() }; 3];
    for round in 0..=rounds {
        tell(&format!(
            "making keys through the service: round {round} of {rounds}"
        ));
        for (rates, (_, clients, together)) in rates.iter_mut().zip(ROWS) {
            commit_at_most(together);
            let rate = make(&service, &caller, stock, &next, clients, time)?;
            // The first one warms up.
            if round > 0 {
                rates.push(rate);
            }
        }
    }
    commit_at_most(TOGETHER);
    Ok(rates)
}

fn make(
    service: &Service,
    caller: &Principal,
    stock: &Stock,
    next: &AtomicUsize,
    clients: usize,
    time: Duration,
) -> Outcome<f64> {
    let began = now();
    let until = began + time;
    let work = || -> Result<usize, String> {
        let mut made = 0;
        while now() < until {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let create = stock::create(name(number), number).map_err(|error| error.to_string())?;
            let path = stock::path(stock.usual(number));
            service
                .create_key(caller, &path, &create, None)
                .map_err(|error| error.to_string())?;
            made += 1;
        }
        Ok(made)
    };
    let made = thread::scope(|scope| {
        let clients: Vec<_> = (0..clients).map(|_| scope.spawn(work)).collect();
        clients.into_iter().try_fold(0, |sum, client| {
            Ok::<_, String>(sum + client.join().map_err(|_| "a client panicked")??)
        })
    })?;
    Ok(made as f64 / began.elapsed().as_secs_f64())
}

fn by_http(place: &Path, stock: &Stock, rounds: usize, time: Duration) -> Outcome<[Vec<f64>; 3]> {
    let mut server = Server::start(&mut Server::own("making", place)?)?;
    let requests = |round: usize, row: usize| {
        let first = (round * ROWS.len() + row) * 200_000;
        let many = if time > QUICK.1 { 60_000 } else { 20_000 };
        let request = |number: usize| {
            let (name, account) = (name(first + number), stock.usual(number));
            let target = format!("/v1/keyspaces/{KEYSPACE}/accounts/{account}/keys");
            let body = format!(r#"{{"name":"{name}","level":"full","expires_in_days":3650}}"#);
            Request::new("POST", &target, &stock.operator, Some(&body))
        };
        Arc::new((0..many).map(request).collect::<Vec<_>>())
    };
    let mut rates = [const { Vec::new() }; 3];
    for round in 0..=rounds {
        tell(&format!(
            "making keys through HTTP: round {round} of {rounds}"
        ));
        for (row, (_, clients, together)) in ROWS.into_iter().enumerate() {
            let requests = requests(round, row);
            server.say(&together.to_string())?;
            // The line is read at once; nobody says when.
            thread::sleep(Duration::from_millis(20));
            let next = Arc::default();
            let rate = throughput(server.address, clients, time, &requests, &next)?;
            if round > 0 {
                rates[row].push(rate);
            }
        }
    }
    Ok(rates)
}

/// A name that no other key has.
fn name(number: usize) -> String {
    format!("Made while measuring, {number}")
}

//! Memory, and how long a start takes on a database that is there.

use std::fmt::Write as _;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::child::Server;
use crate::load::{Connection, Request, block_on, throughput};
use crate::measure::{at_most, median, millis, now, tell, thousands};
use crate::stock::Stock;
use crate::verifying::{publish, requests, token};
use crate::{Bench, Outcome};

/// Megabytes, and milliseconds.
const WANTED_MEMORY: f64 = 200.0;
const WANTED_START: f64 = 1_000.0;
const MEGABYTE: f64 = 1_000_000.0;

pub fn section(bench: &Bench, stocks: &[Stock; 2], page: &mut String) -> Outcome {
    let rounds = if bench.quick { 2 } else { 7 };
    writeln!(page, "### Start and memory\n")?;
    writeln!(
        page,
        "From before the process to `GET /readyz` with 200, medians of {rounds} starts with the file in the system's cache. Memory is what is\n\
         resident: after the start; when the published files have been made, by which the server decides too; while keys are verified at full\n\
         speed and a key is made every two seconds, so that the files are made anew; and the most that ever was.\n"
    )?;
    writeln!(
        page,
        "| keys | file | start | memory at the start | files are made | memory then | under load | at most |\n| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    )?;
    let mut goals = Vec::new();
    for stock in stocks {
        let copy = stock.copy()?;
        let mut starts = Vec::new();
        for _ in 0..rounds {
            tell(&format!("starting with {} keys", stock.keys));
            starts.push(start(bench, copy.path())?.1);
        }
        let (server, _) = start(bench, copy.path())?;
        let at_start = server.memory()?;
        let token = token(&server, stock)?;
        let began = now();
        publish(&server, &token)?;
        let to_publish = began.elapsed();
        let published = server.memory()?;
        load(&server, stock, &token, bench.quick)?;
        let loaded = server.memory()?;
        let peak = server.peak()?;
        writeln!(
            page,
            "| {} | {:.0} MB | {} | {:.0} MB | in {} | {:.0} MB | {:.0} MB | {:.0} MB |",
            thousands(stock.keys as f64),
            stock.size()? / MEGABYTE,
            millis(median(starts.iter().copied())),
            at_start / MEGABYTE,
            millis(to_publish.as_secs_f64()),
            published / MEGABYTE,
            loaded / MEGABYTE,
            peak / MEGABYTE,
        )?;
        if stock.keys == stocks[1].keys {
            let keys = thousands(stock.keys as f64);
            let start = median(starts) * 1e3;
            goals.push(at_most(
                &format!("{keys} keys: start"),
                WANTED_START,
                start,
                " ms",
            ));
            for (when, bytes) in [
                ("files made", published),
                ("under load", loaded),
                ("at most", peak),
            ] {
                let name = format!("{keys} keys: memory, {when}");
                goals.push(at_most(&name, WANTED_MEMORY, bytes / MEGABYTE, " MB"));
            }
        }
    }
    writeln!(page, "\nMemory and start:\n\n{}\n", goals.join("\n"))?;
    Ok(())
}

/// Verifies for some seconds while keys are made, a second apart.
fn load(server: &Server, stock: &Stock, token: &str, quick: bool) -> Outcome {
    let requests = Arc::new(requests(stock, token));
    let next = Arc::default();
    let rounds = if quick { 2 } else { 10 };
    let account = stock.usual(0);
    for round in 0..rounds {
        let target = format!(
            "/v1/keyspaces/{}/accounts/{account}/keys",
            crate::stock::KEYSPACE
        );
        let body = format!(r#"{{"name":"Under load {round}","level":"full"}}"#);
        let make = Request::new("POST", &target, &stock.operator, Some(&body));
        block_on(async {
            let mut connection = Connection::open(server.address).await?;
            connection.must(&make).await.map(drop)
        })?;
        throughput(server.address, 32, Duration::from_secs(2), &requests, &next)?;
    }
    Ok(())
}

/// Starts the server; returns how many seconds it took until it was ready.
fn start(bench: &Bench, place: &std::path::Path) -> Outcome<(Server, f64)> {
    let began = now();
    let server = Server::start(&mut Server::keyward(&bench.server, place))?;
    let ready = Request::new("GET", "/readyz", "", None);
    block_on(async {
        loop {
            let mut connection = Connection::open(server.address).await?;
            if connection.ask(&ready).await?.status == 200 {
                return Ok::<_, std::io::Error>(());
            }
            thread::sleep(Duration::from_millis(1));
        }
    })?;
    Ok((server, began.elapsed().as_secs_f64()))
}

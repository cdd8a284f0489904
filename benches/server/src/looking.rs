//! Goal 7: lists, searches, single keys, small changes, each as long as its client waits for it.

use serde_json::Value;
use std::fmt::Write as _;

use crate::child::Server;
use crate::load::{Request, json, latencies};
use crate::measure::{at_most, millis, quantile, tell, thousands};
use crate::names::RARE;
use crate::stock::{KEYSPACE, Stock};
use crate::{Bench, Outcome};

const WANTED: f64 = 10.0;

const NOTHING: &str = "nothing: `GET /healthz`, after each request of the others";

/// Something that is asked: requests that differ, for they take turns.
struct Row {
    name: String,
    /// Whether goal 7 speaks of it.
    is_goal: bool,
    requests: Vec<Request>,
}

pub fn section(bench: &Bench, stocks: &[Stock; 2], page: &mut String) -> Outcome {
    let many = if bench.quick { 20 } else { 1_000 };
    writeln!(page, "### Lists and searches\n")?;
    writeln!(
        page,
        "What one client waits for an answer from `keyward serve` that asks {} times, one request after another; pages have 50 keys. The\n\
         large account has a tenth of all keys. `production` is in the names of every sixth key, `{RARE}` in one of {}, and\n\
         `qqj` in none. Where the first row waits long at p99, so does everybody, for the machine.\n",
        thousands(many as f64),
        thousands(10_000.0)
    )?;
    let [small, large] = stocks.each_ref().map(|stock| measure(bench, stock, many));
    let (small, large) = (small?, large?);
    let [few, all] = stocks.each_ref().map(|stock| thousands(stock.keys as f64));
    writeln!(
        page,
        "| | {few} keys: median | p99 | {all} keys: median | p99 |\n| --- | ---: | ---: | ---: | ---: |"
    )?;
    let mut goals = Vec::new();
    for ((name, is_goal, small), (_, _, large)) in small.iter().zip(&large) {
        let shown = |times: &[f64]| {
            let of = |share| millis(quantile(times.iter().copied(), share));
            format!("{} | {}", of(0.5), of(0.99))
        };
        writeln!(page, "| {name} | {} | {} |", shown(small), shown(large))?;
        if *is_goal {
            let slow = quantile(large.iter().copied(), 0.99) * 1e3;
            goals.push(at_most(&format!("{name}: p99"), WANTED, slow, " ms"));
        }
    }
    writeln!(page, "\nGoal 7, with {all} keys:\n\n{}\n", goals.join("\n"))?;
    Ok(())
}

fn measure(bench: &Bench, stock: &Stock, many: usize) -> Outcome<Vec<(String, bool, Vec<f64>)>> {
    let copy = stock.copy()?;
    let server = Server::start(&mut Server::keyward(&bench.server, copy.path()))?;
    let nothing = Request::new("GET", "/healthz", &stock.operator, None);
    let mut measured = vec![(NOTHING.to_owned(), false, Vec::new())];
    for row in rows(&server, stock, many)? {
        tell(&format!("{}, {} keys", row.name, stock.keys));
        let rest = row.requests.len() / 20;
        latencies(server.address, &row.requests[..rest], &nothing)?;
        let (times, mut waits) = latencies(server.address, &row.requests[rest..], &nothing)?;
        measured[0].2.append(&mut waits);
        measured.push((row.name, row.is_goal, times));
    }
    Ok(measured)
}

fn rows(server: &Server, stock: &Stock, many: usize) -> Outcome<Vec<Row>> {
    let keyspace = format!("/v1/keyspaces/{KEYSPACE}");
    let own = |account: &str| format!("{keyspace}/accounts/{account}/keys");
    let large = own(&stock.large());
    let get = |target: &str| Request::new("GET", target, &stock.operator, None);
    // A twentieth more, to warm up.
    let turns = || 0..many + many / 20;
    let row = |name: &str, target: &dyn Fn(usize) -> String| Row {
        name: name.to_owned(),
        is_goal: true,
        requests: turns().map(|turn| get(&target(turn))).collect(),
    };
    let usual = |turn: usize| own(&stock.usual(turn * 37));
    let mut rows = vec![
        row("list: an account", &usual),
        row("list: the large account", &|_| large.clone()),
    ];
    for (name, list) in [
        ("list: the large account, later pages", large.clone()),
        (
            "list: all accounts, later pages",
            format!("{keyspace}/keys"),
        ),
    ] {
        let cursors = cursors(server, &get, &list)?;
        rows.push(row(name, &|turn| {
            cursors
                .get(turn % cursors.len().max(1))
                .map_or(list.clone(), |cursor| format!("{list}?cursor={cursor}"))
        }));
    }
    rows.push(row("list: all accounts", &|_| format!("{keyspace}/keys")));
    for (name, query) in [
        ("list: all accounts, active", "status=active"),
        (
            "list: all accounts, never used",
            "used_before=2020-01-01T00:00:00Z",
        ),
        (
            "exact name: all accounts, many have it",
            "name=checkout%20backend%20production",
        ),
        (
            "exact name: all accounts, none has it",
            "name=nobody%20has%20this",
        ),
        (
            "part of a name: all accounts, common",
            "name_contains=production",
        ),
        (
            "part of a name: all accounts, rare",
            &format!("name_contains={RARE}"),
        ),
        ("part of a name: all accounts, absent", "name_contains=qqj"),
        (
            "part of a name: all accounts, in words that are common",
            "name_contains=desk%20production%2C%20ky",
        ),
        ("two characters: all accounts, common", "name_contains=on"),
        ("two characters: all accounts, absent", "name_contains=zq"),
        ("one character: all accounts, common", "name_contains=e"),
        ("one character: all accounts, rare", "name_contains=%D1%89"),
    ] {
        let target = format!("{keyspace}/keys?{query}");
        rows.push(row(name, &|_| target.clone()));
    }
    for (name, query) in [
        ("exact name", "name=checkout%20backend%20production"),
        ("part of a name, common", "name_contains=production"),
        ("part of a name, rare", &format!("name_contains={RARE}")),
        ("part of a name, absent", "name_contains=qqj"),
        ("two characters, common", "name_contains=on"),
        ("one character, common", "name_contains=e"),
    ] {
        rows.push(row(&format!("{name}: an account"), &|turn| {
            format!("{}?{query}", usual(turn))
        }));
        rows.push(row(&format!("{name}: the large account"), &|_| {
            format!("{large}?{query}")
        }));
    }
    rows.push(Row {
        is_goal: false,
        ..row("accounts", &|_| format!("{keyspace}/accounts"))
    });
    let of_kept = |turn: usize| {
        let kept = &stock.kept[turn % stock.kept.len()];
        format!("{}/{}", own(&kept.account), kept.id)
    };
    rows.push(Row {
        is_goal: false,
        ..row("one key", &of_kept)
    });
    for (name, what) in [("rotate", "rotate"), ("disable", "disable")] {
        rows.push(Row {
            name: name.to_owned(),
            is_goal: false,
            requests: turns()
                .take(stock.kept.len())
                .map(|turn| {
                    let target = format!("{}/{what}", of_kept(turn));
                    Request::new("POST", &target, &stock.operator, None)
                })
                .collect(),
        });
    }
    Ok(rows)
}

/// The cursors of the first pages of a list.
fn cursors(server: &Server, get: &dyn Fn(&str) -> Request, list: &str) -> Outcome<Vec<String>> {
    let mut cursors = Vec::<String>::new();
    for _ in 0..50 {
        let target = match cursors.last() {
            Some(cursor) => format!("{list}?limit=50&cursor={cursor}"),
            None => format!("{list}?limit=50"),
        };
        match json(server.address, &get(&target))?.get("next_cursor") {
            Some(Value::String(cursor)) => cursors.push(cursor.clone()),
            _ => break,
        }
    }
    Ok(cursors)
}

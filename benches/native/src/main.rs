//! Measures the native core, and prints a section of docs/benchmarks.md: goal 6.
//!
//! `--quick` tries everything in a few short rounds; its figures say nothing.

mod keys;
mod measure;

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};

use keyward::access::{Context, Value};
use keyward::env::{Clock as _, SystemClock};
use keyward::error::Error;
use keyward::verify::{Ask, Reason, Request, Verifier};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use keys::{KEYS, Keys, SHOP};
use measure::{Row, Rows, in_turn};

/// The call that is asked about, and its path in a request.
const CALL: Ask<'_> = Ask::Call {
    method: b"POST",
    path: b"/api/v1/event",
};

/// How many times the floor `verify` may take.
const WANTED: f64 = 2.0;

const FLOOR: &str = "floor: SHA-256 by the processor's instructions where it has them, and `ct_eq`";
const REQUEST: &str = "`verify`, a request with Basic";
const KEY: &str = "`verify_key`, method and path";

fn main() -> Result<(), Error> {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let plain = Keys::make(false)?;
    let peppered = Keys::make(true)?;
    print(&measure(&plain, &peppered, quick));
    Ok(())
}

fn measure(plain: &Keys, peppered: &Keys, quick: bool) -> Rows {
    let now = SystemClock.now();
    let Keys { verifier, .. } = plain;
    let route = verifier
        .route(b"POST", b"/api/v1/event")
        .expect("a path of the profile");
    let shops = [("shop_id", Value::Integer(SHOP))];
    let around = Context {
        client: Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7))),
        values: &shops,
    };
    let expected = Sha256::digest(&plain.plain[0]);
    let basic: Vec<_> = plain.plain.iter().map(|key| keys::basic(key)).collect();
    let typos: Vec<_> = plain.plain.iter().map(|key| keys::mistyped(key)).collect();

    let allows = |verifier: &Verifier, key: &[u8], ask, context| {
        verifier
            .verify_key(key, ask, context, now)
            .grant()
            .is_some()
    };
    let asks = |name, keys, verifier, ask, context| {
        Row::new(
            name,
            in_turn(keys, move |key: &Vec<u8>| {
                allows(verifier, key, ask, context)
            }),
        )
    };
    let free = Context::default();
    let rows = vec![
        Row::new(
            FLOOR,
            in_turn(&plain.plain, move |key: &Vec<u8>| {
                // One key in a thousand has this digest; both answers take as long.
                black_box(bool::from(Sha256::digest(key).ct_eq(&expected)));
                true
            }),
        ),
        Row::new(
            REQUEST,
            in_turn(&basic, move |credential: &Vec<u8>| {
                let request = Request {
                    headers: &[("authorization", credential)],
                    method: b"POST",
                    target: b"/api/v1/event",
                    context: Context::default(),
                };
                verifier.verify(&request, now).grant().is_some()
            }),
        ),
        asks(KEY, &plain.plain, verifier, CALL, free),
        asks(
            "`verify_key`, scope",
            &plain.plain,
            verifier,
            Ask::Scope("events"),
            free,
        ),
        asks(
            "`verify_key`, route handle",
            &plain.plain,
            verifier,
            Ask::Route(route),
            free,
        ),
        asks(
            "method and path, a key with constraints, with context",
            &plain.limited,
            verifier,
            CALL,
            around,
        ),
        asks(
            "method and path, with a pepper",
            &peppered.plain,
            &peppered.verifier,
            CALL,
            free,
        ),
        Row::new(
            "method and path, wrong checksum",
            in_turn(&typos, move |key: &Vec<u8>| {
                verifier.verify_key(key, CALL, free, now).reason() == Some(Reason::BadChecksum)
            }),
        ),
    ];
    Rows::measure(rows, quick)
}

fn print(rows: &Rows) {
    println!("## The native core\n");
    println!(
        "{KEYS} keys from records, 1,000 of them in turn; each ends one day, a third is limited in two dimensions. The profile is the\n\
         one above. Medians of {} rounds in which every row had its turn; *×* is the median of the rounds' own ratios to the floor.\n",
        rows.rounds()
    );
    println!("| | one verification | × floor |\n| --- | ---: | ---: |");
    for row in rows.iter() {
        println!(
            "| {} | {:.0} ns | {:.2} |",
            row.name, row.nanoseconds, row.ratio
        );
    }
    println!("\nGoal 6:\n");
    for name in [REQUEST, KEY] {
        let ratio = rows.ratio(name);
        let met = if ratio <= WANTED {
            "reached"
        } else {
            "**missed**"
        };
        println!("- {name}: × floor ≤ {WANTED:.2}: {ratio:.2}, {met}");
    }
}

//! What was superseded stays superseded, in whatever order those who rotated at once came to write it down.

use std::sync::Barrier;

use super::{KEYS, Shop, of};
use crate::text;
use serde_json::{Value, json};

/// How many rotate at once, and how often.
const AT_ONCE: usize = 8;
const ROUNDS: usize = 3;

/// The answers to so many rotations at `path` that begin together.
fn rotate_at_once(shop: &Shop, path: &str) -> Vec<String> {
    let start = Barrier::new(AT_ONCE);
    std::thread::scope(|scope| {
        let running = (0..AT_ONCE).map(|_| {
            scope.spawn(|| {
                start.wait();
                let answer = shop.program.call(&shop.operator, "POST", path, None);
                let (status, body) = answer.expect("an answer");
                // Who was overtaken too often is told to come again.
                assert!([200, 409, 503].contains(&status), "{}", text(&body));
                let body: Value = serde_json::from_slice(&body).expect("JSON");
                body["key"].as_str().map(str::to_owned)
            })
        });
        let running = running.collect::<Vec<_>>().into_iter();
        let answers = running.map(|thread| thread.join().expect("no panic"));
        answers.flatten().collect()
    })
}

/// Those of the operator keys that work.
fn working<'a>(shop: &Shop, keys: &'a [String]) -> Vec<&'a String> {
    let works = |key: &&String| {
        let answer = shop.program.call(key, "GET", "/v1/me", None);
        answer.expect("an answer").0 == 200
    };
    keys.iter().filter(works).collect()
}

/// Those of the keys that are not refused.
fn allowed<'a>(shop: &Shop, keys: &'a [String]) -> Vec<&'a String> {
    keys.iter()
        .filter(|key| shop.refusal(key).is_none())
        .collect()
}

#[test]
fn of_rotations_at_the_same_time_the_last_one_is_restored() {
    let mut shop = Shop::new();
    let operator = json!({ "name": "raced", "rights": ["keyspaces.read"] });
    let operator = shop.call("POST", "/v1/operators", Some(operator));
    let mut operator_keys = vec![operator["key"].as_str().expect("a key").to_owned()];
    let operator = operator["operator"]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let (key, id) = shop.key("raced");
    let mut keys = vec![key];
    let backup = shop.back_up("backup.db");

    for round in 0..ROUNDS {
        // Changes that take nothing away are in no log, and count as revisions.
        let renamed = json!({ "name": format!("raced {round}") });
        shop.call("PATCH", &format!("{KEYS}/{id}"), Some(renamed));
        operator_keys.extend(rotate_at_once(
            &shop,
            &format!("/v1/operators/{operator}/rotate"),
        ));
        keys.extend(rotate_at_once(&shop, &format!("{KEYS}/{id}/rotate")));
    }
    let (last_operator_key, last_key) = (working(&shop, &operator_keys), allowed(&shop, &keys));
    assert_eq!((last_operator_key.len(), last_key.len()), (1, 1));
    assert!(operator_keys.len() > ROUNDS && keys.len() > ROUNDS);

    let written = std::fs::read_to_string(shop.log()).expect("the log");
    let mut lines: Vec<_> = written.lines().collect();
    assert_eq!(lines.len(), operator_keys.len() + keys.len() - 2);
    lines.reverse();
    let reversed = lines.join("\n") + "\n";
    lines.rotate_left(AT_ONCE);
    let turned = lines.join("\n") + "\n";
    for (number, order) in [&reversed, &turned, &written].into_iter().enumerate() {
        let log = shop.path("another.log");
        std::fs::write(&log, order).expect("writable");
        let told = shop.restore(
            &backup,
            &format!("restored-{number}"),
            &["--revocations", of(&log)],
        );
        assert_eq!(
            working(&shop, &operator_keys),
            last_operator_key,
            "{told}\n{order}"
        );
        assert_eq!(allowed(&shop, &keys), last_key, "{told}\n{order}");
    }

    // A backup from behind the restore knows all of it, and what is rotated then is later than that.
    let second = shop.back_up("second.db");
    operator_keys.extend(rotate_at_once(
        &shop,
        &format!("/v1/operators/{operator}/rotate"),
    ));
    let last = working(&shop, &operator_keys);
    let log = shop.path("restored-2/revocations.log");
    let told = shop.restore(&second, "again", &["--revocations", of(&log)]);
    assert_eq!(working(&shop, &operator_keys), last, "{told}");
    assert_eq!(allowed(&shop, &keys), last_key, "{told}");
}

#[test]
fn a_secret_that_the_first_use_of_the_next_one_ended_has_that_end_again() {
    let mut shop = Shop::with(&[("KEYWARD_FLUSH_INTERVAL_SECONDS", "1")]);
    let (before, id) = shop.key("rotated before the backup");
    let (other, other_id) = shop.key("rotated after the backup");
    let rotate = |shop: &Shop, id: &str| {
        let armed = json!({ "grace_seconds": 3600, "after_first_use": true });
        let rotated = shop.call("POST", &format!("{KEYS}/{id}/rotate"), Some(armed));
        rotated["key"].as_str().expect("a key").to_owned()
    };
    let retiring = |shop: &Shop, id: &str| {
        let record = shop.call("GET", &format!("{KEYS}/{id}"), None);
        record["retiring"].clone()
    };
    let first = rotate(&shop, &id);
    let planned = retiring(&shop, &id);
    let backup = shop.back_up("backup.db");
    let second = rotate(&shop, &other_id);
    assert_eq!(shop.refusal(&first), None);
    assert_eq!(shop.refusal(&second), None);
    let ids = [&id, &other_id];
    let written = (0..600).find_map(|_| {
        let ends = ids.map(|id| retiring(&shop, id));
        let is_logged = std::fs::read_to_string(shop.log())
            .is_ok_and(|log| log.matches("key.retires").count() == 2);
        let is_over = |end: &Value| end["ends_after_use_seconds"].is_null();
        if is_logged && ends.iter().all(is_over) {
            return Some(ends);
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
        None
    });
    let ends = written.expect("written down within the interval, and long before half a minute");
    assert_ne!(ends[0]["ends_at"], planned["ends_at"]);

    let log = shop.log();
    let told = shop.restore(&backup, "restored", &["--revocations", of(&log)]);
    for (id, end) in ids.into_iter().zip(ends) {
        assert_eq!(retiring(&shop, id), end, "{told}");
    }
    for key in [&before, &other, &first, &second] {
        assert_eq!(shop.refusal(key), None, "an hour is not over");
    }
}

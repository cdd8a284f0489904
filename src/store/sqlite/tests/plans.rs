//! No list reads more of a table than it needs: which index each filter goes by, as SQLite tells it.

use rusqlite::{Connection, StatementStatus, params, params_from_iter};

use super::{look_into, open};
use crate::store::contract::{Directory, NEWEST, at, id, make, named, path, put, stage};
use crate::store::sqlite::keys::plans;
use crate::store::sqlite::{names, operators, purge, uses};
use crate::store::{KeyFilter, KeySlice, Order, StatusFilter, UsageFilter};

/// What SQLite says that it does, a line a step.
fn plan(db: &Connection, sql: &str) -> Vec<String> {
    let mut query = db
        .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
        .expect("a statement");
    let nothing = vec![rusqlite::types::Value::Null; query.parameter_count()];
    let rows = query
        .query_map(params_from_iter(nothing), |row| row.get(3))
        .expect("a plan");
    rows.collect::<Result<_, _>>().expect("a plan")
}

fn filters() -> Vec<(&'static str, KeyFilter)> {
    let all = KeyFilter::default;
    let some = |text: &str| Some(text.to_owned());
    let status = |status| KeyFilter {
        status: Some(status),
        ..all()
    };
    vec![
        ("PRIMARY KEY", all()),
        (
            "keys_by_account",
            KeyFilter {
                account: some("acme"),
                ..all()
            },
        ),
        (
            "keys_by_name",
            KeyFilter {
                name: some("n"),
                ..all()
            },
        ),
        (
            "keys_by_level",
            KeyFilter {
                level: some("full"),
                ..all()
            },
        ),
        (
            "keys_by_subject",
            KeyFilter {
                subject: some("s"),
                ..all()
            },
        ),
        ("keys_by_state", status(StatusFilter::Active(at(1)))),
        ("keys_by_expiry", status(StatusFilter::Expired(at(1)))),
        ("keys_by_state", status(StatusFilter::Disabled)),
        ("keys_by_state", status(StatusFilter::Deactivated)),
        (
            "keys_by_use",
            KeyFilter {
                used_after: Some(at(1)),
                ..all()
            },
        ),
        (
            "keys_by_use",
            KeyFilter {
                used_before: Some(at(1)),
                ..all()
            },
        ),
        (
            "PRIMARY KEY",
            KeyFilter {
                created_after: Some(at(1)),
                ..all()
            },
        ),
        (
            "PRIMARY KEY",
            KeyFilter {
                created_before: Some(at(1)),
                ..all()
            },
        ),
        (
            "keys_by_name",
            KeyFilter {
                account: some("acme"),
                name: some("n"),
                status: Some(StatusFilter::Active(at(1))),
                ..all()
            },
        ),
        (
            "keys_by_account",
            KeyFilter {
                account: some("acme"),
                name_contains: some("n"),
                ..all()
            },
        ),
    ]
}

#[test]
fn every_filter_goes_by_an_index() {
    let place = Directory::new();
    let (store, file) = open(&place);
    stage(&store);
    make(&store, 1);
    let db = look_into(&file);
    for order in [Order::NewestFirst, Order::OldestFirst] {
        for after in [None, Some(id(5))] {
            let slice = KeySlice {
                order,
                after,
                ..NEWEST
            };
            for (index, filter) in filters() {
                let sql = plans::of_page(&db, "shop", &filter, slice);
                let plan = plan(&db, &sql);
                assert!(
                    plan.iter().any(|step| step.contains(index)),
                    "{filter:?}: {plan:#?}"
                );
                assert!(
                    plan.iter().all(|step| !step.starts_with("SCAN")),
                    "{filter:?}: {plan:#?}"
                );
                // Few keys that were found by use or end are put in order; all else is in order.
                let is_sorted = plan
                    .iter()
                    .any(|step| step.contains("TEMP B-TREE FOR ORDER BY"));
                assert!(
                    !is_sorted || index == "keys_by_use",
                    "{filter:?}: {plan:#?}"
                );
            }
        }
    }
}

#[test]
fn many_keys_with_the_same_go_by_what_is_rarer() {
    let place = Directory::new();
    let (store, file) = open(&place);
    stage(&store);
    for made in 1..=30 {
        put(
            &store,
            &path(made),
            named(&made.to_string(), "production"),
            made,
        );
    }
    let db = look_into(&file);
    let some = |text: &str| Some(text.to_owned());
    let filter = |account, name: Option<&str>, part: Option<&str>| KeyFilter {
        account: some(account),
        name: name.and_then(some),
        name_contains: part.and_then(some),
        ..KeyFilter::default()
    };
    let path = |filter| format!("{:?}", plans::path(&db, "shop", &filter));
    assert!(path(filter("bolt", Some("production"), None)).contains("Account"));
    assert!(path(filter("acme", Some("staging"), None)).contains("Name"));
    assert_eq!(path(filter("acme", None, Some("prod"))), "Grams");
    assert!(path(filter("bolt", None, Some("prod"))).contains("Account"));
    // As many as those that were never used: not put in order, but gone through.
    let unused = KeyFilter {
        used_before: Some(at(1)),
        ..KeyFilter::default()
    };
    assert!(path(unused).contains("Keyspace"));
}

#[test]
fn other_statements_go_by_an_index_too() {
    let place = Directory::new();
    let (store, file) = open(&place);
    stage(&store);
    let db = look_into(&file);
    for (name, sql) in plans::others() {
        let plan = plan(&db, sql);
        assert!(
            plan.iter().all(|step| !step.starts_with("SCAN")),
            "{name}: {plan:#?}"
        );
        assert!(
            plan.iter().all(|step| !step.contains("TEMP B-TREE")),
            "{name}: {plan:#?}"
        );
    }
}

/// The step that goes by this index, and that nothing is put in order.
fn step_by(db: &Connection, index: &str, sql: &str) -> String {
    let plan = plan(db, sql);
    let is_sorted = plan.iter().any(|step| step.contains("TEMP B-TREE"));
    assert!(!is_sorted, "{sql}: {plan:#?}");
    let step = plan.iter().find(|step| step.contains(index));
    step.unwrap_or_else(|| panic!("{sql}: {plan:#?}")).clone()
}

#[test]
fn uses_are_read_from_where_the_part_before_ended() {
    let place = Directory::new();
    let (_store, file) = open(&place);
    let db = look_into(&file);
    let filter = |account: Option<&str>, id| UsageFilter {
        account: account.map(str::to_owned),
        id,
        first_day: 1,
        last_day: 2,
    };
    for (filter, index, bounds) in [
        (
            filter(None, None),
            "uses_by_day",
            "(keyspace=? AND (day,id)>(?,?) AND day<?)",
        ),
        (
            filter(Some("acme"), None),
            "uses_by_account",
            "(keyspace=? AND account=? AND (day,id)>(?,?) AND day<?)",
        ),
        (
            filter(Some("acme"), Some(id(1))),
            "PRIMARY KEY",
            "(keyspace=? AND id=? AND day>? AND day<?)",
        ),
    ] {
        let step = step_by(&db, index, uses::statement(&filter));
        assert!(step.ends_with(bounds), "{step}");
    }
    let step = step_by(&db, "PRIMARY KEY", uses::SUM);
    assert!(
        step.ends_with("(keyspace=? AND account=? AND day>? AND day<?)"),
        "{step}"
    );
}

#[test]
fn lists_of_operators_and_segments_go_by_what_they_ask() {
    let place = Directory::new();
    let (_store, file) = open(&place);
    let db = look_into(&file);
    let step = step_by(&db, "operators_by_reach", &operators::listing());
    assert!(
        step.ends_with("(keyspace=? AND account=? AND kind=? AND id>?)"),
        "{step}"
    );
    let step = step_by(&db, "name_grams_of_accounts", names::OF_ACCOUNT);
    assert!(step.ends_with("(gram=?)"), "{step}");
}

#[test]
fn what_is_over_is_found_by_its_end() {
    let place = Directory::new();
    let (_store, file) = open(&place);
    let db = look_into(&file);
    for kind in purge::KINDS {
        let (index, bounds) = match kind {
            purge::Kind::Retired => ("retiring_by_end", "(keyspace=? AND ends_at<?)"),
            purge::Kind::Remembered => ("remembered_by_end", "(until<?)"),
            purge::Kind::Links => ("operators_by_expiry", "(expires_at<?)"),
            purge::Kind::Tokens => ("tokens_by_expiry", "(expires_at<?)"),
            purge::Kind::Batches => ("batches_by_time", "(at<?)"),
            purge::Kind::Uses => ("uses_by_day", "(keyspace=? AND day<?)"),
            purge::Kind::Totals => ("account_uses_by_day", "(day<?)"),
        };
        let step = step_by(&db, index, purge::statement(kind));
        assert!(step.ends_with(bounds), "{kind:?}: {step}");
    }
}

/// What is kept prepared stays so, whatever values it is asked with.
#[test]
fn no_statement_is_prepared_twice() {
    let place = Directory::new();
    let (store, _) = open(&place);
    let again = store.write(|db| {
        let statement = || {
            db.prepare_cached(
                "SELECT r.hint FROM keys AS k JOIN retiring AS r ON r.keyspace = k.keyspace AND r.id = k.id
                 WHERE k.keyspace = ?1 AND k.id = ?2",
            )
            .expect("a statement")
        };
        for made in 0..3 {
            let found = statement().exists(params!["shop", made]);
            assert!(!found.expect("an answer"));
        }
        Ok(statement().get_status(StatementStatus::RePrepare))
    });
    assert_eq!(again.expect("an answer"), 0);
}

//! Keys that nobody uses (system rows E18 to E20): what counts as use, and from when.

use keyward::service::{Beacon, BeaconUse, KeyTransition, rfc3339};
use keyward::verify::Reason;

use crate::house::{DAY, HOUR, House, Made, key};

fn status(house: &House, made: &Made) -> &'static str {
    house.record(made).state.as_str()
}

fn disabled(house: &House) -> u64 {
    house
        .service
        .maintain()
        .expect("a round of maintenance")
        .idle_disabled
}

#[test]
fn e18_e19_off_and_on() {
    let house = House::new();
    let made = house.create(
        &house.shop("esputnik"),
        &key("description", "CRM", "events"),
    );
    assert_eq!(house.verify(&made), Ok(()));
    house.change(&made, KeyTransition::Disable).expect("E18");
    assert_eq!(house.verify(&made), Err(Reason::Disabled));
    house.change(&made, KeyTransition::Enable).expect("E19");
    assert_eq!(house.verify(&made), Ok(()));
}

#[test]
fn e20_ninety_days_without_use() {
    let house = House::new();
    let account = house.shop("esputnik");
    let unused = house.create(&account, &key("description", "unused", "events"));
    let used = house.create(&account, &key("description", "used", "events"));
    house.clock.pass(HOUR);
    assert_eq!(house.verify(&used), Ok(()));

    house.clock.pass(90 * DAY - HOUR);
    assert_eq!(disabled(&house), 0, "ninety days are not over yet");
    house.clock.pass(1);
    assert_eq!(disabled(&house), 1);
    assert_eq!(status(&house, &unused), "disabled");
    assert_eq!(house.verify(&unused), Err(Reason::Disabled));

    house.clock.pass(HOUR - 1);
    assert_eq!(disabled(&house), 0, "used at the cutoff is used");
    house.clock.pass(1);
    assert_eq!(disabled(&house), 1);
    assert_eq!(status(&house, &used), "disabled");
}

#[test]
fn e19_from_switching_on_idle_time_counts_anew() {
    let house = House::new();
    let made = house.create(
        &house.shop("esputnik"),
        &key("description", "CRM", "events"),
    );
    house.clock.pass(90 * DAY + 1);
    assert_eq!(disabled(&house), 1);
    house.change(&made, KeyTransition::Enable).expect("E19");
    house.clock.pass(90 * DAY);
    assert_eq!(disabled(&house), 0);
    house.clock.pass(1);
    assert_eq!(disabled(&house), 1);
}

#[test]
fn e20_use_at_the_edge_is_use() {
    let house = House::new();
    let account = house.shop("esputnik");
    let made = house.create(&account, &key("description", "CRM", "events"));
    let edge = house.edge("esputnik");
    house.clock.pass(60 * DAY);
    let seen = house.service.now();
    house.clock.pass(HOUR);
    let report = |batch: &str, last| Beacon {
        batch: batch.to_owned(),
        keys: vec![BeaconUse {
            id: made.id(),
            count: 3,
            last_used_at: rfc3339(last),
            by_newest_secret: false,
        }],
    };
    let send = |beacon: &Beacon| {
        house
            .service
            .report_uses(&edge, "esputnik", beacon)
            .expect("a good report")
    };
    assert!(send(&report("1", seen)));
    assert_eq!(house.record(&made).last_used_at, Some(seen));

    // Sent again, it counts once; later than now is now; earlier than known takes nothing back.
    assert!(!send(&report("1", seen)));
    assert!(send(&report("2", seen.saturating_add_millis(-DAY))));
    assert_eq!(house.record(&made).last_used_at, Some(seen));
    assert!(send(&report("3", seen.saturating_add_millis(900 * DAY))));
    let now = house.service.now();
    assert_eq!(house.record(&made).last_used_at, Some(now));

    house.clock.pass(90 * DAY);
    assert_eq!(disabled(&house), 0);
    house.clock.pass(1);
    assert_eq!(disabled(&house), 1);
}

#[test]
fn e20_waits_for_an_edge_that_owes_a_report() {
    let house = House::new();
    let account = house.shop("esputnik");
    house.create(&account, &key("description", "CRM", "events"));
    let edge = house.edge("esputnik");
    house.clock.pass(90 * DAY + 1);
    house
        .service
        .order_head(&edge, "esputnik")
        .expect("its right");
    let round = house.service.maintain().expect("a round of maintenance");
    assert_eq!(round.idle_disabled, 0);
    assert_eq!(round.held_off, ["esputnik"]);

    // It says that nobody came.
    let nothing = Beacon {
        batch: "1".to_owned(),
        keys: Vec::new(),
    };
    house
        .service
        .report_uses(&edge, "esputnik", &nothing)
        .expect("a good report");
    let round = house.service.maintain().expect("a round of maintenance");
    assert_eq!((round.idle_disabled, round.held_off.len()), (1, 0));
}

#[test]
fn e20_an_edge_that_is_gone_holds_nobody_up() {
    let house = House::new();
    let account = house.shop("esputnik");
    house.create(&account, &key("description", "CRM", "events"));
    let edge = house.edge("esputnik");
    house
        .service
        .order_head(&edge, "esputnik")
        .expect("its right");
    house.clock.pass(90 * DAY + 1);
    assert_eq!(disabled(&house), 1);
}

#[test]
fn keyspaces_without_the_rule_keep_their_keys() {
    let house = House::new();
    let made = house.create(&house.shop("emailit"), &key("name", "old", "full"));
    house.clock.pass(900 * DAY);
    assert_eq!(disabled(&house), 0);
    assert_eq!(house.verify(&made), Ok(()));
}

//! Many at once, with real threads: of those who cannot both have it, exactly one does (threat 36).

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use keyward::service::{Code, CreateKey, KeyTransition, RotateKey, ServiceError, UpdateKeyspace};
use keyward::verify::Reason;

use crate::house::{DAY, House, Made, key};

/// Runs `work` in so many threads that begin together.
fn at_once<T: Send>(threads: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let start = Barrier::new(threads);
    std::thread::scope(|scope| {
        let running = (0..threads)
            .map(|number| {
                let (start, work) = (&start, &work);
                scope.spawn(move || {
                    start.wait();
                    work(number)
                })
            })
            .collect::<Vec<_>>();
        let running = running.into_iter();
        running
            .map(|thread| thread.join().expect("no panic"))
            .collect()
    })
}

/// One has it, and the others are told who.
fn exactly_one(results: Vec<Result<Made, ServiceError>>) -> Made {
    let (made, refused): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    let mut made = made.into_iter().flatten().collect::<Vec<_>>();
    assert_eq!(made.len(), 1);
    let made = made.remove(0);
    for error in refused.into_iter().filter_map(Result::err) {
        // What the disk cannot take is refused as well, and said to be that.
        if error.code() == Code::Unavailable {
            continue;
        }
        assert_eq!(error.code(), Code::AlreadyExists, "{error}");
        let (holder, _) = error.existing().expect("the one in the way");
        assert_eq!(*holder, made.record.id);
    }
    made
}

#[test]
fn two_hundred_ask_for_one_name() {
    let house = House::new();
    let account = house.shop("emailit");
    for round in 0..5 {
        let name = format!("CRM {round}");
        let results = at_once(200, |_| {
            house.try_create(&account, &key("name", &name, "full"))
        });
        exactly_one(results);
    }
}

#[test]
fn two_hundred_ask_for_one_address_and_level() {
    let house = House::new();
    let account = house.shop("smashfly");
    for round in 0..5 {
        let results = at_once(200, |number| {
            let email = if number % 2 == 0 { "Ann" } else { "ANN" };
            let create = CreateKey {
                expires_in_days: Some(90),
                ..key(
                    "contact_email",
                    &format!("{email}{round}@example.org"),
                    "list",
                )
            };
            house.try_create(&account, &create)
        });
        exactly_one(results);
    }
}

#[test]
fn rotating_against_deactivating() {
    let house = House::new();
    let account = house.shop("keyward");
    for round in 0..50 {
        let made = house.create(&account, &key("name", &format!("CRM {round}"), "read"));
        let rotated = at_once(2, |number| {
            if number == 0 {
                house
                    .change(&made, KeyTransition::Deactivate)
                    .expect("nothing stands in its way");
                None
            } else {
                let service = &house.service;
                let rotate = RotateKey {
                    grace_seconds: Some(60),
                    after_first_use: false,
                };
                let id = made.id();
                Some(service.rotate_key(&house.boss, &account, &id, &rotate, None, None))
            }
        });
        // Whoever was first: in the end no secret works.
        assert_eq!(house.verify(&made), Err(Reason::Deactivated));
        for rotated in rotated.into_iter().flatten() {
            match rotated {
                Ok(created) => {
                    let new = Made::of(&account, created);
                    assert_eq!(house.verify(&new), Err(Reason::Deactivated));
                }
                Err(error) => assert_eq!(error.code(), Code::Deactivated),
            }
        }
    }
}

#[test]
fn two_rotations_leave_one_secret() {
    let house = House::new();
    let account = house.shop("keyward");
    for round in 0..20 {
        let made = house.create(&account, &key("name", &format!("CRM {round}"), "read"));
        let rotated = at_once(4, |_| house.rotate(&made, &RotateKey::default()));
        let works = rotated.iter().filter(|new| house.verify(new).is_ok());
        assert_eq!(works.count(), 1);
        assert!(house.verify(&made).is_err());
    }
}

#[test]
fn use_against_idle_disable() {
    let house = House::new();
    let account = house.shop("esputnik");
    let mut outcomes = [0, 0];
    for round in 0..50 {
        let made = house.create(
            &account,
            &key("description", &format!("CRM {round}"), "events"),
        );
        if round % 2 == 0 {
            house.publish("esputnik");
        }
        house.clock.pass(90 * DAY + 1);
        let allowed = at_once(3, |number| match number {
            0 => {
                house.service.maintain().expect("a round of maintenance");
                None
            }
            1 => {
                // As the worker does beside a round that somebody asked for.
                for _ in 0..20 {
                    house.service.flush_uses().expect("written");
                }
                None
            }
            _ => Some(house.verify(&made)),
        });
        let allowed = allowed.into_iter().flatten().next().expect("it was asked");
        let state = house.record(&made).state.as_str();
        match allowed {
            Ok(()) => assert_eq!(state, "active", "a use that was allowed counts"),
            Err(reason) => assert_eq!((reason, state), (Reason::Disabled, "disabled")),
        }
        outcomes[usize::from(allowed.is_ok())] += 1;
        house
            .change(&made, KeyTransition::Deactivate)
            .expect("out of the way");
    }
    println!("disabled {} times, used {} times", outcomes[0], outcomes[1]);
}

#[test]
fn a_use_in_time_that_is_on_its_way_to_the_disk_counts() {
    let house = House::new();
    let account = house.shop("esputnik");
    for round in 0..100 {
        let made = house.create(
            &account,
            &key("description", &format!("CRM {round}"), "events"),
        );
        // The creation alone would be too long ago.
        house.clock.pass(DAY);
        assert_eq!(house.verify(&made), Ok(()));
        house.clock.pass(90 * DAY);
        at_once(2, |number| {
            if number == 0 {
                house.service.flush_uses().expect("written");
            } else {
                house.service.maintain().expect("a round of maintenance");
            }
        });
        assert_eq!(house.record(&made).state.as_str(), "active", "{round}");
        house
            .change(&made, KeyTransition::Deactivate)
            .expect("out of the way");
    }
}

#[test]
fn changes_of_two_members_are_both_kept() {
    let house = House::new();
    let account = house.shop("keyward");
    let made = house.create(&account, &key("name", "CRM", "read"));
    for _ in 0..20 {
        let before = house.record(&made).revision;
        at_once(2, |number| {
            let (field, value) = [("name", "ERP"), ("description", "theirs")][number];
            let update = keyward::service::UpdateKey {
                fields: [(field.to_owned(), Some(format!("{value} {before}")))].into(),
                ..keyward::service::UpdateKey::default()
            };
            let service = &house.service;
            service
                .update_key(&house.boss, &account, &made.id(), &update, None)
                .expect("tried again")
        });
        let record = house.record(&made);
        assert_eq!(record.content.fields["name"], format!("ERP {before}"));
        assert_eq!(
            record.content.fields["description"],
            format!("theirs {before}")
        );
    }
}

#[test]
fn keys_are_made_while_the_rules_change() {
    const KEYS_EACH: usize = 30;
    let house = House::new();
    let account = house.shop("keyward");
    let asked = AtomicUsize::new(0);
    let made = at_once(4, |number| {
        if number > 0 {
            let create = |index| {
                let create = key("name", &format!("{number}.{index}"), "read");
                let made = house.try_create(&account, &create);
                asked.fetch_add(1, Ordering::SeqCst);
                made
            };
            return (0..KEYS_EACH).map(create).collect();
        }
        // Three keys lie between one change and the next, so that nobody is passed by all the time.
        for round in 0..KEYS_EACH {
            while asked.load(Ordering::SeqCst) < 3 * round {
                std::thread::yield_now();
            }
            let update = UpdateKeyspace {
                fresh_for_seconds: Some(60 + u32::try_from(round).expect("small")),
                ..UpdateKeyspace::default()
            };
            let service = &house.service;
            service
                .update_keyspace(&house.boss, "keyward", &update, None)
                .expect("other rules");
        }
        Vec::new()
    });
    for made in made.into_iter().flatten() {
        made.expect("by the rules of then");
    }
}

//! Lists of keys: what is asked of them, and what a cursor is good for.

use keyward::service::{
    Code, CreateKey, KeyQuery, KeyTransition, PageRequest, UsageQuery, rfc3339,
};

use crate::house::{DAY, HOUR, House, Made, code, key};

struct Shop {
    house: House,
    keys: Vec<Made>,
}

/// Five keys: one of each state, and one of another account. An hour between each and the next.
fn shop() -> Shop {
    let house = House::new();
    let account = house.shop("keyward");
    let other = house.account("keyward", "other");
    let mut keys = Vec::new();
    for (account, name, level) in [
        (&account, "Straße Nord", "read"),
        (&account, "CI disabled", "read"),
        (&account, "CI deactivated", "full"),
        (&account, "expired", "read"),
        (&other, "straße süd", "full"),
    ] {
        let create = CreateKey {
            expires_in_days: (name == "expired").then_some(1),
            subject: Some(format!("of {}", account.account)),
            ..key("name", name, level)
        };
        keys.push(house.create(account, &create));
        house.clock.pass(HOUR);
    }
    house.change(&keys[1], KeyTransition::Disable).expect("off");
    house
        .change(&keys[2], KeyTransition::Deactivate)
        .expect("off");
    house.clock.pass(DAY);
    assert_eq!(house.verify(&keys[0]), Ok(()));
    house.service.flush_uses().expect("written");
    house.clock.pass(HOUR);
    Shop { house, keys }
}

impl Shop {
    fn names(&self, account: Option<&str>, query: &KeyQuery) -> Vec<String> {
        let service = &self.house.service;
        let page = PageRequest::new(None, None).expect("a page");
        let keys = service
            .keys(&self.house.boss, "keyward", account, query, &page)
            .expect("a list");
        let count = service
            .count_keys(&self.house.boss, "keyward", account, query)
            .expect("a number");
        assert_eq!(count, keys.items.len() as u64);
        let keys = keys.items.into_iter();
        keys.map(|key| key.content.fields["name"].clone()).collect()
    }
}

#[expect(clippy::too_many_lines, reason = "one filter after the other")]
#[test]
fn every_filter_finds_its_own() {
    let shop = shop();
    let some = |text: &str| Some(text.to_owned());
    let at = |hours: i64| {
        let first = shop.keys[0].record.created_at;
        Some(rfc3339(first.saturating_add_millis(hours * HOUR)))
    };
    let none = KeyQuery::default;
    let all = [
        "straße süd",
        "expired",
        "CI deactivated",
        "CI disabled",
        "Straße Nord",
    ];
    for (query, expected) in [
        (none(), &all[..]),
        (
            KeyQuery {
                name: some("STRASSE NORD"),
                ..none()
            },
            &["Straße Nord"],
        ),
        (
            KeyQuery {
                name: some("strasse"),
                ..none()
            },
            &[],
        ),
        (
            KeyQuery {
                name_contains: some("strasse"),
                ..none()
            },
            &["straße süd", "Straße Nord"],
        ),
        (
            KeyQuery {
                name_contains: some("%"),
                ..none()
            },
            &[],
        ),
        (
            KeyQuery {
                status: some("active"),
                ..none()
            },
            &["straße süd", "Straße Nord"],
        ),
        (
            KeyQuery {
                status: some("disabled"),
                ..none()
            },
            &["CI disabled"],
        ),
        (
            KeyQuery {
                status: some("deactivated"),
                ..none()
            },
            &["CI deactivated"],
        ),
        (
            KeyQuery {
                status: some("expired"),
                ..none()
            },
            &["expired"],
        ),
        (
            KeyQuery {
                level: some("full"),
                ..none()
            },
            &["straße süd", "CI deactivated"],
        ),
        (
            KeyQuery {
                subject: some("of other"),
                ..none()
            },
            &["straße süd"],
        ),
        (
            KeyQuery {
                created_before: at(1),
                ..none()
            },
            &["Straße Nord"],
        ),
        (
            KeyQuery {
                created_after: at(3),
                ..none()
            },
            &["straße süd", "expired"],
        ),
        (
            KeyQuery {
                used_after: at(1),
                ..none()
            },
            &["Straße Nord"],
        ),
        (
            KeyQuery {
                used_before: at(99),
                level: some("full"),
                ..none()
            },
            &["straße süd", "CI deactivated"],
        ),
    ] {
        assert_eq!(shop.names(None, &query), expected, "{query:?}");
    }
    let own = shop.names(Some("other"), &none());
    assert_eq!(own, ["straße süd"]);
}

#[test]
fn a_cursor_belongs_to_its_question() {
    let shop = shop();
    let service = &shop.house.service;
    let ask = |account: Option<&str>, query: &KeyQuery, cursor: Option<String>| {
        let page = PageRequest::new(Some(1), cursor).expect("a page");
        service.keys(&shop.house.boss, "keyward", account, query, &page)
    };
    let ci = KeyQuery {
        name_contains: Some("ci".to_owned()),
        ..KeyQuery::default()
    };
    let first = ask(None, &ci, None).expect("a list");
    let cursor = first.next.expect("there is one more");
    let second = ask(None, &ci, Some(cursor.clone())).expect("the next part");
    assert_ne!(second.items[0].id, first.items[0].id);
    assert_eq!(second.next, None);
    let expired = KeyQuery {
        status: Some("expired".to_owned()),
        ..ci.clone()
    };
    for (account, query) in [
        (None, &KeyQuery::default()),
        (None, &expired),
        (Some("acme"), &ci),
    ] {
        let refused = ask(account, query, Some(cursor.clone()));
        assert_eq!(code(refused), Code::InvalidCursor);
    }
}

#[test]
fn uses_are_shown_by_day() {
    let shop = shop();
    let house = &shop.house;
    let made = &shop.keys[0];
    let usage = |query: &UsageQuery| {
        let page = PageRequest::new(None, None).expect("a page");
        let uses = house.service.usage(&house.boss, "keyward", query, &page);
        let uses = uses.expect("usage").items.into_iter();
        uses.map(|one| (one.id, one.day, one.count))
            .collect::<Vec<_>>()
    };
    let today = |count| vec![(made.record.id, "2026-11-23".to_owned(), count)];
    assert_eq!(usage(&UsageQuery::default()), today(1));
    for _ in 0..4 {
        assert_eq!(house.verify(made), Ok(()));
    }
    assert_eq!(usage(&UsageQuery::default()), today(1), "not written yet");
    assert_eq!(house.service.flush_uses().expect("written"), 1);
    assert_eq!(usage(&UsageQuery::default()), today(5));
    let of = |account: &str| UsageQuery {
        account: Some(account.to_owned()),
        ..UsageQuery::default()
    };
    assert_eq!(usage(&of("acme")), today(5));
    assert_eq!(usage(&of("other")), []);
    house.clock.pass(DAY);
    assert_eq!(house.verify(made), Ok(()));
    house.service.flush_uses().expect("written");
    let tomorrow = UsageQuery {
        from: Some("2026-11-24".to_owned()),
        key: Some(made.id()),
        ..UsageQuery::default()
    };
    assert_eq!(
        usage(&tomorrow),
        [(made.record.id, "2026-11-24".to_owned(), 1)]
    );
    assert_eq!(
        code(house.service.usage(
            &house.boss,
            "keyward",
            &of("none"),
            &PageRequest::new(None, None).expect("a page")
        )),
        Code::NotFound
    );
}

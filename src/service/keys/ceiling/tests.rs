//! Random parents and children: what passes never exceeds, and what is the same always passes.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::access::Values;
use crate::time::Timestamp;

/// Levels that hold one another in part, a rate on one of them, and a dimension of each kind.
const PROFILE: &str = r#"
    schema_version = 1
    id = "ladder"
    title = "Ladder"
    key = { format = "opaque" }
    request = { transports = ["bearer"], realm = "" }
    scopes = [{ id = "a", title = "A" }, { id = "b", title = "B" }, { id = "c", title = "C" }]
    levels = [
        { id = "a", title = "A", scopes = ["a"] },
        { id = "ab", title = "AB", scopes = ["a", "b"], rate = { limit = 10, window = 60 } },
        { id = "bc", title = "BC", scopes = ["b", "c"] },
        { id = "all", title = "All", scopes = ["a", "b", "c"] },
        { id = "god", title = "God", everything = true },
    ]
    routes = [
        { scope = "a", calls = ["GET /a"] },
        { scope = "b", calls = ["GET /b"] },
        { scope = "c", calls = ["GET /c"] },
    ]
    constraints = [
        { name = "n", title = "N", kind = "integer" },
        { name = "t", title = "T", kind = "text" },
        { name = "ip", title = "IP", kind = "network" },
    ]
"#;

const NETWORKS: [&str; 5] = [
    "10.0.0.0/8",
    "10.1.0.0/16",
    "10.1.2.0/24",
    "192.0.2.7",
    "2001:db8::/32",
];

static LADDER: LazyLock<Profile> =
    LazyLock::new(|| Profile::from_toml(PROFILE).expect("a good profile"));

fn constraint(dimension: &'static str) -> impl Strategy<Value = Option<Constraint>> {
    let value = (0..5usize).prop_map(move |at| match dimension {
        "n" => ConstraintValue::from(i64::try_from(at).expect("small")),
        "t" => ConstraintValue::from(["a", "b", "c", "d", "e"][at]),
        _ => ConstraintValue::from(NETWORKS[at]),
    });
    let only = prop::collection::vec(value, 1..4)
        .prop_map(|values| Constraint::only(values).expect("not empty"));
    prop_oneof![Just(None), Just(Some(Constraint::All)), only.prop_map(Some)]
}

fn content() -> impl Strategy<Value = KeyContent> {
    let level = prop::sample::select(vec!["a", "ab", "bc", "all", "god"]);
    let rate = prop::option::of((1..20u32, 1..100u32));
    let end = prop::option::of(1..5i64);
    let note = prop::option::of(prop::sample::select(vec!["u1", "u2"]));
    let constraints = (constraint("n"), constraint("t"), constraint("ip"));
    (level, constraints, rate, end, note).prop_map(|(level, (n, t, ip), rate, end, subject)| {
        let constraints = [("n", n), ("t", t), ("ip", ip)];
        KeyContent {
            level: level.to_owned(),
            constraints: constraints
                .into_iter()
                .filter_map(|(name, constraint)| Some((name.to_owned(), constraint?)))
                .collect(),
            rate: rate.map(|(limit, window)| Rate::new(limit, window).expect("a rate")),
            fields: BTreeMap::new(),
            subject: subject.map(str::to_owned),
            meta: None,
            expires_at: end.and_then(Timestamp::from_millis),
        }
    })
}

/// What a key may do, spelt out: every scope, every value of every dimension, every end.
fn may(content: &KeyContent) -> Vec<String> {
    let index = LADDER.level_index(&content.level).expect("its own");
    let level = &LADDER.levels()[usize::from(index)];
    let mut may: Vec<String> = level
        .scopes
        .iter()
        .map(|scope| format!("scope {scope}"))
        .collect();
    if level.everything {
        may.extend((0..3).map(|scope| format!("scope {scope}")));
        may.push("everything".to_owned());
    }
    let allows = |values: Option<&Values>, wanted: &ConstraintValue| {
        values.is_none_or(|values| values.as_slice().contains(wanted))
    };
    let only = |dimension: &str| match content.constraints.get(dimension) {
        Some(Constraint::Only(values)) => Some(values.clone()),
        _ => None,
    };
    for number in 0..7i64 {
        if allows(only("n").as_ref(), &number.into()) {
            may.push(format!("n {number}"));
        }
    }
    for text in ["a", "b", "c", "d", "e", "z"] {
        if allows(only("t").as_ref(), &text.into()) {
            may.push(format!("t {text}"));
        }
    }
    for address in [
        "10.1.2.3",
        "10.1.9.9",
        "10.9.9.9",
        "192.0.2.7",
        "192.0.2.8",
        "2001:db8::9",
        "::1",
    ] {
        let client = address.parse().expect("an address");
        let within = only("ip").is_none_or(|values| {
            values.as_slice().iter().any(|value| match value {
                ConstraintValue::Text(text) => {
                    text.parse::<Network>().expect("a network").contains(client)
                }
                ConstraintValue::Integer(_) => false,
            })
        });
        if within {
            may.push(format!("ip {address}"));
        }
    }
    let end = content.expires_at.map_or(i64::MAX, Timestamp::as_millis);
    may.extend((0..7).filter(|&at| at < end).map(|at| format!("at {at}")));
    may
}

/// The most units that a key can take by `seconds`, beginning with a full bucket.
fn units(content: &KeyContent, seconds: u64) -> u64 {
    let index = LADDER.level_index(&content.level).expect("its own");
    let rate = content.rate.or(LADDER.levels()[usize::from(index)].rate);
    rate.map_or(u64::MAX, |rate| {
        let limit = u64::from(rate.limit());
        limit + limit * seconds / u64::from(rate.window_seconds())
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(4_000)
    })]

    #[test]
    fn no_child_exceeds_its_parent(parent in content(), child in content()) {
            let passes = Ceiling::Key(&parent).check(&LADDER, &child).is_ok();
        let own = may(&parent);
        let excess: Vec<_> = may(&child).into_iter().filter(|one| !own.contains(one)).collect();
        let is_faster = [0, 1, 7, 60, 600, 6_000, 1_000_000]
            .into_iter()
            .any(|seconds| units(&child, seconds) > units(&parent, seconds));
        let lends_another_name = child.subject.is_some() && child.subject != parent.subject;
        if passes {
            prop_assert!(excess.is_empty(), "{excess:?}");
            prop_assert!(!is_faster && !lends_another_name);
        }
        // Nor is anything refused that does not go too far, as far as these samples tell.
        let is_silent = child.constraints.len() < parent.constraints.len();
        if !passes && !is_silent {
            let is_over = !excess.is_empty() || is_faster || lends_another_name;
            let list_is_longer = parent.constraints.iter().any(|(name, limit)| {
                !is_within(child.constraints.get(name), limit)
            });
            prop_assert!(is_over || list_is_longer);
        }
    }

    #[test]
    fn a_key_may_make_its_like(content in content()) {
            let mut like = content.clone();
        like.subject = None;
        prop_assert!(Ceiling::Key(&content).check(&LADDER, &content).is_ok());
        prop_assert!(Ceiling::Key(&content).check(&LADDER, &like).is_ok());
    }

    /// An update that passes leaves a key that the maker could have made, or one that is as strong as it was.
    #[test]
    fn no_update_gives_more(maker in content(), before in content(), after in content()) {
            let ceiling = Ceiling::Key(&maker);
        if ceiling.check_update(&LADDER, &before, &after).is_ok() {
            let own = may(&maker);
            let had = may(&before);
            let is_new = |one: &String| !own.contains(one);
            prop_assert!(before == after || !may(&after).iter().any(is_new), "{had:?}");
        }
        let mut renamed = before.clone();
        renamed.fields.insert("name".to_owned(), "new".to_owned());
        prop_assert!(ceiling.check_update(&LADDER, &before, &renamed).is_ok());
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(4_000)
    })]

    /// What a customer's word makes of a key is never wider than it was, but for the level, which must be one of
    /// theirs, and for the end of a key that they could have made.
    #[test]
    fn no_customer_loosens_a_key(levels in levels(), before in content(), after in content()) {
        let ceiling = Ceiling::Account(levels.as_ref());
        let is_theirs = ceiling.check_new(&LADDER, &before).is_ok();
        let passes = ceiling.check_update(&LADDER, &before, &after).is_ok();
        if passes && before != after {
            prop_assert!(levels.as_ref().is_none_or(|levels| levels.contains(&after.level)));
            prop_assert_eq!((&before.subject, &before.meta), (&after.subject, &after.meta));
            let could_make_both = is_theirs && ceiling.check_new(&LADDER, &after).is_ok();
            prop_assert!(before.level == after.level || could_make_both);
            let of_its_level = |one: &str| one.starts_with("scope ") || one == "everything";
            let may_end_later = |one: &str| is_theirs && one.starts_with("at ");
            let had = may(&before);
            let more: Vec<_> = may(&after)
                .into_iter()
                .filter(|one| !had.contains(one) && !of_its_level(one) && !may_end_later(one))
                .collect();
            prop_assert!(more.is_empty(), "{more:?}");
            let levels_own = KeyContent { rate: None, ..after.clone() };
            let most = if before.rate.is_some() { &before } else { &levels_own };
            for seconds in [0, 1, 7, 60, 600, 6_000, 1_000_000] {
                prop_assert!(units(&after, seconds) <= units(most, seconds));
            }
        }
        // Narrowing takes nothing that was not there, whatever else is asked of them.
        if narrows(&LADDER, &before, &after) {
            let had = may(&before);
            prop_assert!(may(&after).iter().all(|one| had.contains(one)));
            prop_assert_eq!((&before.subject, &before.meta), (&after.subject, &after.meta));
        }
        // As they could make one, they can change it to any other that they could make and that is no wider.
        let is_no_wider = widened(&after, &before).is_none() && before.rate == after.rate;
        if is_theirs && is_no_wider && ceiling.check_new(&LADDER, &after).is_ok() {
            prop_assert!(passes);
        }
        // And take away what they may not give.
        let nearer = KeyContent { expires_at: Timestamp::from_millis(1), ..before.clone() };
        let narrowed = ceiling.check_update(&LADDER, &before, &nearer).is_ok();
        let may_have = levels.as_ref().is_none_or(|levels| levels.contains(&before.level));
        prop_assert_eq!(narrowed, may_have || before.expires_at == nearer.expires_at);
    }

    #[test]
    fn no_customer_speaks_for_the_apis_owner(levels in levels(), made in content()) {
        let ceiling = Ceiling::Account(levels.as_ref());
        let levels_own = KeyContent { rate: None, ..made.clone() };
        let is_faster = [0, 1, 7, 60, 600, 6_000, 1_000_000]
            .into_iter()
            .any(|seconds| units(&made, seconds) > units(&levels_own, seconds));
        let may_have = levels.as_ref().is_none_or(|levels| levels.contains(&made.level));
        if ceiling.check_new(&LADDER, &made).is_ok() {
            prop_assert!(may_have && made.subject.is_none() && made.meta.is_none() && !is_faster);
        } else {
            prop_assert!(!may_have || made.subject.is_some() || is_faster || made.rate.is_some());
        }
        // To show a key, or to switch it on, gives nothing that it does not have.
        prop_assert_eq!(ceiling.check(&LADDER, &made).is_ok(), may_have);
    }
}

fn levels() -> impl Strategy<Value = Option<BTreeSet<String>>> {
    let levels = prop::sample::subsequence(vec!["a", "ab", "bc", "all", "god"], 1..5);
    let levels = levels.prop_map(|levels| levels.into_iter().map(str::to_owned).collect());
    prop::option::of(levels)
}

#[test]
fn an_operator_gives_the_levels_that_it_was_given() {
    let levels = BTreeSet::from(["a".to_owned(), "bc".to_owned()]);
    let ceiling = Ceiling::Levels(&levels);
    for (level, allowed) in [("a", true), ("bc", true), ("ab", false), ("god", false)] {
        let content = KeyContent {
            level: level.to_owned(),
            constraints: BTreeMap::new(),
            rate: None,
            fields: BTreeMap::new(),
            subject: Some("anybody".to_owned()),
            meta: None,
            expires_at: None,
        };
        let checked = ceiling.check(&LADDER, &content);
        assert_eq!(checked.is_ok(), allowed, "{level}");
        if let Err(error) = checked {
            assert_eq!(error.code(), Code::StrongerThanMaker);
            assert_eq!(error.fields()[0].field, "level");
        }
    }
}

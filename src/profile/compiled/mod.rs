//! The compiled form of a profile: strings and small numbers in a fixed order (docs/format.md, "Compiled profile").

mod read;
mod sound;
mod write;

pub(super) use read::read;
#[cfg(not(target_family = "wasm"))]
pub(super) use sound::realm_holds;
pub(super) use write::write;

const MAGIC: &[u8; 8] = b"KWPROF\x00\x01";
/// The position of a node that is not there.
const NO_NODE: u32 = u32::MAX;
/// The position of the scope of a rule that no key may use.
const CLOSED: u16 = u16::MAX;

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use crate::access::{Dimension, MAX_DIMENSIONS, RouteAccess, ScopeSet};
    use crate::profile::{Lifecycle, Management, Profile};
    use crate::request::Transport;

    /// One of everything that a profile can hold.
    fn everything() -> Profile {
        Profile::from_toml(include_str!("../schema/everything.toml")).expect("a good profile")
    }

    /// The profile without what stays at the server.
    fn at_the_edge(mut profile: Profile) -> Profile {
        profile.management = Management::default();
        profile.lifecycle = Lifecycle {
            max_expires_in_days: None,
            rotation_grace_days: 0,
            notice_days: None,
            ..profile.lifecycle
        };
        for field in &mut profile.fields {
            field.unique = None;
            field.shown_characters = None;
        }
        profile
    }

    #[test]
    #[cfg_attr(miri, ignore = "too slow there")]
    fn compiled_and_read_back_is_the_same_profile() {
        let presets = Profile::PRESETS
            .iter()
            .filter_map(|name| Profile::preset(name));
        for profile in presets.chain([everything()]) {
            let bytes = profile.compile();
            let again = Profile::decode(&bytes).expect("its own bytes");
            assert_eq!(again.compile(), bytes);
            assert_eq!(format!("{:?}", at_the_edge(profile)), format!("{again:?}"));
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "too slow there")]
    fn every_cut_is_refused_and_no_flip_panics() {
        let bytes = everything().compile();
        for length in 0..bytes.len() {
            assert!(
                Profile::decode(&bytes[..length]).is_err(),
                "cut at {length}"
            );
        }
        assert!(Profile::decode(&[&bytes[..], &[0]].concat()).is_err());
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let _ = Profile::decode(&flipped);
        }
    }

    /// What no check of the schema lets through, and no reader must take either.
    #[test]
    #[cfg_attr(miri, ignore = "too slow there")]
    fn numbers_that_name_nothing_are_refused() {
        type Change = fn(&mut Profile);
        let changes: &[(&str, Change)] = &[
            ("a level's scope", |it| {
                it.levels[0].scopes = ScopeSet::from_bits(1 << 100);
            }),
            ("a rule's scope", |it| {
                it.routes.rules[0].access = RouteAccess::Scope(100);
            }),
            ("a closed rule without a text", |it| {
                it.routes.rules[0].access = RouteAccess::Closed("".into());
            }),
            ("a node's child", |it| {
                it.routes.nodes[0].parameter = Some(u32::MAX - 1);
            }),
            ("no tree of strict rules", |it| it.routes.strict = None),
            ("a root of what is closed", |it| {
                it.routes.strict = Some(u32::MAX - 1);
            }),
            ("a node's rule", |it| {
                it.routes.nodes[0].rules.push(u16::MAX);
            }),
            ("literals out of order", |it| {
                it.routes.nodes[0].literals.reverse();
            }),
            ("a constraint's level", |it| {
                it.dimensions[0].levels = vec![100];
            }),
            ("a constraint's scope", |it| {
                it.dimensions[0].applies_to = Some(ScopeSet::from_bits(1 << 100));
            }),
            ("a constraint that no call is held against", |it| {
                it.dimensions[0].applies_to = Some(ScopeSet::EMPTY);
            }),
            ("two constraints of one name", |it| {
                let again = it.dimensions[0].clone();
                it.dimensions.push(again);
            }),
            ("too many constraints", |it| {
                let first = it.dimensions[0].clone();
                it.dimensions = (0..=MAX_DIMENSIONS)
                    .map(|index| Dimension {
                        name: index.to_string().into(),
                        ..first.clone()
                    })
                    .collect();
            }),
            ("one transport twice", |it| {
                let again = it.transports[0].clone();
                it.transports.push(again);
            }),
            ("both of Basic", |it| {
                it.transports = vec![Transport::BasicWhole, Transport::BasicPassword];
            }),
            ("four headers", |it| {
                it.transports = ["a", "b", "c", "d"]
                    .map(|name| Transport::Header(name.into()))
                    .into();
            }),
            ("a realm that ends its quotes", |it| it.realm = "a\"".into()),
            ("lifetimes out of order", |it| {
                it.lifecycle.expires_in_days.reverse();
            }),
        ];
        for (what, change) in changes {
            let mut profile = everything();
            change(&mut profile);
            assert!(Profile::decode(&profile.compile()).is_err(), "{what}");
        }
    }
}

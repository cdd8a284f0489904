//! The compiled form of a profile: strings and small numbers in a fixed order (docs/format.md, "Compiled profile").

use super::{Field, Lifecycle, Profile, Scope};
use crate::access::{Level, Node, RouteRule, RouteTable, ScopeSet};
use crate::error::{Code, Error};
use crate::key::KeyFormat;
use crate::request::Transport;

const MAGIC: &[u8; 8] = b"KWPROF\x00\x01";
const NO_NODE: u32 = u32::MAX;
/// A rule's flags: none are defined, and a reader that does not know one must not pass over it.
const NO_FLAGS: u8 = 0;

pub(super) fn write(profile: &Profile) -> Vec<u8> {
    let mut out = Writer(MAGIC.to_vec());
    for text in [
        &profile.id,
        &profile.title,
        &profile.description,
        &profile.realm,
    ] {
        out.text(text);
    }
    out.text(profile.key_format.prefix());
    out.list(&profile.transports, |out, transport| {
        out.text(transport.as_str());
    });
    out.list(&profile.scopes, |out, scope| {
        out.text(&scope.id);
        out.text(&scope.title);
    });
    out.list(&profile.levels, |out, level| {
        out.text(&level.id);
        out.text(&level.title);
        out.text(&level.help);
        out.0.extend(level.scopes.bits().to_le_bytes());
        out.flag(level.everything);
    });
    out.text(&profile.routes.base_path);
    out.flag(profile.routes.version_segment);
    out.list(&profile.routes.rules, |out, rule| {
        out.text(&rule.method);
        out.text(&rule.pattern);
        out.u16(rule.scope);
        out.0.push(NO_FLAGS);
    });
    out.u32(profile.routes.nodes.len());
    for node in &profile.routes.nodes {
        out.list(&node.literals, |out, (literal, child)| {
            out.text(literal);
            out.0.extend(child.to_le_bytes());
        });
        out.0
            .extend(node.parameter.unwrap_or(NO_NODE).to_le_bytes());
        out.list(&node.rules, |out, &rule| out.u16(rule));
    }
    out.list(&profile.fields, |out, field| {
        out.text(&field.name);
        out.text(&field.label);
        out.text(&field.help);
        out.flag(field.required);
        out.u16(field.max_length);
    });
    out.list(&profile.vocabulary, |out, (word, text)| {
        out.text(word);
        out.text(text);
    });
    out.u16(profile.lifecycle.idle_disable_days.unwrap_or(0));
    out.0
}

pub(super) fn read(bytes: &[u8]) -> Result<Profile, Error> {
    let Some(rest) = bytes.strip_prefix(MAGIC) else {
        return Err(Error::new(
            Code::InvalidProfile,
            "not a compiled profile of this version",
        ));
    };
    let mut input = Reader(rest);
    read_profile(&mut input)
        .filter(|profile| input.0.is_empty() && numbers_hold(profile))
        .ok_or_else(|| {
            Error::new(
                Code::InvalidProfile,
                "a compiled profile that is cut short or damaged",
            )
        })
}

fn read_profile(input: &mut Reader<'_>) -> Option<Profile> {
    Some(Profile {
        id: input.text()?,
        title: input.text()?,
        description: input.text()?,
        realm: input.text()?,
        key_format: KeyFormat::checksummed(&input.text()?).ok()?,
        transports: input.list(|input| Transport::from_name(&input.text()?))?,
        scopes: input.list(|input| {
            Some(Scope {
                id: input.text()?,
                title: input.text()?,
            })
        })?,
        levels: input.list(|input| {
            Some(Level {
                id: input.text()?,
                title: input.text()?,
                help: input.text()?,
                scopes: ScopeSet::from_bits(u128::from_le_bytes(input.array()?)),
                everything: input.flag()?,
            })
        })?,
        routes: RouteTable {
            base_path: input.text()?,
            version_segment: input.flag()?,
            rules: input.list(|input| {
                let rule = RouteRule {
                    method: input.text()?,
                    pattern: input.text()?,
                    scope: input.u16()?,
                };
                (input.array()? == [NO_FLAGS]).then_some(rule)
            })?,
            nodes: read_nodes(input)?,
        },
        fields: input.list(|input| {
            Some(Field {
                name: input.text()?,
                label: input.text()?,
                help: input.text()?,
                required: input.flag()?,
                max_length: input.u16()?,
            })
        })?,
        vocabulary: input.list(|input| Some((input.text()?, input.text()?)))?,
        lifecycle: Lifecycle {
            idle_disable_days: input
                .u16()
                .map(|days| Some(days).filter(|&days| days > 0))?,
        },
    })
}

fn read_nodes(input: &mut Reader<'_>) -> Option<Vec<Node>> {
    let count = u32::from_le_bytes(input.array()?);
    let mut nodes = Vec::new();
    for _ in 0..count {
        nodes.push(Node {
            literals: input
                .list(|input| Some((input.text()?, u32::from_le_bytes(input.array()?))))?,
            parameter: input
                .array()
                .map(|node| Some(u32::from_le_bytes(node)).filter(|&node| node != NO_NODE))?,
            rules: input.list(Reader::u16)?,
        });
    }
    Some(nodes)
}

/// Whether a realm can stand between quotes in a header.
pub(super) fn realm_holds(realm: &str) -> bool {
    realm
        .bytes()
        .all(|byte| (b' '..=b'~').contains(&byte) && !b"\"\\".contains(&byte))
}

/// Whether every number names something, and the tree is sorted as matching relies on.
fn numbers_hold(profile: &Profile) -> bool {
    let routes = &profile.routes;
    let scopes = profile.scopes.len();
    let node_holds = |node: &Node| {
        let mut children = node
            .literals
            .iter()
            .map(|&(_, child)| child)
            .chain(node.parameter);
        let sorted = node
            .literals
            .is_sorted_by(|(a, _), (b, _)| (a.len(), a) < (b.len(), b));
        sorted
            && children.all(|child| (child as usize) < routes.nodes.len())
            && node
                .rules
                .iter()
                .all(|&rule| usize::from(rule) < routes.rules.len())
    };
    realm_holds(&profile.realm)
        && routes.nodes.iter().all(node_holds)
        && routes
            .rules
            .iter()
            .all(|rule| usize::from(rule.scope) < scopes)
        && profile
            .levels
            .iter()
            .all(|level| level.scopes.iter().all(|scope| usize::from(scope) < scopes))
}

struct Writer(Vec<u8>);

impl Writer {
    fn flag(&mut self, flag: bool) {
        self.0.push(u8::from(flag));
    }

    fn u32(&mut self, number: usize) {
        self.0
            .extend(u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
    }

    fn u16(&mut self, number: u16) {
        self.0.extend(number.to_le_bytes());
    }

    /// A length of 16 bits and the text. Checked profiles hold no longer ones; a longer text would be cut at a character.
    fn text(&mut self, text: &str) {
        let text = &text[..text.floor_char_boundary(usize::from(u16::MAX))];
        self.u16(u16::try_from(text.len()).unwrap_or(u16::MAX));
        self.0.extend(text.as_bytes());
    }

    fn list<T>(&mut self, items: &[T], mut item: impl FnMut(&mut Self, &T)) {
        self.u16(u16::try_from(items.len()).unwrap_or(u16::MAX));
        for each in items.iter().take(usize::from(u16::MAX)) {
            item(self, each);
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn bytes(&mut self, length: usize) -> Option<&[u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes(N)?.try_into().ok()
    }

    fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    fn flag(&mut self) -> Option<bool> {
        match self.array()? {
            [0] => Some(false),
            [1] => Some(true),
            _ => None,
        }
    }

    fn text(&mut self) -> Option<Box<str>> {
        let length = self.u16()?;
        std::str::from_utf8(self.bytes(usize::from(length))?)
            .ok()
            .map(Box::from)
    }

    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.u16()?;
        // Nothing is allocated for a count alone: each item has to be there.
        let mut items = Vec::new();
        for _ in 0..count {
            items.push(item(self)?);
        }
        Some(items)
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use crate::profile::Profile;

    #[test]
    fn compiled_and_read_back_is_the_same_profile() {
        let profile = Profile::preset("esputnik").expect("a preset");
        let bytes = profile.compile();
        let again = Profile::decode(&bytes).expect("its own bytes");
        assert_eq!(format!("{profile:?}"), format!("{again:?}"));
        assert_eq!(again.compile(), bytes);
    }

    #[test]
    fn every_cut_is_refused_and_no_flip_panics() {
        let bytes = Profile::preset("esputnik").expect("a preset").compile();
        for length in 0..bytes.len() {
            assert!(
                Profile::decode(&bytes[..length]).is_err(),
                "cut at {length}"
            );
        }
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let _ = Profile::decode(&flipped);
        }
    }
}
